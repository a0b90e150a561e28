"""Arguments and results of the job that the workers run, in shared memory."""

import numpy as np
import numpy.typing as npt

from core.training import shared_memory
from core.training.training_set import Rows


class SharedJob:
    """Arguments and results of the current job, in shared memory.

    Attributes:
        rows: indices of a batch.
        labels: labels of the batch.
        numbers: other arguments of a job.
        results: two sums for every shard.
        abandoned: whether evaluations must end.
    """

    def __init__(self, batch_size: int, shards: int) -> None:
        self.rows: Rows = shared_memory.zeros((batch_size,), np.int64)
        self.labels: Rows = shared_memory.zeros((batch_size,), np.int64)
        self.numbers: npt.NDArray[np.float64] = shared_memory.zeros((4,), np.float64)
        self.results: npt.NDArray[np.float64] = shared_memory.zeros((shards, 2), np.float64)
        self.abandoned: Rows = shared_memory.zeros((1,), np.int64)

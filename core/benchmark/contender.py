"""The contenders of a benchmark, and this project's own one."""

from contextlib import AbstractContextManager
from typing import Protocol

from threadpoolctl import threadpool_limits

from core.config.experiment import Experiment
from core.data.dataset import Dataset
from core.training.trainer import Trainer


class Contender(Protocol):
    """One implementation of the updates of a run."""

    def block(self) -> AbstractContextManager[object]:
        """Return a context with the thread settings of this contender."""

    def update(self, number: int) -> None:
        """Run one full update, counted from 0."""

    def loss(self) -> float:
        """Return the (smoothed) loss of the latest update, or NaN without training."""

    def close(self) -> None:
        """Release the threads."""


class Ours:
    """This project's network, run exactly as in a training."""

    def __init__(self, experiment: Experiment, dataset: Dataset, threads: int) -> None:
        # Single updates record nothing.
        self.trainer = Trainer(experiment.changed(health="off"), dataset, threads)
        self._loss = float("nan")
        tensors = self.trainer.engine.network.tensors()
        self.start = {name: tensor.copy() for name, (tensor, _) in tensors.items()}
        """Initial values of the tensors by name, in this project's shapes."""

    def block(self) -> AbstractContextManager[object]:
        """Limit BLAS to one thread per shard."""
        limits: AbstractContextManager[object] = threadpool_limits(1, user_api="blas")
        return limits

    def update(self, number: int) -> None:
        """Run one update as in a training; the schedule repeats after its end."""
        self._loss = self.trainer.step(number % self.trainer.plan.updates).smoothed

    def loss(self) -> float:
        """Return the loss of the latest update."""
        return self._loss

    def close(self) -> None:
        """End the workers."""
        self.trainer.engine.close()

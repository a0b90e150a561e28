"""What takes part in a measurement."""

from contextlib import AbstractContextManager
from typing import Protocol

from threadpoolctl import threadpool_limits

from core.config.experiment import Experiment
from core.data.dataset import Dataset
from core.training.trainer import Trainer


class Contender(Protocol):
    """One way to take the updates of a run."""

    def block(self) -> AbstractContextManager[object]:
        """Return what has to be set while it runs."""

    def update(self, number: int) -> None:
        """Take one full update, counted from 0."""

    def loss(self) -> float:
        """Return the (smoothed) loss of the latest update, NaN where nothing is learned."""

    def close(self) -> None:
        """Let go of threads."""


class Ours:
    """This project's network, exactly as a training runs it."""

    def __init__(self, experiment: Experiment, dataset: Dataset, threads: int) -> None:
        self.trainer = Trainer(experiment, dataset, threads)
        self._loss = float("nan")
        tensors = self.trainer.engine.network.tensors()
        self.start = {name: tensor.copy() for name, (tensor, _) in tensors.items()}
        """The starting values by name, in this project's shapes."""

    def block(self) -> AbstractContextManager[object]:
        """Keep BLAS to one thread for each shard."""
        limits: AbstractContextManager[object] = threadpool_limits(1, user_api="blas")
        return limits

    def update(self, number: int) -> None:
        """Take one update as the training does; after the last of the schedule comes the first."""
        self._loss = self.trainer.step(number % self.trainer.plan.updates).smoothed

    def loss(self) -> float:
        """Return the loss of the latest update."""
        return self._loss

    def close(self) -> None:
        """End the threads of the shards."""
        self.trainer.engine.close()

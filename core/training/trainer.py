"""The loop: mini-batch gradient descent, read from top to bottom."""

import os
from collections.abc import Callable
from math import isfinite
from time import perf_counter
from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from core.build import plan, shard_sizes
from core.data.dataset import Dataset
from core.experiment import Experiment
from core.nn.init import initialise
from core.seeding import Stream, generator
from core.training.arrangement import Arrangement
from core.training.control import Control
from core.training.events import (
    Evaluated,
    Event,
    Failed,
    Finished,
    Paused,
    Result,
    Resumed,
    Started,
    UpdateDone,
)
from core.training.feed import Feed
from core.training.shards import ShardedNetwork

Emit = Callable[[Event], None]


def default_threads() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Step(NamedTuple):
    """What one update found, before it changed the weights."""

    rate: float
    loss: float
    """Plain cross-entropy of the mini-batch."""
    smoothed: float
    """Cross-entropy against the smoothed labels."""
    penalty: float
    """The L2 term."""

    @property
    def cost(self) -> float:
        """What the update descends on."""
        return self.smoothed + self.penalty


class Trainer:
    """One run: made, run once, and then asked for its weights.

    Args:
        experiment: what to run.
        dataset: on which data.
        threads: how many to use at most; None takes the cores there are. Changes the time, never
            the result.

    Raises:
        SettingError: if the architecture is impossible.
    """

    def __init__(
        self, experiment: Experiment, dataset: Dataset, threads: int | None = None
    ) -> None:
        self.experiment = experiment
        self.dataset = dataset
        self.plan = plan(experiment, dataset.name, len(dataset.train))
        self.feed = Feed(experiment, dataset, Arrangement(self.plan.layers))
        self.engine = ShardedNetwork(
            self.plan.layers,
            shard_sizes(experiment),
            experiment.dtype,
            self.feed.normaliser,
            threads or default_threads(),
        )
        initialise(self.engine.network, generator(experiment.seed, Stream.INITIALISATION))
        self.sample = self.feed.sample()
        """The training images that evaluations use."""
        self.engine.know(
            self.feed.data, self.sample, dataset.train, dataset.validation, dataset.test
        )
        self.updates_done = 0
        self.seconds = 0.0

    def run(self, control: Control, emit: Emit) -> Finished | Failed:
        """Train until the schedule ends, `control` says stop, or the loss is no longer finite.

        Args:
            control: asked once per update.
            emit: told everything that happens; called on this thread and not to block.

        Returns:
            The last event told.
        """
        emit(
            Started(
                dataset=self.dataset.name,
                source=self.dataset.source,
                parameters=self.plan.parameters,
                updates=self.plan.updates,
                updates_per_epoch=self.plan.updates_per_epoch,
                batch_size=self.experiment.batch_size,
            )
        )
        # Each shard has a core to itself: BLAS threads on top of that only get in the way.
        with (
            threadpool_limits(1, user_api="blas"),
            np.errstate(over="ignore", invalid="ignore"),
        ):
            try:
                failed = self._train(control, emit)
                last = failed or Finished(self._result(), self.updates_done < self.plan.updates)
            finally:
                self.engine.close()
        emit(last)
        return last

    def step(self, update: int) -> Step:
        """Take one update, counted from 0; a step whose loss is not finite changes nothing."""
        experiment, rate = self.experiment, self.plan.schedule.rate(update)
        rows = self.feed.rows(update)
        sums = self.engine.learn(self.feed.data, rows, experiment.label_smoothing)
        smoothed, penalty = float(sums.smoothed) / len(rows), float("nan")
        if isfinite(smoothed):
            penalty = self.engine.descend(rate, experiment.weight_decay)
        return Step(rate, float(sums.plain) / len(rows), smoothed, penalty)

    def _train(self, control: Control, emit: Emit) -> Failed | None:
        total, every = self.plan.updates, self.experiment.evaluate_every
        loss = rate = float("nan")
        evaluated = 0
        started = perf_counter()
        for update in range(total):
            if control.paused:
                self.seconds += perf_counter() - started
                emit(Paused(update))
                control.wait()
                emit(Resumed(update))
                started = perf_counter()
            if control.stopping:
                break
            step = self.step(update)
            rate = step.rate
            finite = isfinite(step.cost)
            if finite:
                loss = step.loss
                self.updates_done = update + 1
                emit(UpdateDone(update + 1, rate, loss, step.cost))
                if self.updates_done % every == 0:
                    finite = self._evaluate(emit)
                    evaluated = self.updates_done
            if not finite:
                self.seconds += perf_counter() - started
                return Failed(update + 1, _diverged(update + 1, rate, loss))
        # The curves end where the result is measured, wherever that is.
        finite = evaluated == self.updates_done or self._evaluate(emit)
        self.seconds += perf_counter() - started
        return (
            None if finite else Failed(self.updates_done, _diverged(self.updates_done, rate, loss))
        )

    def _evaluate(self, emit: Emit) -> bool:
        """Tell how the network does after the updates so far; False if that is not finite."""
        train = self.engine.evaluate(self.sample)
        validation = self.engine.evaluate(self.dataset.validation)
        if not isfinite(train.loss + validation.loss):
            return False
        emit(
            Evaluated(
                self.updates_done,
                train.loss,
                train.accuracy,
                validation.loss,
                validation.accuracy,
            )
        )
        return True

    def _result(self) -> Result:
        train = self.engine.evaluate(self.dataset.train)
        validation = self.engine.evaluate(self.dataset.validation)
        test = self.engine.evaluate(self.dataset.test)
        return Result(
            preset=self.experiment.name,
            dataset=self.dataset.name,
            seed=self.experiment.seed,
            updates=self.updates_done,
            seconds=self.seconds,
            parameters=self.plan.parameters,
            train_accuracy=train.accuracy,
            validation_accuracy=validation.accuracy,
            test_accuracy=test.accuracy,
            train_loss=train.loss,
            validation_loss=validation.loss,
        )


def _diverged(update: int, rate: float, last_good: float) -> str:
    before = "before the first update" if last_good != last_good else f"last loss {last_good:.4g}"
    return (
        f"the loss is no longer finite at update {update:,} with rate {rate:.3g} ({before}); "
        "try a lower highest rate"
    )

"""The training loop: mini-batch gradient descent with evaluations, pauses and edits."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from math import isfinite
from time import perf_counter

import numpy as np
from threadpoolctl import threadpool_limits

from core.config.experiment import Experiment
from core.data.dataset import Dataset
from core.nn.arrays import Array
from core.nn.init import initialise
from core.plan import PROBE_IMAGES, optimiser_rule, plan, shard_sizes
from core.seeding import Stream, generator
from core.settings import SettingError, Value
from core.system import available_cores
from core.training.control import Control
from core.training.evaluation import Evaluator
from core.training.events import (
    Edited,
    EditNotSavedError,
    EditRefused,
    Event,
    Failed,
    Finished,
    Paused,
    Resumed,
    Started,
    UpdateDone,
)
from core.training.health import HealthProbe
from core.training.health_columns import is_due
from core.training.loader import DataLoader
from core.training.shards import ShardedNetwork
from core.training.state import State, Step
from core.training.timeline import Timeline

Emit = Callable[[Event], None]


class Trainer:
    """Trains one network; call `run` once, then read the weights with `state`.

    After a suspension `run` may be called again, which continues; then call `close` at the end.

    Args:
        timeline: the settings and their edits, or an experiment without edits.
        dataset: the data.
        threads: maximum number of threads; None uses all available cores. Affects the time, never
            the result.

    Raises:
        SettingError: if the architecture is impossible.
    """

    def __init__(
        self, timeline: Timeline | Experiment, dataset: Dataset, threads: int | None = None
    ) -> None:
        self.timeline = Timeline(timeline) if isinstance(timeline, Experiment) else timeline
        self.experiment = experiment = self.timeline.experiment
        self.dataset = dataset
        self.plan = plan(experiment, dataset.name, len(dataset.train))
        self.threads = threads = threads or available_cores()
        self.loader = DataLoader(experiment, dataset, self.plan.prepared.layout, threads)
        self.engine = ShardedNetwork(
            self.plan.prepared,
            shard_sizes(experiment),
            experiment.dtype,
            self.loader.normaliser,
            threads,
            optimiser_rule(experiment),
            experiment.seed,
        )
        initialise(self.engine.network, generator(experiment.seed, Stream.INITIALISATION))
        self.sample = self.loader.sample()
        """The training images used in evaluations."""
        self.engine.register_datasets(
            self.sample, dataset.train, dataset.validation, dataset.test, training=self.loader.data
        )
        self._evaluator = Evaluator(self.engine, self.sample, dataset)
        self.health = self._health_probe()
        """Measures how well the training is; None if that is not recorded."""
        self.updates_done = 0
        self.seconds = 0.0
        self._evaluated = 0
        """Number of updates at the latest evaluation, or -1 if a due evaluation is missing."""
        self._apply_timeline(self.timeline)

    def state(self) -> State:
        """Return a copy of the current state."""
        tensors, optimiser = (
            {name: value.copy() for name, value in arrays.items()}
            for arrays in (self._tensors(), self.engine.optimiser.state)
        )
        return State(self.updates_done, self.seconds, tensors, optimiser)

    def restore(self, state: State, evaluated: bool = True) -> None:
        """Restore the state of a run with the same timeline.

        Args:
            state: the state to restore.
            evaluated: whether the evaluation that is due in this state, if any, was emitted.

        Raises:
            ValueError: if the tensors do not match this network, or the vectors do not match this
                optimiser.
        """
        state.copy_into(self._tensors(), self.engine.optimiser.state)
        self.updates_done, self.seconds = state.updates, state.seconds
        emitted = self._due() and (evaluated or not state.updates)
        self._evaluated = state.updates if emitted else -1
        self._apply_timeline(self.timeline)

    def run(
        self, control: Control, emit: Emit, on_step_end: Callable[[], None] = lambda: None
    ) -> Finished | Failed:
        """Train until the schedule ends, `control` requests a stop, or the loss is not finite.

        The workers end with it, unless the training is suspended.

        Args:
            control: read once per update.
            emit: callback for every event; called on this thread and must not block.
            on_step_end: callback after every update and its evaluation, in which `state` may be
                called; must not block either.

        Returns:
            The last event.
        """
        emit(
            Started(
                dataset=self.dataset.name,
                source=self.dataset.source,
                parameters=self.plan.parameters,
                updates=self.timeline.updates,
                updates_per_epoch=self.plan.updates_per_epoch,
                batch_size=self.experiment.batch_size,
                done=self.updates_done,
                evaluate_every=self.experiment.evaluate_every,
                health=self.health.columns if self.health else (),
            )
        )
        with self.working(control), control.when_interrupted(self.engine.abandon):
            failed = self._train(control, emit, on_step_end)
            result = None
            if not (failed or control.interrupted or control.suspended):
                result = self._evaluator.result(
                    self.experiment, self.plan.parameters, self.updates_done, self.seconds
                )
            # An interruption may have come meanwhile and cut the evaluations short.
            result = None if control.interrupted else result
            control.noticed = control.stopping
            stopped = result is None or self.updates_done < self.timeline.updates
            last = failed or Finished(result, stopped)
        emit(last)
        return last

    def close(self) -> None:
        """End the workers."""
        self.engine.close()

    @contextmanager
    def working(self, control: Control | None = None) -> Iterator[None]:
        """Configure BLAS and NumPy for updates; end the workers on exit.

        Args:
            control: keeps the workers if it is suspended by then.
        """
        # Each shard has its own core: additional BLAS threads would only slow it down.
        with (
            threadpool_limits(1, user_api="blas"),
            np.errstate(over="ignore", invalid="ignore"),
        ):
            complete = False
            try:
                yield
                complete = True
            finally:
                if not (complete and control is not None and control.suspended):
                    self.close()

    def step(self, update: int, rate: float | None = None) -> Step:
        """Run one update; if its loss is not finite, the weights do not change.

        Args:
            update: index of the update, from 0.
            rate: learning rate; None uses the schedule.
        """
        settings = self._settings
        if rate is None:
            rate = self.timeline.schedule.rate(update)
        rows = self.loader.rows(update)
        sums = self.engine.forward_backward(
            self.loader.data, rows, settings.label_smoothing, update
        )
        smoothed, penalty = float(sums.smoothed) / len(rows), float("nan")
        if isfinite(smoothed):
            penalty = self.engine.optimiser_step(
                rate, settings.weight_decay, update, settings.clip_norm
            )
        return Step(rate, float(sums.plain) / len(rows), smoothed, penalty)

    def _train(
        self, control: Control, emit: Emit, on_step_end: Callable[[], None]
    ) -> Failed | None:
        loss = rate = float("nan")
        finite, started = True, perf_counter()
        # In a resumed run, the interruption may have skipped an evaluation that was due.
        if self._due() and self._evaluated != self.updates_done:
            finite = self._evaluate(control, emit)
        while True:
            if control.paused or control.edits:
                self.seconds += perf_counter() - started
                self._handle_pause(control, emit)
                started = perf_counter()
            update = self.updates_done
            if not finite or control.stopping or update >= self.timeline.updates:
                break
            if update == self._next_edit:
                self._apply_timeline(self.timeline)
            probe = self.health if is_due(update + 1, self.experiment.health) else None
            if probe is not None:
                probe.before()
            step = self.step(update)
            rate = step.rate
            now = perf_counter()
            self.seconds, started = self.seconds + now - started, now
            finite = isfinite(step.cost)
            if finite:
                loss = step.loss
                self.updates_done = update + 1
                if probe is not None:
                    emit(probe.after(update + 1, self.engine.gradients))
                emit(UpdateDone(update + 1, rate, loss, step.cost, self.seconds))
                if self._due():
                    finite = self._evaluate(control, emit)
            if not finite:
                self.seconds += perf_counter() - started
                return Failed.diverged(update + 1, rate, loss)
            on_step_end()
        # The curves must end at the update at which the result is measured.
        if finite and not control.suspended and self._evaluated != self.updates_done:
            finite = self._evaluate(control, emit)
        self.seconds += perf_counter() - started
        return None if finite else Failed.diverged(self.updates_done, rate, loss)

    def _handle_pause(self, control: Control, emit: Emit) -> None:
        """Apply edits, and wait while the training is paused."""
        was_paused = control.paused
        if was_paused:
            emit(Paused(self.updates_done))
        while control.paused or control.edits:
            while control.edits:
                self._edit(control.edits.popleft(), emit)
            if was_paused:
                control.wait()
            else:
                break
        if was_paused:
            emit(Resumed(self.updates_done))

    def _edit(self, changes: Mapping[str, Value], emit: Emit) -> None:
        """Change settings from the next update on, if the edit is valid and could be saved."""
        try:
            timeline = self.timeline.edited(self.updates_done, changes)
            edit = next(
                edit for edit in reversed(timeline.edits) if edit.update == self.updates_done
            )
            emit(Edited(edit, timeline.updates))
        except (SettingError, EditNotSavedError) as error:
            emit(EditRefused(self.updates_done, str(error)))
        else:
            self._apply_timeline(timeline)

    def _apply_timeline(self, timeline: Timeline) -> None:
        """Set the timeline and the settings of the next update."""
        self.timeline, update = timeline, self.updates_done
        self.cycle_ends = frozenset(timeline.schedule.boundaries)
        """Numbers of updates after which cycles end, and 0."""
        self._settings = timeline.at(update)
        later = (edit.update for edit in timeline.edits if edit.update > update)
        self._next_edit = next(later, -1)

    def _health_probe(self) -> HealthProbe | None:
        if self.experiment.health == "off":
            return None
        return HealthProbe(
            self.plan.layers,
            self.engine.parameters,
            self.engine.statistics,
            self.sample.images[:PROBE_IMAGES],
            self.loader.normaliser,
        )

    def _tensors(self) -> dict[str, Array]:
        return {name: value for name, (value, _) in self.engine.network.tensors().items()}

    def _due(self) -> bool:
        """Return whether an evaluation is due after the updates so far."""
        return self.updates_done % self.experiment.evaluate_every == 0

    def _evaluate(self, control: Control, emit: Emit) -> bool:
        """Evaluate the network and emit the result; return False if the loss is not finite.

        An interruption ends the evaluation without an event.
        """
        if control.interrupted:
            return True
        event = self._evaluator.evaluated(self.updates_done)
        if control.interrupted:
            return True
        self._evaluated = self.updates_done
        if not isfinite(event.train_loss + event.validation_loss):
            return False
        emit(event)
        return True

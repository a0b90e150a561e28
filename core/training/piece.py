"""A training in pieces: from one state to another, wherever each of them runs.

A piece is a function of its arguments alone, so it may run in any process, and again if its process
was lost. Pieces one after another give, to the bit, the points and the weights of a run that was
never cut, however it is cut; only the seconds differ.

A process keeps the trainer of its last piece, because building one takes longer than many updates.
That never shows in a result: a kept trainer is put into the given state, as a new one is.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import inf
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt

from core import memory, system
from core.data.dataset import Dataset
from core.training.control import Control
from core.training.events import Evaluated, Event, Failed, Finished, Result
from core.training.history import History
from core.training.state import State
from core.training.timeline import Timeline
from core.training.trainer import Trainer

MAX_UPDATES = 5_000
"""Maximum number of updates of a piece, which limits what it returns."""

_ONE_AT_A_TIME = threading.Lock()
"""Held while a piece is trained: the number of BLAS threads, which changes the last bits of a
product, is one for the whole process."""

_kept: list[Trainer] = []
"""The trainer of the last piece, or none."""

Points = npt.NDArray[np.float64]


@dataclass(frozen=True)
class PieceResult:
    """What a piece has trained; it can be pickled."""

    points: Mapping[str, Points]
    """New rows of every table of `History`, by its name, each (columns, rows)."""
    state: State
    """The state at its end; for a diverged training, that of the last update that counts."""
    evaluated: bool
    """Whether the evaluation that is due in this state, if any, is among the rows. It is missing
    only after an interruption; the next piece, which is told so, makes up for it."""
    best: State | None
    """The state at the best of its evaluations, if that is better than all before the piece."""
    result: Result | None
    """The result of the run, if it ends with this piece; see `Dataset.without_test`."""
    failed: Failed | None
    """Why the run cannot go on, if it diverged."""
    seconds: float
    """Duration of the piece, in which a trainer may have been built."""
    machine: Mapping[str, Any]
    """Where it was trained, see `core.system.Machine`."""

    @property
    def finished(self) -> bool:
        """Whether the run is complete, with its result."""
        return self.result is not None


def train_piece(
    dataset: Dataset,
    timeline: Timeline,
    state: State | None,
    until: int,
    *,
    seconds: float = inf,
    evaluated: bool = True,
    best: float = -inf,
    threads: int = 1,
    control: Control | None = None,
) -> PieceResult:
    """Train a run from `state` on, for at least one update unless it is complete.

    One piece at a time is trained in a process; others wait for it.

    Args:
        dataset: the data, usually `without_test`.
        timeline: the settings of the run and their edits.
        state: where the piece begins; None for a new run.
        until: number of updates of the run at which the piece ends. It ends earlier after
            `MAX_UPDATES` updates.
        seconds: duration after which it ends before its next update, without what it takes to build
            a trainer.
        evaluated: `PieceResult.evaluated` of the piece before.
        best: best validation accuracy of the run so far.
        threads: maximum number of threads; with more than one there are worker processes, which
            live until `release` or the end of this process. Affects the time, never the result.
        control: ends the piece early, within an update if it is interrupted. It belongs to this
            piece alone, which suspends it at its end.

    Raises:
        SettingError: if the architecture is impossible.
        ValueError: if the state is that of other settings, or has reached `until` already while
            the run goes on.
    """
    begun = perf_counter()
    done = 0 if state is None else state.updates
    if until <= done < timeline.updates:
        raise ValueError(f"a piece from update {done:,} on cannot end at {until:,}")
    control = control or Control()
    with _ONE_AT_A_TIME:
        trainer = _take(timeline, dataset, threads) if state is not None else None
        if trainer is None:
            _drop()
            trainer = Trainer(timeline, dataset, threads)
        if state is not None:
            trainer.restore(state, evaluated)
        # From here on: what building takes must not leave a piece without updates.
        deadline = perf_counter() + seconds
        piece = _Piece(trainer, control, min(until, done + MAX_UPDATES), deadline, best)
        last = trainer.run(control, piece.on_event, piece.on_step_end)
        # After an interruption it evaluates nothing any more, and otherwise its run is over.
        if control.suspended and not control.interrupted:
            _kept.append(trainer)
        return piece.result(last, evaluated, begun)


def release() -> None:
    """Let go of the kept trainer, its memory and its worker processes."""
    with _ONE_AT_A_TIME:
        _drop()


def _take(timeline: Timeline, dataset: Dataset, threads: int) -> Trainer | None:
    """Remove and return the kept trainer if it is one of this run, whatever its state."""
    for kept in _kept:
        if kept.dataset is dataset and kept.threads == threads and kept.timeline == timeline:
            _kept.clear()
            return kept
    return None


@cache
def _machine() -> Mapping[str, Any]:
    return system.describe().as_dict()


def _drop() -> None:
    for kept in _kept:
        kept.close()
    if _kept:
        _kept.clear()
        memory.trim()


class _Piece:
    """Gathers what one call of `Trainer.run` emits, and ends it in time.

    Args:
        trainer: in the state where the piece begins.
        control: that of the call.
        end: number of updates of the run at which the piece ends.
        deadline: time of `perf_counter` after which it ends.
        best: best validation accuracy before it.
    """

    def __init__(
        self, trainer: Trainer, control: Control, end: int, deadline: float, best: float
    ) -> None:
        self._trainer, self._control = trainer, control
        self._begin, self._end, self._deadline = trainer.updates_done, end, deadline
        self._every, self._total = trainer.experiment.evaluate_every, trainer.timeline.updates
        self._history = History(trainer.health.columns if trainer.health else ())
        self._highest = best
        self._best: State | None = None
        self._extra: Evaluated | None = None

    def on_event(self, event: Event) -> None:
        """Record an event, and the state if it is the best so far."""
        if isinstance(event, Evaluated):
            if event.update % self._every:
                # At the end of the run, or at a stop, which must leave no trace.
                self._extra = event
                return
            self._add(event)
        else:
            self._history.add(event)

    def on_step_end(self) -> None:
        """Suspend the training if the piece is over and the run is not."""
        done = self._trainer.updates_done
        over = done >= self._end or perf_counter() >= self._deadline or self._control.stopping
        if over and done < self._total:
            self._control.suspend()

    def result(self, last: Finished | Failed, evaluated: bool, begun: float) -> PieceResult:
        """Return the result of the piece.

        Args:
            last: how `Trainer.run` ended.
            evaluated: whether the evaluation due at the beginning was made before.
            begun: time of `perf_counter` at its beginning.
        """
        state, result = self._trainer.state(), None
        if isinstance(last, Finished) and not last.stopped:
            result = last.result
            if self._extra is not None:
                self._add(self._extra)
        due = state.updates > 0 and state.updates % self._every == 0
        if due and not (evaluated and state.updates == self._begin):
            evaluated = self._history.evaluations.last("update") == state.updates
        else:
            evaluated = True
        return PieceResult(
            points={name: table.points().copy() for name, table in self._history.tables.items()},
            state=state,
            evaluated=evaluated,
            best=self._best,
            result=result,
            failed=last if isinstance(last, Failed) else None,
            seconds=perf_counter() - begun,
            machine=_machine(),
        )

    def _add(self, event: Evaluated) -> None:
        self._history.add(event)
        if event.validation_accuracy > self._highest:
            self._highest, self._best = event.validation_accuracy, self._trainer.state()

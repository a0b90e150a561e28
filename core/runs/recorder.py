"""What happens in one run, on its way to the disk."""

import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from core.errors import StoreError
from core.runs import points as pieces
from core.runs import queries
from core.runs.checkpoint import Checkpoint
from core.runs.folder import RunFolder
from core.runs.lock import RunLock
from core.runs.points import Points
from core.runs.records import Run, RunState
from core.runs.store import Store
from core.training.events import (
    Edited,
    Evaluated,
    Event,
    Failed,
    Finished,
    NotKeptError,
    Paused,
    Resumed,
    UpdateDone,
)
from core.training.history import History
from core.training.trainer import Trainer

CHECKPOINT_EVERY = 10.0
"""Seconds of training from one checkpoint to the next, at most."""
EDIT_TIMEOUT_S = 10.0
"""Seconds in which the end of a run is tried to be written where the disk refuses."""


class Recorder:
    """Keeps a run while it trains. `hear` and `between` belong to its thread.

    Args:
        store: where to.
        run: as it is recorded so far.
        lock: on its folder.
        trainer: asked for its state.
        history: has every point before it is to be written.
        later: points by kind that were recorded before an interruption and will be taken again.
        events: those that are recorded.
        every: seconds from one checkpoint to the next.
    """

    def __init__(
        self,
        store: Store,
        run: Run,
        lock: RunLock,
        trainer: Trainer,
        history: History,
        later: dict[str, Points] | None = None,
        events: Sequence[queries.Event] = (),
        every: float = CHECKPOINT_EVERY,
    ) -> None:
        self.run = run
        self.committed = len(history.updates)
        """Updates whose points are on the disk."""
        self._store, self._run_lock, self._trainer, self._history = store, lock, trainer, history
        self._folder = RunFolder(store.folder(run))
        self._later = later or {}
        self._rows = {kind: len(table) for kind, table in history.tables.items()}
        self._writing = dict(self._rows)
        self._events = list(events)
        self._every, self._due = every, time.monotonic() + every
        self._best = self._best_of_run()
        self._pending: tuple[Checkpoint | None, Checkpoint | None] = None, None
        """The best and the last checkpoint that are to be written."""
        self._lock = threading.Lock()

    # On the thread of the training

    def on_event(self, event: Event) -> None:
        """Take an event that the history has, but for `Edited`, which comes here first.

        Raises:
            NotKeptError: if an edit cannot be written.
        """
        if isinstance(event, UpdateDone):
            return
        match event:
            case Edited(edit=edit, updates=updates):
                content = {"changes": dict(edit.changes), "updates": updates}
                try:
                    self._record(edit.update, "edited", content, fork=True, total=updates)
                except StoreError as error:
                    raise NotKeptError(f"not taken, for it cannot be kept: {error}") from None
            case Paused(update=update):
                self._offer(RunState.PAUSED, update, "paused")
                self._checkpoint()
            case Resumed(update=update):
                self._offer(RunState.RUNNING, update, "went on")
            case Evaluated():
                best = self._best_of_run()
                if best is not None and best != self._best:
                    self._best, snapshot = best, self._snapshot()
                    with self._lock:
                        self._pending = snapshot, self._pending[1]

    def on_step_end(self) -> None:
        """Take a checkpoint if one is due: called between two updates."""
        now = time.monotonic()
        if now >= self._due or self._trainer.updates_done in self._trainer.cycle_ends:
            self._due = now + self._every
            self._checkpoint()

    def finish(self, last: Finished | Failed) -> None:
        """Write how the run ended, and all that is not written yet.

        Raises:
            StoreError: if that cannot be done within `EDIT_TIMEOUT_S`.
        """
        if isinstance(last, Finished):
            self._checkpoint()
            state = RunState.STOPPED if last.stopped else RunState.FINISHED
            update, reason = self._trainer.updates_done, ""
            result = None if last.result is None else last.result.as_dict()
        else:
            state, update, reason, result = RunState.FAILED, last.update, last.reason, None
        end = time.monotonic() + EDIT_TIMEOUT_S
        self._insist(end, self._store.writer.flush)
        self._insist(
            end,
            lambda: self._record(
                update,
                state.value,
                {},
                fork=True,
                state=state,
                reason=reason,
                result=result,
                ended=time.time(),
                seconds=self._trainer.seconds,
            ),
        )

    def _offer(self, state: RunState, update: int, kind: str) -> None:
        """Record a state that nobody waits for."""
        try:
            self._record(update, kind, {}, state=state)
        except StoreError as error:
            # Points will come again, and say so if they cannot be written either.
            self._store.writer.trouble = str(error)

    def _insist(self, end: float, work: Callable[[], None]) -> None:
        while True:
            try:
                return work()
            except StoreError as error:
                if time.monotonic() >= end:
                    raise StoreError(
                        f"the end of {self.run.id} is not kept: {error}; "
                        f"`convsole resume {self.run.id}` goes on from its last checkpoint"
                    ) from None
            time.sleep(0.2)

    def _checkpoint(self) -> None:
        snapshot = self._snapshot()
        with self._lock:
            self._pending = self._pending[0], snapshot

    def _snapshot(self) -> Checkpoint:
        trainer, normaliser = self._trainer, self._trainer.loader.normaliser
        return Checkpoint(
            self.run.id, trainer.timeline, trainer.state(), normaliser.mean, normaliser.deviation
        )

    def _record(
        self, update: int, kind: str, content: dict[str, Any], *, fork: bool = False, **changes: Any
    ) -> None:
        """Record an event and return when it is on the disk.

        Args:
            update: after how many updates.
            kind: what it is.
            content: what is to be known of it.
            fork: whether what was recorded for later updates will never come again.
            changes: columns of the run that change with it.
        """
        before = self._later, self._rows

        def job(connection: sqlite3.Connection) -> Run:
            if fork:
                self._forget_later(connection)
            self._points(connection)
            run = queries.add_event(connection, self._line(connection), update, kind, content)
            return queries.change(connection, run.number, **changes)

        def ended(kept: bool) -> None:
            if kept:
                self._events.append(queries.Event(time.time(), update, kind, content))
                self.written()
            else:
                self._later, self._rows = before

        self.run = self._store.writer.do(job, ended)

    # On the writer's thread

    def write(self, connection: sqlite3.Connection, anew: bool) -> None:
        """Write what is new, within a transaction."""
        if anew:
            self._begin_anew(connection)
        if self._points(connection):
            self.run = self._line(connection)

    def written(self) -> None:
        """Note that what was written is on the disk."""
        self._rows = dict(self._writing)
        self.committed = self._rows["updates"]

    def save(self) -> None:
        """Write the checkpoints whose points are on the disk, the best before the last.

        So a run that goes on from the last has the best of what was before it.
        """
        with self._lock:
            best, last = self._pending
        if last is None or last.state.updates > self.committed:
            return
        if not self._folder.path.is_dir():
            self._folder.ensure(self._trainer.experiment)
            self._run_lock.reacquire()
        if best is not None:
            self._folder.keep_best(best)
        self._folder.keep(last)
        with self._lock:  # where there are newer ones meanwhile, those stay
            now = self._pending
            self._pending = (
                None if now[0] is best else now[0],
                None if now[1] is last else now[1],
            )

    def _points(self, connection: sqlite3.Connection) -> bool:
        """Write the chunks with points that are not on the disk yet."""
        self._writing = dict(self._rows)
        for kind, table in self._history.tables.items():
            points, done = table.points(), self._rows[kind]
            if points.shape[1] == done:
                continue
            first, last = int(points[0, done]), int(points[0, -1])
            for number in range(pieces.number_of(first), pieces.number_of(last) + 1):
                whole = pieces.merge(
                    pieces.part(points, number), pieces.part(self._old(kind), number)
                )
                queries.write_chunk(connection, self.run, kind, number, whole)
            self._writing[kind] = points.shape[1]
        return self._writing != self._rows

    def _line(self, connection: sqlite3.Connection) -> Run:
        """Bring the line of the run up to the points that are being written."""
        best = self._best_of_run()
        counts = {
            kind: pieces.count(table.points()[:, : self._writing[kind]], self._old(kind))
            for kind, table in self._history.tables.items()
        }
        return queries.change(
            connection,
            self.run.number,
            updates=counts["updates"],
            evaluations=counts["evaluations"],
            seconds=self._history.updates.last("seconds") if counts["updates"] else 0.0,
            best_accuracy=best[0] if best else None,
            best_update=best[1] if best else None,
        )

    def _best_of_run(self) -> tuple[float, int] | None:
        trainer = self._trainer
        return self._history.best_undisturbed(
            trainer.experiment.evaluate_every, trainer.timeline.updates
        )

    def _old(self, kind: str) -> Points:
        found = self._later.get(kind)
        return np.empty((len(self._history.tables[kind].columns), 0)) if found is None else found

    def _forget_later(self, connection: sqlite3.Connection) -> None:
        """Remove what was recorded beyond this update, for it will come out otherwise."""
        if not self._later:
            return
        self._later, self._rows = {}, dict(self._rows)
        number = pieces.number_of(max(1, len(self._history.updates)))
        queries.drop_chunks(connection, self.run, number)
        for kind, table in self._history.tables.items():
            kept = int(np.searchsorted(table.points()[0], number * pieces.CHUNK, side="right"))
            # Points of earlier chunks may not have been written yet.
            self._rows[kind] = min(self._rows[kind], kept)

    def _begin_anew(self, connection: sqlite3.Connection) -> None:
        """Write the run from its beginning: its folder was deleted while it trained."""
        self._folder.ensure(self._trainer.experiment)
        self._run_lock.reacquire()
        self.run = queries.add(connection, replace(self.run, events=0))
        for _, update, kind, content in self._events:
            self.run = queries.add_event(connection, self.run, update, kind, content)
        self._rows = dict.fromkeys(self._rows, 0)
        self._checkpoint()

"""The recorder: writes the events, points and checkpoints of a run while it trains."""

import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from core.errors import StoreError
from core.runs import queries
from core.runs.checkpoint import Checkpoint
from core.runs.folder import RunFolder, RunLock
from core.runs.pending import Kind, PendingCheckpoints
from core.runs.point_writer import PointWriter
from core.runs.points import Points
from core.runs.records import Event, Run, RunState
from core.runs.store import Store
from core.training import events
from core.training.events import (
    Edited,
    EditNotSavedError,
    Evaluated,
    Failed,
    Finished,
    Paused,
    Resumed,
)
from core.training.history import History
from core.training.trainer import Trainer

CHECKPOINT_EVERY = 10.0
"""Maximum seconds of training between two checkpoints."""
END_TIMEOUT_S = 10.0
"""Seconds to retry writing the end of a run if the disk returns errors."""


class Recorder:
    """Records a run while it trains.

    `on_event`, `on_step_end` and `finish` are called on the training thread, the methods of
    `Source` on the writer thread.

    Args:
        store: the store to write to.
        run: the record of the run so far.
        lock: the lock on its folder.
        trainer: the trainer whose state is saved in checkpoints.
        history: the history that the points are read from.
        later: points by kind that were recorded before an interruption and will be computed again.
        recorded: the events of the run so far.
        every: seconds between two checkpoints.
    """

    def __init__(
        self,
        store: Store,
        run: Run,
        lock: RunLock,
        trainer: Trainer,
        history: History,
        later: dict[str, Points] | None = None,
        recorded: Sequence[Event] = (),
        every: float = CHECKPOINT_EVERY,
    ) -> None:
        self.run = run
        self.committed = len(history.updates)
        """Number of updates whose points are on the disk."""
        self._store, self._run_lock, self._trainer, self._history = store, lock, trainer, history
        self._folder = RunFolder(store.folder(run))
        self._points = PointWriter(run, history, lambda: trainer.timeline, later)
        self._events = list(recorded)
        self._every, self._due = every, time.monotonic() + every
        self._best = self._points.best_of_run()
        self._pending = PendingCheckpoints()

    # On the training thread

    def on_event(self, event: events.Event) -> None:
        """Record an event. The history must already contain it, unless it is an `Edited`.

        Raises:
            EditNotSavedError: if an edit cannot be written.
        """
        match event:
            case Edited(edit=edit, updates=updates):
                content = {"changes": dict(edit.changes), "updates": updates}
                try:
                    self._record(edit.update, "edited", content, fork=True, total=updates)
                except StoreError as error:
                    raise EditNotSavedError(f"not taken, for it cannot be kept: {error}") from None
            case Paused(update=update):
                self._record_state(RunState.PAUSED, update, "paused")
                self._checkpoint()
            case Resumed(update=update):
                self._record_state(RunState.RUNNING, update, "went on")
            case Evaluated():
                best = self._points.best_of_run()
                if best is not None and best != self._best:
                    self._best = best
                    self._pending.add("best", self._snapshot())

    def on_step_end(self) -> None:
        """Take a checkpoint if one is due, and one to keep after every mark of the run."""
        now = time.monotonic()
        if self._trainer.updates_done in self._trainer.timeline.kept_marks:
            self._keep()
        if now >= self._due or self._trainer.updates_done in self._trainer.cycle_ends:
            self._due = now + self._every
            self._checkpoint()

    def finish(self, last: Finished | Failed) -> None:
        """Write how the run ended, and everything that is not written yet.

        Raises:
            StoreError: if it cannot be written within `END_TIMEOUT_S`.
        """
        if isinstance(last, Finished):
            self._checkpoint()
            state = RunState.STOPPED if last.stopped else RunState.FINISHED
            update, reason = self._trainer.updates_done, ""
            result = None if last.result is None else last.result.as_dict()
        else:
            state, update, reason, result = RunState.FAILED, last.update, last.reason, None
        end = time.monotonic() + END_TIMEOUT_S
        self._retry_until(end, self._store.writer.flush)
        self._retry_until(
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

    def _record_state(self, state: RunState, update: int, kind: str) -> None:
        """Record a state; if it cannot be written, only note the error."""
        try:
            self._record(update, kind, {}, state=state)
        except StoreError as error:
            # If the next points cannot be written either, the writer reports it again.
            self._store.writer.trouble = str(error)

    def _retry_until(self, end: float, work: Callable[[], None]) -> None:
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
        self._pending.add("last", self._snapshot())

    def _keep(self) -> None:
        """Take a checkpoint to keep; if too many wait, for marks are close, wait for the disk."""
        if self._pending.full("kept"):
            # If they cannot be written, the oldest is given up: they must not fill the memory.
            with suppress(StoreError):
                self._store.writer.flush()
        self._pending.add("kept", self._snapshot())

    def _snapshot(self) -> Checkpoint:
        trainer, normaliser = self._trainer, self._trainer.loader.normaliser
        return Checkpoint(
            self.run.id,
            trainer.timeline,
            trainer.state(),
            normaliser.mean,
            normaliser.deviation,
            trainer.dataset.hash,
        )

    def _record(
        self, update: int, kind: str, content: dict[str, Any], *, fork: bool = False, **changes: Any
    ) -> None:
        """Record an event, and return when it is on the disk.

        Args:
            update: the number of updates before the event.
            kind: the kind of event.
            content: its details.
            fork: whether the event invalidates what was recorded for later updates.
            changes: columns of the run that change with it.
        """
        undo = self._points.undo()

        def job(connection: sqlite3.Connection) -> Run:
            if fork:
                self._points.forget_later(connection)
            self._points.write(connection)
            run = self._points.update_run(connection)
            run = queries.add_event(connection, run, update, kind, content)
            return queries.update_run(connection, run.number, **changes)

        def on_end(committed: bool) -> None:
            if committed:
                self._events.append(Event(time.time(), update, kind, content))
                self.on_committed()
            else:
                undo()

        self.run = self._store.writer.do(job, on_end)

    # On the writer thread

    def write_points(self, connection: sqlite3.Connection, anew: bool) -> None:
        """Write the new points, within a transaction."""
        if anew:
            self._rewrite(connection)
        if self._points.write(connection):
            self.run = self._points.update_run(connection)

    def on_committed(self) -> None:
        """Note that the points that were written are on the disk."""
        self.committed = self._points.on_committed()

    def save_checkpoints(self) -> None:
        """Write the checkpoints whose points are on the disk."""
        ready = self._pending.ready(self.committed)
        if ready and not self._folder.path.is_dir():
            self._folder.ensure(self._trainer.experiment)
            self._run_lock.reacquire()
        save: dict[Kind, Callable[[Checkpoint], None]] = {
            "best": self._folder.save_best,
            "kept": self._folder.save_kept,
            "last": self._folder.save_checkpoint,
        }
        for kind, checkpoint in ready:
            save[kind](checkpoint)
            self._pending.remove(kind, checkpoint)

    def _rewrite(self, connection: sqlite3.Connection) -> None:
        """Write the whole run again: its folder was deleted while it trained."""
        self._folder.ensure(self._trainer.experiment)
        self._run_lock.reacquire()
        self.run = queries.add_run(connection, replace(self.run, events=0))
        for _, update, kind, content in self._events:
            self.run = queries.add_event(connection, self.run, update, kind, content)
        self._points.rewrite(self.run)
        self._checkpoint()

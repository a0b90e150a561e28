"""Runs that are trained elsewhere, piece by piece, and recorded here.

`core.training.piece` trains a piece, in whatever process; this module records what comes back, so
that the run is like any other: `core.runs.session` can go on with it, to the bit. The order is that
of the recorder: points are on the disk before a checkpoint that follows them, and a run has its
last checkpoint before it is recorded as finished. So a crash between two steps leaves at most
points that are computed again.
"""

import sqlite3
import time
from collections.abc import Callable, Mapping
from math import inf
from pathlib import Path
from typing import Any, TypeVar

from core import paths, system
from core.config.experiment import Experiment
from core.data.dataset import Dataset
from core.data.normalise import Normaliser
from core.errors import NotWrittenError, writing_to
from core.plan import plan
from core.runs import moves, queries, resuming
from core.runs.checkpoint import Checkpoint
from core.runs.folder import RunFolder, RunLock
from core.runs.point_writer import PointWriter
from core.runs.records import Run, RunState
from core.runs.resuming import Start
from core.runs.store import Store
from core.training.history import History
from core.training.piece import PieceResult
from core.training.state import State
from core.training.timeline import Timeline

RETRY_S = 10.0
"""Seconds to retry writing if the disk is full or returns errors; other pieces wait meanwhile."""

T = TypeVar("T")

Also = Callable[[sqlite3.Connection, Run], object]
"""What is written in the same transaction as a change of a run, with the run after it."""


def _nothing(connection: sqlite3.Connection, run: Run) -> None:
    pass


class PiecewiseRuns:
    """Begins runs on a data set that are trained in pieces, and goes on with them.

    Args:
        store: the store that they are saved in.
        dataset: the images, with those of the test, which are part of their identity.
        data: the folder or archive of CIFAR-10 that the user named, or None.
    """

    def __init__(self, store: Store, dataset: Dataset, data: Path | None = None) -> None:
        self.store, self.dataset, self._data = store, dataset, data
        self._machine = system.describe().as_dict()  # of this process, until a piece is trained
        self._normalisers: dict[str, Normaliser] = {}

    def begin(self, experiment: Experiment, also: Also = _nothing) -> "PiecewiseRun":
        """Create a run, locked by this process.

        Args:
            experiment: its settings, with the name of this data set.
            also: what is to be written with it.

        Raises:
            SettingError: if its architecture is impossible.
            StoreError: if it cannot be written.
        """
        planned = plan(experiment, self.dataset.name, len(self.dataset.train))
        timeline = Timeline(experiment)
        run, lock = self.store.create(
            experiment,
            self.dataset.hash,
            also=also,
            data=None if self._data is None else paths.to_text(self._data),
            source=self.dataset.source,
            machine=self._machine,
            parameters=planned.parameters,
            updates_per_epoch=planned.updates_per_epoch,
            batch_size=experiment.batch_size,
            total=timeline.updates,
        )
        history = History(run.health_columns())
        start = Start(timeline, None, True, history, {}, [])
        return PiecewiseRun(self, run, lock, start)

    def go_on(self, run: Run, also: Also = _nothing) -> "PiecewiseRun":
        """Lock a run and return it at its newest usable checkpoint.

        Args:
            run: a run that is not finished.
            also: what is to be written with the record that it goes on.

        Raises:
            StoreError: if it has been deleted, began with other images, cannot be written, or
                another process works on it.
        """
        lock = resuming.acquire(self.store, run)
        try:
            run = self.store.existing(run.number)
            start = resuming.start_of(
                self.store, run, self.dataset, self.normaliser(run.experiment())
            )
            run = self.store.record_resume(run, start.updates, start.evaluations, also)
        except BaseException:
            lock.release()
            raise
        return PiecewiseRun(self, run, lock, start)

    def normaliser(self, experiment: Experiment) -> Normaliser:
        """Return the normaliser of the training images, computed once for each kind."""
        per = experiment.normalisation
        if per not in self._normalisers:
            self._normalisers[per] = Normaliser.of_training(self.dataset, per)
        return self._normalisers[per]


class PiecewiseRun:
    """A run that this process holds while its pieces are trained elsewhere.

    Attributes:
        run: its record so far.
        timeline: its settings and edits.
        state: where the next piece begins; None for the first update.
        evaluated: whether the evaluation that is due there, if any, was recorded.
        notes: remarks on where it goes on from, for the user, one sentence each.
        piece: a piece that was added and is not written yet.
    """

    def __init__(self, runs: PiecewiseRuns, run: Run, lock: RunLock, start: Start) -> None:
        self.run, self.timeline, self.notes = run, start.timeline, start.notes
        self.state: State | None = start.checkpoint.state if start.checkpoint else None
        self.evaluated = start.evaluated
        self.piece: PieceResult | None = None
        self._trained: tuple[int, Mapping[str, Any]] | None = None
        """Number of updates before the last piece, and the machine that trained it."""
        self._store, self._lock, self._data_hash = runs.store, lock, runs.dataset.hash
        self._normaliser = runs.normaliser(start.timeline.experiment)
        self._history = start.history
        self._points = PointWriter(run, start.history, lambda: start.timeline, start.later)

    @property
    def updates(self) -> int:
        """Number of updates before the next piece."""
        return self.state.updates if self.state else 0

    @property
    def best(self) -> float:
        """Best validation accuracy before the next piece; minus infinity without evaluations."""
        found = self._points.best_of_run()
        return found[0] if found else -inf

    def end_of_piece(self, until: int) -> int:
        """Return where a piece towards `until` ends at the latest.

        A checkpoint to be kept needs the state after its updates, which is that at an end.
        """
        marks = [mark for mark in self.timeline.kept_marks if self.updates < mark < until]
        return min(marks, default=until)

    def accuracy_at(self, update: int) -> tuple[float, float] | None:
        """Return validation accuracy and loss after `update` updates; None if not evaluated."""
        columns = self._history.evaluations.read()
        found = (columns["update"] == update).nonzero()[0]
        if not len(found):
            return None
        accuracy, loss = columns["validation_accuracy"], columns["validation_loss"]
        return float(accuracy[found[0]]), float(loss[found[0]])

    def add(self, piece: PieceResult) -> None:
        """Add a piece that began at `state`: the next one may begin; `commit` writes it.

        Args:
            piece: the piece, of which none is added before the last is written.
        """
        for kind, points in piece.points.items():
            self._history.tables[kind].extend(points)
        self._trained = (self.updates, piece.machine)
        self.state, self.evaluated, self.piece = piece.state, piece.evaluated, piece

    def commit(self, also: Also = _nothing, *, stop: str | None = None) -> None:
        """Write the piece that was added: its points, then its checkpoints.

        A piece with which the run ends, finished or diverged, also ends its record, and the lock.

        Args:
            also: what is to be written in the transaction that records its end.
            stop: why the run waits after the piece, in a few words; None if another follows.

        Raises:
            StoreError: if it cannot be written; the run then goes on from what is on the disk.
        """
        piece, self.piece = self.piece, None
        assert piece is not None
        if piece.failed is not None:
            self._write(also, piece.failed.update, RunState.FAILED, piece.failed.reason)
        elif piece.result is not None:
            # It must have its last weights before it is never trained again.
            self._write(_nothing)
            self._save(piece)
            result = piece.result.as_dict()
            self._write(also, piece.state.updates, RunState.FINISHED, result=result)
        else:
            state = None if stop is None else RunState.STOPPED
            self._write(also, piece.state.updates, state, stop or "")
            self._save(piece)
        if self.run.state is not RunState.RUNNING:
            self.release()

    def stop(self, why: str, also: Also = _nothing, *, state: RunState = RunState.STOPPED) -> None:
        """Record that the run waits, and release its lock.

        Args:
            why: in a few words.
            also: what is to be written with it.
            state: `FAILED` for a run that does not go on by itself.

        Raises:
            StoreError: if it cannot be written.
        """
        self._write(also, self.updates, state, why)
        self.release()

    def release(self) -> None:
        """Release the lock; a run that is recorded as running has crashed then."""
        self._lock.release()

    def _write(
        self,
        also: Also,
        update: int = 0,
        state: RunState | None = None,
        why: str = "",
        result: dict[str, Any] | None = None,
    ) -> None:
        """Write the new points, whence they come, and how the run stands, in one transaction."""

        def job(connection: sqlite3.Connection) -> Run:
            self._points.write(connection)
            run = self._points.update_run(connection)
            if self._trained is not None:
                run = moves.record(connection, run, *self._trained)
            if state is not None:
                run = queries.add_event(connection, run, update, state.value, {})
                ended = time.time()
                run = queries.update_run(
                    connection, run.number, state=state, reason=why, result=result, ended=ended
                )
            also(connection, run)
            return run

        self.run = _retried(lambda: self._store.writer.do(job))
        self._points.on_committed()

    def _save(self, piece: PieceResult) -> None:
        """Write the checkpoints of a piece whose points are on the disk, the best first."""
        _retried(lambda: self._save_once(piece))

    def _save_once(self, piece: PieceResult) -> None:
        folder = RunFolder(self._store.folder(self.run))
        with writing_to(folder.path):
            if not folder.path.is_dir():
                folder.ensure(self.timeline.experiment)
                self._lock.reacquire()
            if piece.best is not None:
                folder.save_best(self._checkpoint(piece.best))
            if piece.state.updates in self.timeline.kept_marks:
                folder.save_kept(self._checkpoint(piece.state))
            folder.save_checkpoint(self._checkpoint(piece.state))

    def _checkpoint(self, state: State) -> Checkpoint:
        normaliser = self._normaliser
        return Checkpoint(
            self.run.id,
            self.timeline,
            state,
            normaliser.mean,
            normaliser.deviation,
            self._data_hash,
        )


def _retried(work: Callable[[], T]) -> T:
    """Return what `work` returns; try it again for a while if the disk is full or refuses.

    Raises:
        NotWrittenError: if that does not pass.
    """
    end = time.monotonic() + RETRY_S
    while True:
        try:
            return work()
        except NotWrittenError:
            if time.monotonic() >= end:
                raise
        time.sleep(0.2)

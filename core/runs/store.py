"""The store: finds, reads, creates, describes and deletes the runs in a folder.

Every method that reads opens its own connection, so that any thread can call it. Every method that
writes does so on the store's one writer thread, and returns when the change is on the disk.
"""

import shutil
import sqlite3
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.config.experiment import Experiment
from core.errors import NotWrittenError, StoreError, reason
from core.runs import database, moves, queries
from core.runs.crashed import true_state
from core.runs.database import ChangeToken, ChangeWatch
from core.runs.folder import RunFolder, RunLock, is_locked, locked
from core.runs.points import Points, read_points, replace_points
from core.runs.records import Event, Run, RunState, new_run
from core.runs.schema import id_stem
from core.runs.studies.store import StudyStore
from core.training.history import History
from core.training.timeline import Edit

LATEST = "latest"
"""A reference to the newest run."""

STARTED, DATA = "started", "data"
"""The kind of the first event of a run, and the key in it of the hash of its data."""


class Store(StudyStore):
    """All runs under one folder, and the studies that some of them belong to.

    Args:
        root: the folder; it need not exist before the first run.
    """

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._watch = ChangeWatch(root)

    def folder(self, run: Run | str) -> Path:
        """Return the folder of a run."""
        return self.root / (run if isinstance(run, str) else run.id)

    # Reading

    def runs(self, *, deleted: bool = False) -> list[Run]:
        """Return all runs, newest first; with `deleted`, those deleted ones that can be restored.

        Raises:
            StoreError: if they cannot be read.
        """
        with database.reading_if_there(self.root) as connection:
            runs = queries.all_runs(connection) if connection else []
        return [
            self._with_true_state(run)
            for run in reversed(runs)
            if (run.deleted is not None) == deleted
        ]

    def change_token(self) -> ChangeToken | None:
        """Return a value that changes with every commit; None if the database cannot be read."""
        return self._watch.change_token()

    def find(self, reference: str) -> Run:
        """Return the run with this id or unique name or unique prefix of an id, or the `latest`.

        Raises:
            StoreError: if no run matches, or more than one.
        """
        if not reference:  # a prefix of every id
            raise StoreError("an empty text names no run; `convsole runs list` shows all")
        runs = self.runs()
        if not runs:
            raise StoreError(f"there are no runs in {self.root}; `convsole train` makes one")
        if reference == LATEST:
            return runs[0]
        named = [run for run in runs if run.name == reference]
        matches = (
            [run for run in runs if run.id == reference]
            or named
            or [run for run in runs if run.id.startswith(reference)]
        )
        if not matches:
            raise StoreError(f"there is no run {reference!r}; `convsole runs list` shows all")
        if len(matches) > 1:
            ids = ", ".join(run.id for run in matches[:5]) + (", ..." if len(matches) > 5 else "")
            how = "is the name of more than one run" if named else "begins more than one id"
            raise StoreError(f"{reference!r} {how}: {ids}")
        return matches[0]

    def get(self, number: int) -> Run:
        """Return a run by its number.

        Raises:
            StoreError: if it does not exist, or cannot be read.
        """
        with database.reading_if_there(self.root) as connection:
            return self._with_true_state(_current(connection, number))

    def existing(self, number: int) -> Run:
        """Return a run that is not deleted, by its number.

        Raises:
            StoreError: if it is deleted or does not exist, or cannot be read.
        """
        return _not_deleted(self.get(number))

    def find_existing(self, number: int) -> Run | None:
        """Return a run by its number; None if it is deleted or does not exist.

        Raises:
            StoreError: if it cannot be read.
        """
        with database.reading_if_there(self.root) as connection:
            run = queries.find_run(connection, number) if connection else None
        return None if run is None or run.deleted is not None else self._with_true_state(run)

    def events(self, run: Run) -> list[Event]:
        """Return the events of a run other than updates and evaluations, in order.

        Raises:
            StoreError: if it cannot be read.
        """
        with database.reading_if_there(self.root) as connection:
            return (
                queries.events(connection, _current(connection, run.number)) if connection else []
            )

    def edits(self, run: Run) -> tuple[Edit, ...]:
        """Return the edits of a run, in the order in which they take effect.

        Raises:
            StoreError: if they cannot be read.
        """
        with database.reading_if_there(self.root) as connection:
            return queries.edits(connection, _current(connection, run.number)) if connection else ()

    def data_hash(self, run: Run) -> str | None:
        """Return `Dataset.hash` of the data that a run began with; None if it is not recorded.

        Raises:
            StoreError: if it cannot be read.
        """
        started = (event.content.get(DATA) for event in self.events(run) if event.kind == STARTED)
        return next((value for value in started if isinstance(value, str)), None)

    def history(self, run: Run) -> History:
        """Return the points and edits of a run so far, and its result if it has one.

        Raises:
            StoreError: if they cannot be read.
        """
        with database.reading_if_there(self.root) as connection:
            # The run may have continued since `run` was read; all data must match one record.
            current = _current(connection, run.number)
            history = History(current.health_columns())
            if connection:
                for kind, table in history.tables.items():
                    table.extend(read_points(connection, current, kind, len(table.columns)))
                history.edits.extend(queries.edits(connection, current))
            history.started = current.start_event()
            history.total = current.total
            history.result = current.final_result()
        return history

    # Writing

    def create(
        self,
        experiment: Experiment,
        data_hash: str | None = None,
        *,
        also: Callable[[sqlite3.Connection, Run], object] = lambda connection, run: None,
        **facts: Any,
    ) -> tuple[Run, RunLock]:
        """Create the folder and the record of a new run, and lock it.

        Args:
            experiment: the settings of the run.
            data_hash: `Dataset.hash` of its data.
            also: what is to be written with it: either both are there afterwards, or neither.
            facts: values of columns of `Run`, such as data, source, parameters and total.

        Raises:
            StoreError: if it cannot be written.
        """
        stem, created = id_stem(experiment.name), []

        def job(connection: sqlite3.Connection) -> tuple[Run, RunLock]:
            while True:
                name = f"{stem}-{queries.next_number(connection, stem, self.root)}"
                folder = RunFolder(self.root / name)
                with suppress(FileExistsError):  # another process has just created it
                    folder.make(experiment)
                    break
            created.append(folder.path)
            lock = RunLock(folder.path)
            content = {} if data_hash is None else {DATA: data_hash}
            try:
                run = queries.add_run(connection, new_run(name, experiment, **facts))
                run = queries.add_event(connection, run, 0, STARTED, content)
                also(connection, run)
            except BaseException:
                lock.release()
                raise
            return run, lock

        try:
            return self.writer.do(job)
        except StoreError:
            for path in created:
                shutil.rmtree(path, ignore_errors=True)
            raise

    def describe(self, run: Run, **values: Any) -> Run:
        """Change `name`, `note` or `marked` of a run, and return it.

        Raises:
            StoreError: if it cannot be written.
        """
        return self.writer.do(
            lambda connection: queries.update_run(connection, run.number, **values)
        )

    def record_resume(
        self,
        run: Run,
        update: int,
        evaluations: Points,
        also: Callable[[sqlite3.Connection, Run], object] = lambda connection, run: None,
        machine: Mapping[str, Any] | None = None,
    ) -> Run:
        """Record that a run is resumed after `update` updates, and return it.

        Args:
            run: the run, which had stopped.
            update: the number of updates after which it is resumed.
            evaluations: the evaluations to retain; one made at the stop is not part of the run.
            also: what is to be written with it.
            machine: where it goes on, as `Run.machine`; None if that is not known yet.

        Raises:
            StoreError: if it has been deleted, or cannot be written.
        """

        def job(connection: sqlite3.Connection) -> Run:
            _not_deleted(_current(connection, run.number))
            replace_points(connection, run, "evaluations", evaluations)
            resumed = queries.update_run(
                connection,
                run.number,
                state=RunState.RUNNING,
                evaluations=evaluations.shape[1],
                result=None,
                reason="",
                ended=None,
            )
            resumed = queries.add_event(connection, resumed, update, "resumed", {})
            if machine is not None:
                resumed = moves.record(connection, resumed, update, machine)
            also(connection, resumed)
            return resumed

        return self.writer.do(job)

    def delete(self, run: Run) -> Run:
        """Mark a run as deleted; `restore` undoes this until `purge` is called.

        Raises:
            StoreError: if a process works on it, it is already deleted, or it cannot be written.
        """
        folder = self.folder(run)
        if is_locked(folder):
            raise StoreError(f"{run.id} is being trained; stop it first")

        def job(connection: sqlite3.Connection) -> Run:
            _not_deleted(_current(connection, run.number))
            return queries.update_run(connection, run.number, deleted=time.time())

        with locked(folder):  # so that no other process resumes it in the meantime
            return self.writer.do(job)

    def restore(self, run: Run) -> Run:
        """Restore a deleted run.

        Raises:
            StoreError: if it has been purged, or cannot be written.
        """
        return self.describe(run, deleted=None)

    def purge(self, run: Run) -> None:
        """Permanently remove a deleted run and its folder.

        Raises:
            StoreError: if it is not deleted, or has been restored, or cannot be removed.
        """

        def job(connection: sqlite3.Connection) -> None:
            if _current(connection, run.number).deleted is None:
                raise StoreError(f"{run.id} is not deleted")
            queries.delete_run(connection, run.number)

        self.writer.do(job)
        try:
            shutil.rmtree(self.folder(run))
        except FileNotFoundError:
            pass
        except OSError as error:
            raise NotWrittenError(f"cannot remove {self.folder(run)}: {reason(error)}") from None

    def _with_true_state(self, run: Run) -> Run:
        return true_state(run, self.folder(run))


def _current(connection: sqlite3.Connection | None, number: int) -> Run:
    run = queries.find_run(connection, number) if connection else None
    if run is None:
        raise StoreError("the run has been deleted")
    return run


def _not_deleted(run: Run) -> Run:
    if run.deleted is not None:
        raise StoreError(f"{run.id} has been deleted")
    return run

"""The runs in a folder: found, read, described, deleted.

Every method opens the database for itself, so that any thread may call it; what writes does so on
the store's one writer thread and returns when it is on the disk.
"""

import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from core.config.experiment import Experiment
from core.errors import StoreError, reason
from core.runs import database, queries
from core.runs.crashed import true_state
from core.runs.database import ChangeToken, ChangeWatch
from core.runs.folder import RunFolder, RunLock, is_locked, locked
from core.runs.points import Points, read_points, replace_points
from core.runs.records import Event, Run, RunState, new_run
from core.runs.schema import id_stem
from core.runs.writer import Writer
from core.training.history import History
from core.training.timeline import Edit

LATEST = "latest"
"""A reference to the newest run."""


class Store:
    """All runs under one folder.

    Args:
        root: it need not exist before the first run.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.writer = Writer(root)
        self._watch = ChangeWatch(root)

    def folder(self, run: Run | str) -> Path:
        """Return the folder of a run."""
        return self.root / (run if isinstance(run, str) else run.id)

    # Reading

    def runs(self, *, deleted: bool = False) -> list[Run]:
        """Return all runs, the newest first; or those that are deleted and can be brought back.

        Raises:
            StoreError: if they cannot be read.
        """
        with self._reading() as connection:
            found = queries.all_runs(connection) if connection else []
        return [self._seen(run) for run in reversed(found) if (run.deleted is not None) == deleted]

    def change_token(self) -> ChangeToken | None:
        """Return a value that differs after every change; None where nothing can be read."""
        return self._watch.change_token()

    def find(self, reference: str) -> Run:
        """Return the run of an id, of a prefix that only one id has, or the `latest`.

        Raises:
            StoreError: if there is none, or more than one.
        """
        if not reference:  # every id begins with it
            raise StoreError("an empty text names no run; `convsole runs list` shows all")
        runs = self.runs()
        if not runs:
            raise StoreError(f"there are no runs in {self.root}; `convsole train` makes one")
        if reference == LATEST:
            return runs[0]
        exact = [run for run in runs if run.id == reference]
        found = exact or [run for run in runs if run.id.startswith(reference)]
        if not found:
            raise StoreError(f"there is no run {reference!r}; `convsole runs list` shows all")
        if len(found) > 1:
            ids = ", ".join(run.id for run in found[:5]) + (", ..." if len(found) > 5 else "")
            raise StoreError(f"{reference!r} begins more than one id: {ids}")
        return found[0]

    def get(self, number: int) -> Run:
        """Return a run by its number.

        Raises:
            StoreError: if it is gone, or cannot be read.
        """
        with self._reading() as connection:
            return self._seen(_now(connection, number))

    def existing(self, number: int) -> Run:
        """Return a run that is not deleted, by its number.

        Raises:
            StoreError: if it is deleted or gone, or cannot be read.
        """
        return _not_deleted(self.get(number))

    def events(self, run: Run) -> list[Event]:
        """Return what happened in a run beside updates and evaluations, in order.

        Raises:
            StoreError: if it cannot be read.
        """
        with self._reading() as connection:
            return queries.events(connection, _now(connection, run.number)) if connection else []

    def edits(self, run: Run) -> tuple[Edit, ...]:
        """Return the edits of a run, in the order in which they take effect.

        Raises:
            StoreError: if they cannot be read.
        """
        with self._reading() as connection:
            return queries.edits(connection, _now(connection, run.number)) if connection else ()

    def history(self, run: Run) -> History:
        """Return the points and edits of a run so far, and its result where there is one.

        Raises:
            StoreError: if they cannot be read.
        """
        history = History()
        with self._reading() as connection:
            # The run may have continued since it was listed: all must be of the same time.
            now = _now(connection, run.number)
            if connection:
                for kind, table in history.tables.items():
                    table.extend(read_points(connection, now, kind, len(table.columns)))
                history.edits.extend(queries.edits(connection, now))
            history.started = now.start_event()
            history.total = now.total
            history.result = now.final_result()
        return history

    # Changing

    def create(self, experiment: Experiment, **facts: Any) -> tuple[Run, RunLock]:
        """Begin a run: make its folder and its record, and lock it.

        Args:
            experiment: what is run.
            facts: columns of `Run` that are known now: data, source, parameters, total and so on.

        Raises:
            StoreError: if it cannot be written.
        """
        stem, made = id_stem(experiment.name), []

        def job(connection: sqlite3.Connection) -> tuple[Run, RunLock]:
            while True:
                name = f"{stem}-{queries.next_number(connection, stem, self.root)}"
                folder = RunFolder(self.root / name)
                with suppress(FileExistsError):  # another program has just made it
                    folder.make(experiment)
                    break
            made.append(folder.path)
            lock = RunLock(folder.path)
            run = queries.add_run(connection, new_run(name, experiment, **facts))
            return queries.add_event(connection, run, 0, "started", {}), lock

        try:
            return self.writer.do(job)
        except StoreError:
            for path in made:
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

    def record_resume(self, run: Run, update: int, evaluations: Points) -> Run:
        """Record that a run is resumed after `update` updates, and return it.

        Args:
            run: that had stopped.
            update: where it is resumed.
            evaluations: those that stay; an evaluation at the stop is no part of the run.

        Raises:
            StoreError: if it has been deleted, or cannot be written.
        """

        def job(connection: sqlite3.Connection) -> Run:
            _not_deleted(_now(connection, run.number))
            replace_points(connection, run, "evaluations", evaluations)
            now = queries.update_run(
                connection,
                run.number,
                state=RunState.RUNNING,
                evaluations=evaluations.shape[1],
                result=None,
                reason="",
                ended=None,
            )
            return queries.add_event(connection, now, update, "resumed", {})

        return self.writer.do(job)

    def delete(self, run: Run) -> Run:
        """Take a run from the list; `restore` brings it back until `purge` is called.

        Raises:
            StoreError: if a process works on it, it is deleted already, or it cannot be written.
        """
        folder = self.folder(run)
        if is_locked(folder):
            raise StoreError(f"{run.id} is being trained; stop it first")

        def job(connection: sqlite3.Connection) -> Run:
            _not_deleted(_now(connection, run.number))
            return queries.update_run(connection, run.number, deleted=time.time())

        with locked(folder):  # no other process may resume it meanwhile
            return self.writer.do(job)

    def restore(self, run: Run) -> Run:
        """Bring a deleted run back.

        Raises:
            StoreError: if it is gone for good, or cannot be written.
        """
        return self.describe(run, deleted=None)

    def purge(self, run: Run) -> None:
        """Remove a deleted run and its folder for good.

        Raises:
            StoreError: if it is not deleted, or has been brought back, or it cannot be done.
        """

        def job(connection: sqlite3.Connection) -> None:
            if _now(connection, run.number).deleted is None:
                raise StoreError(f"{run.id} is not deleted")
            queries.delete_run(connection, run.number)

        self.writer.do(job)
        try:
            shutil.rmtree(self.folder(run))
        except FileNotFoundError:
            pass
        except OSError as error:
            raise StoreError(f"cannot remove {self.folder(run)}: {reason(error)}") from None

    def _seen(self, run: Run) -> Run:
        return true_state(run, self.folder(run))

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection | None]:
        """Yield a connection for reading, None where nothing was ever written."""
        with ExitStack() as stack:
            connection = None
            with suppress(FileNotFoundError):
                connection = stack.enter_context(database.reading(self.root))
            yield connection


def _now(connection: sqlite3.Connection | None, number: int) -> Run:
    run = queries.find_run(connection, number) if connection else None
    if run is None:
        raise StoreError("the run has been deleted")
    return run


def _not_deleted(run: Run) -> Run:
    if run.deleted is not None:
        raise StoreError(f"{run.id} has been deleted")
    return run

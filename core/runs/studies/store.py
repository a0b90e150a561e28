"""The studies of a store: finds, reads, creates and changes them.

As with runs, reading opens a connection of its own, and writing returns when the change is on the
disk. What changes together with a run is written by whoever writes the run, with
`core.runs.studies.queries`.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.errors import LockedError, StoreError
from core.runs import database
from core.runs.folder import RunLock, is_locked
from core.runs.studies import queries
from core.runs.studies.records import StudyRecord, StudyState, Tell, TrialRecord
from core.runs.writer import Writer

LATEST = "latest"
"""A reference to the newest study."""


class StudyStore:
    """The studies under one folder; `core.runs.store.Store` adds the runs.

    Args:
        root: the folder; it need not exist before the first run or study.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.writer = Writer(root)

    # Reading

    def studies(self) -> list[StudyRecord]:
        """Return all studies, newest first.

        Raises:
            StoreError: if they cannot be read.
        """
        with database.reading_if_there(self.root) as connection:
            return queries.all_studies(connection)[::-1] if connection else []

    def study(self, reference: str | int) -> StudyRecord:
        """Return the study of this name or number, or unique beginning of a name, or the `latest`.

        Raises:
            StoreError: if no study matches, or more than one.
        """
        studies, text = self.studies(), str(reference)
        if not studies:
            raise StoreError(f"there are no studies in {self.root}; `convsole sweep run` makes one")
        if reference == LATEST:
            return studies[0]
        number = [study for study in studies if str(study.number) == text]
        matches = (
            (number if isinstance(reference, int) else [])
            or [study for study in studies if study.name == text]
            or number
            or [study for study in studies if text and study.name.startswith(text)]
        )
        if not matches:
            raise StoreError(f"there is no study {text!r}; `convsole sweep list` shows all")
        if len(matches) > 1:
            names = ", ".join(study.name for study in matches[:5])
            more = ", ..." if len(matches) > 5 else ""
            raise StoreError(f"{text!r} begins more than one name: {names}{more}")
        return matches[0]

    def trials(self, study: StudyRecord) -> list[TrialRecord]:
        """Return the trials of a study so far, by number and seed.

        Raises:
            StoreError: if they cannot be read.
        """
        with self._reading_study(study) as (connection, current):
            return queries.trials(connection, current)

    def runs_of_trials(self) -> frozenset[int]:
        """Return the numbers of the runs that are trials of any study.

        Raises:
            StoreError: if they cannot be read.
        """
        with database.reading_if_there(self.root) as connection:
            return queries.runs_of_trials(connection) if connection else frozenset()

    def tells(self, study: StudyRecord) -> list[Tell]:
        """Return the results that a study was told so far, in the order in which they came.

        Raises:
            StoreError: if they cannot be read.
        """
        with self._reading_study(study) as (connection, current):
            return queries.tells(connection, current)

    @contextmanager
    def _reading_study(
        self, study: StudyRecord
    ) -> Iterator[tuple[sqlite3.Connection, StudyRecord]]:
        """Yield a connection for reading, and the record of a study as it is there."""
        with database.reading_if_there(self.root) as connection:
            current = queries.find_study(connection, study.number) if connection else None
            if connection is None or current is None:
                raise StoreError("the study has been deleted")
            yield connection, current

    def is_at_work(self, study: StudyRecord) -> bool | None:
        """Return whether a process works on a study; None if the file system has no locks."""
        return is_locked(self.root, _lock_name(study))

    # Writing

    def create_study(self, name: str, definition: dict[str, Any], data: str) -> StudyRecord:
        """Add a study that runs from now on, without trials.

        Args:
            name: its name, which no other study has.
            definition: what `core.sweeps.definition.study.Study.of` makes the study of.
            data: `Dataset.hash` of the images that its trials train on.

        Raises:
            StoreError: if there is one of this name, or it cannot be written.
        """
        new = StudyRecord(0, name, definition, data, StudyState.RUNNING, time.time(), "")
        return self.writer.do(lambda connection: queries.add_study(connection, new))

    def change_study(self, study: StudyRecord, **changes: Any) -> StudyRecord:
        """Change columns of a study, and return it.

        Raises:
            StoreError: if it has been deleted, or cannot be written.
        """
        return self.writer.do(lambda connection: queries.update_study(connection, study, **changes))

    def change_unless_stopped(self, study: StudyRecord, **changes: Any) -> StudyRecord:
        """Change columns of a study and return it; return it as it is if its state is stopped.

        Another process that stops a study writes that state, which must not be lost meanwhile.

        Raises:
            StoreError: if it has been deleted, or cannot be written.
        """

        def change(connection: sqlite3.Connection) -> StudyRecord:
            now = queries.find_study(connection, study.number)
            if now is not None and now.state is StudyState.STOPPED:
                return now
            return queries.update_study(connection, study, **changes)

        return self.writer.do(change)

    def lock_study(self, study: StudyRecord) -> RunLock:
        """Lock a study for this process, until the lock is released.

        Raises:
            LockedError: if another process works on it.
        """
        try:
            return RunLock(self.root, _lock_name(study))
        except LockedError:
            raise LockedError(
                f"another process works on the study {study.name}; "
                f"`convsole sweep stop {study.name}` stops it"
            ) from None


def _lock_name(study: StudyRecord) -> str:
    return f".lock-study-{study.number}"

"""SQL queries on studies, one function each.

A study counts its trials and tells, and the database counts its studies, so that a missing row is
noticed. The functions run in a transaction that the caller has begun.
"""

import dataclasses
import sqlite3
from typing import Any

from core.errors import StoreError
from core.runs.studies.records import StudyRecord, Tell, TrialRecord
from core.runs.studies.sealed import SealedTable

STUDIES = SealedTable(
    "studies", StudyRecord, "study", ["number"], ["definition"], ["created", "seconds"]
)
TRIALS = SealedTable(
    "trials",
    TrialRecord,
    "trial",
    ["study", "number", "seed"],
    ["settings"],
    ["accuracy", "best", "seconds"],
)
TELLS = SealedTable("tells", Tell, "result", ["study", "order"], real=["accuracy", "loss"])


def are_kept(connection: sqlite3.Connection) -> bool:
    """Return whether the database has studies; that of an earlier version has none."""
    found = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'studies'").fetchone()
    return found is not None


def all_studies(connection: sqlite3.Connection) -> list[StudyRecord]:
    """Return every study, in the order in which they were created.

    Raises:
        ValueError: if a record is damaged or missing.
    """
    if not are_kept(connection):
        return []
    studies = list(STUDIES.find(connection))
    (expected,) = connection.execute("SELECT studies FROM counts").fetchone() or (None,)
    if expected != len(studies):
        raise ValueError(f"{expected} studies were recorded, {len(studies)} are there")
    return studies


def find_study(connection: sqlite3.Connection, number: int) -> StudyRecord | None:
    """Return the study with this number; None if there is none.

    Raises:
        ValueError: if its record is damaged.
    """
    if not are_kept(connection):
        return None
    return next(STUDIES.find(connection, number=number), None)


def add_study(connection: sqlite3.Connection, new: StudyRecord) -> StudyRecord:
    """Add a study without trials, and return it with the number that it was assigned.

    Raises:
        StoreError: if there is one of this name, or a value is invalid.
    """
    if connection.execute("SELECT 1 FROM studies WHERE name = ?", (new.name,)).fetchone():
        raise StoreError(f"there is a study {new.name!r} already")
    # The number is part of what the checksum covers, so it has to be known before.
    (last,) = connection.execute(
        "SELECT seq FROM sqlite_sequence WHERE name = 'studies'"
    ).fetchone() or (0,)
    study = dataclasses.replace(new, number=int(last) + 1, trials=0, tells=0)
    STUDIES.insert(connection, study)
    connection.execute("UPDATE counts SET studies = studies + 1")
    return study


def update_study(connection: sqlite3.Connection, study: StudyRecord, **changes: Any) -> StudyRecord:
    """Change columns of a study, and return it.

    Raises:
        LookupError: if there is no such study.
        ValueError: if its record is damaged.
    """
    return STUDIES.change(connection, study, **changes)


def trials(connection: sqlite3.Connection, study: StudyRecord) -> list[TrialRecord]:
    """Return the trials of a study, by number and seed.

    Raises:
        ValueError: if one is damaged or missing.
    """
    found = list(TRIALS.find(connection, study=study.number))
    if len(found) != study.trials:
        raise ValueError(
            f"{study.trials:,} trials of study {study.name} were recorded, {len(found):,} are there"
        )
    return found


def runs_of_trials(connection: sqlite3.Connection) -> frozenset[int]:
    """Return the numbers of the runs that are trials of any study."""
    found = connection.execute("SELECT run FROM trials WHERE run IS NOT NULL")
    return frozenset(number for (number,) in found)


def add_trial(connection: sqlite3.Connection, new: TrialRecord) -> TrialRecord:
    """Add a trial to its study, and return it.

    Raises:
        LookupError: if there is no such study.
        StoreError: if the study has this trial with this seed already, or a value is invalid.
    """
    study = _study_of(connection, new.study)
    if next(TRIALS.find(connection, study=new.study, number=new.number, seed=new.seed), None):
        raise StoreError(f"trial {new.number} of {study.name} has begun with seed {new.seed}")
    TRIALS.insert(connection, new)
    update_study(connection, study, trials=study.trials + 1)
    return new


def update_trial(connection: sqlite3.Connection, trial: TrialRecord, **changes: Any) -> TrialRecord:
    """Change columns of a trial, and return it.

    Raises:
        LookupError: if there is no such trial.
        ValueError: if its record is damaged.
    """
    return TRIALS.change(connection, trial, **changes)


def tells(connection: sqlite3.Connection, study: StudyRecord) -> list[Tell]:
    """Return the results that a study was told, in the order in which they came.

    Raises:
        ValueError: if one is damaged or missing.
    """
    found = list(TELLS.find(connection, study=study.number))
    if [tell.order for tell in found] != list(range(study.tells)):
        raise ValueError(
            f"{study.tells:,} results of study {study.name} were recorded, {len(found):,} are there"
        )
    return found


def add_tell(connection: sqlite3.Connection, new: Tell) -> Tell:
    """Add a result to its study after all others, and return it with its place in their order.

    Raises:
        LookupError: if there is no such study.
        StoreError: if the study was told this before, or a value is invalid.
    """
    study = _study_of(connection, new.study)
    tell = dataclasses.replace(new, order=study.tells)
    place = {"study": new.study, "trial": new.trial, "seed": new.seed, "rung": new.rung}
    if next(TELLS.find(connection, **place), None):
        raise StoreError(
            f"rung {new.rung} of trial {new.trial} of {study.name} was told with seed {new.seed}"
        )
    TELLS.insert(connection, tell)
    update_study(connection, study, tells=study.tells + 1)
    return tell


def delete_study(connection: sqlite3.Connection, study: StudyRecord) -> None:
    """Remove a study with its trials and tells; the runs of its trials stay."""
    TELLS.delete(connection, study=study.number)
    TRIALS.delete(connection, study=study.number)
    STUDIES.delete(connection, number=study.number)
    connection.execute("UPDATE counts SET studies = studies - 1")


def _study_of(connection: sqlite3.Connection, number: int) -> StudyRecord:
    study = find_study(connection, number)
    if study is None:
        raise LookupError("the study has been deleted")
    return study

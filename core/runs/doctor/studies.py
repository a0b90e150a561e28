"""Check and repair of studies: trials and results that can be read are never discarded."""

import dataclasses
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from core.runs import database
from core.runs.studies import queries
from core.runs.studies.records import StudyRecord, StudyState, Tell, TrialRecord, TrialState
from core.runs.studies.sealed import SealedTable


class SavedStudy(NamedTuple):
    """What can be read of a study."""

    study: StudyRecord
    trials: list[TrialRecord]
    tells: list[Tell]


def fault(connection: sqlite3.Connection, study: StudyRecord) -> str | None:
    """Return what is wrong with the trials and results of a study; None if they are sound."""
    try:
        trials = {trial.key for trial in queries.trials(connection, study)}
        strays = [tell for tell in queries.tells(connection, study) if tell.key not in trials]
    except database.MALFORMED_ERRORS as error:
        return str(error)
    return f"there is no trial {strays[0].trial}, and a result of it" if strays else None


def salvaged(connection: sqlite3.Connection) -> Iterator[SavedStudy]:
    """Yield every study whose record is intact, with its intact trials and results."""
    if not queries.are_kept(connection):
        return
    for study in _intact(connection, queries.STUDIES, "number"):
        yield readable(connection, study)


def readable(connection: sqlite3.Connection, study: StudyRecord) -> SavedStudy:
    """Return what can be read of a study whose record is intact.

    A trial that has lost its latest result waits: it trains on from its last checkpoint, which
    makes the result again.
    """
    where = {"study": study.number}
    trials = list(_intact(connection, queries.TRIALS, "rowid", **where))
    keys = {trial.key for trial in trials}
    tells = [
        tell for tell in _intact(connection, queries.TELLS, "rowid", **where) if tell.key in keys
    ]
    tells.sort(key=lambda tell: tell.order)
    behind = dict.fromkeys(keys, 0)
    for tell in tells:
        behind[tell.key] = max(behind[tell.key], tell.rung + 1)
    for index, trial in enumerate(trials):
        if behind[trial.key] < trial.rung:
            changes = {"rung": behind[trial.key], "state": TrialState.WAITING, "worker": ""}
            trials[index] = dataclasses.replace(trial, **changes)
    if (len(trials), len(tells)) != (study.trials, study.tells):
        study = dataclasses.replace(study, state=StudyState.STOPPED, reason="it was repaired")
    return SavedStudy(study, trials, tells)


def add(connection: sqlite3.Connection, saved: SavedStudy, runs: Mapping[int, int]) -> StudyRecord:
    """Add a study to a new database.

    Args:
        connection: in a transaction.
        saved: the study.
        runs: the numbers of runs in the new database by those in the old.
    """
    study = queries.add_study(connection, saved.study)
    trials = [
        dataclasses.replace(trial, study=study.number, run=runs.get(trial.run or -1))
        for trial in saved.trials
    ]
    tells = [dataclasses.replace(tell, study=study.number) for tell in saved.tells]
    return _fill(connection, SavedStudy(study, trials, tells))


def write_again(connection: sqlite3.Connection, study: StudyRecord) -> None:
    """Write a study again with what can be read of it."""
    saved = readable(connection, study)
    queries.TRIALS.delete(connection, study=study.number)
    queries.TELLS.delete(connection, study=study.number)
    _fill(connection, saved)


def _fill(connection: sqlite3.Connection, saved: SavedStudy) -> StudyRecord:
    for trial in saved.trials:
        queries.TRIALS.insert(connection, trial)
    for order, tell in enumerate(saved.tells):
        queries.TELLS.insert(connection, dataclasses.replace(tell, order=order))
    return queries.update_study(
        connection,
        saved.study,
        state=saved.study.state,
        reason=saved.study.reason,
        trials=len(saved.trials),
        tells=len(saved.tells),
    )


def _intact(
    connection: sqlite3.Connection, table: SealedTable[Any], order: str, **where: Any
) -> Iterator[Any]:
    """Yield the rows that can be read, each looked up alone: one may be on a damaged page."""
    places: list[int] = []
    with suppress(sqlite3.Error):
        condition = "".join(f' AND "{name}" = ?' for name in where)
        statement = f"SELECT rowid FROM {table.name} WHERE 1{condition} ORDER BY {order}"
        places += [place for (place,) in connection.execute(statement, (*where.values(),))]
    for place in places:
        with suppress(sqlite3.Error, *database.MALFORMED_ERRORS):
            statement = f"SELECT * FROM {table.name} WHERE rowid = ?"
            yield from map(table.of_row, database.rows(connection, statement, place))

"""SQL queries on runs and events, one function each.

Every record has a checksum over its values, so that changed bytes are detected. The functions run
in a transaction that the caller has begun.
"""

import dataclasses
import json
import sqlite3
import time
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from core.errors import StoreError
from core.runs.database import rows
from core.runs.records import Event, Run, RunState
from core.runs.schema import validated
from core.settings import SettingError
from core.training.timeline import Edit, Timeline

COLUMNS = tuple(field.name for field in dataclasses.fields(Run))
_RUN, _EVENT = TypeAdapter(Run), TypeAdapter(Event)
_JSON = {"settings", "machine", "result"}
_LATER = {"health"}
_REAL = {"deleted", "started", "ended", "seconds", "best_accuracy"}


def all_runs(connection: sqlite3.Connection) -> list[Run]:
    """Return every run, including deleted ones, in the order in which they were created.

    Raises:
        ValueError: if a record is damaged or missing.
    """
    runs = [from_row(row) for row in rows(connection, "SELECT * FROM runs ORDER BY number")]
    (expected,) = connection.execute("SELECT runs FROM counts").fetchone() or (None,)
    if expected != len(runs):
        raise ValueError(f"{expected} runs were recorded, {len(runs)} are there")
    return runs


def find_run(connection: sqlite3.Connection, number: int) -> Run | None:
    """Return the run with this number; None if there is none.

    Raises:
        ValueError: if its record is damaged.
    """
    row = next(iter(rows(connection, "SELECT * FROM runs WHERE number = ?", number)), None)
    return None if row is None else from_row(row)


def add_run(connection: sqlite3.Connection, new: Run) -> Run:
    """Add a run, and return it with the number that it was assigned."""
    row = to_row(new)
    row["number"] = None
    cursor = connection.execute(
        f"INSERT INTO runs ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})",
        tuple(row.values()),
    )
    connection.execute("UPDATE counts SET runs = runs + 1")
    return _write(connection, dataclasses.replace(new, number=int(cursor.lastrowid or 0)))


def update_run(connection: sqlite3.Connection, number: int, **changes: Any) -> Run:
    """Change columns of a run, and return it.

    Raises:
        LookupError: if there is no such run.
        ValueError: if its record is damaged.
    """
    old = find_run(connection, number)
    if old is None:
        raise LookupError(f"there is no run number {number}")
    return _write(connection, dataclasses.replace(old, **changes))


def delete_run(connection: sqlite3.Connection, number: int) -> None:
    """Remove a run with its points and events."""
    connection.execute("DELETE FROM chunks WHERE run = ?", (number,))
    connection.execute("DELETE FROM events WHERE run = ?", (number,))
    removed = connection.execute("DELETE FROM runs WHERE number = ?", (number,)).rowcount
    connection.execute("UPDATE counts SET runs = runs - ?", (removed,))


def next_number(connection: sqlite3.Connection, stem: str, root: Path) -> int:
    """Reserve and return a number that no run with this stem has ever had.

    Raises:
        ValueError: if the record of the last one is damaged.
    """
    (last,) = connection.execute("SELECT last FROM stems WHERE stem = ?", (stem,)).fetchone() or (
        0,
    )
    if not isinstance(last, int):
        raise ValueError(f"the last number of {stem} is not as it was written")
    taken = [
        int(number)
        for entry in root.iterdir()
        if (number := entry.name.removeprefix(f"{stem}-")) != entry.name and number.isdecimal()
    ]
    new = max(last, *taken, 0) + 1
    connection.execute("INSERT OR REPLACE INTO stems VALUES (?, ?)", (stem, new))
    return new


def add_event(
    connection: sqlite3.Connection,
    run: Run,
    update: int,
    kind: str,
    content: dict[str, Any],
    at: float | None = None,
) -> Run:
    """Add an event to a run, and return the updated run; `at` defaults to the current time."""
    when = time.time() if at is None else at
    values = (run.number, run.events, when, update, kind, json.dumps(content))
    connection.execute(
        "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)", (*values, checksum(values))
    )
    return update_run(connection, run.number, events=run.events + 1)


def events(connection: sqlite3.Connection, run: Run) -> list[Event]:
    """Return the events of a run, in the order in which they were written.

    Raises:
        ValueError: if one is damaged or missing.
    """
    result = list(each_event(connection, run))
    if len(result) < run.events:
        raise ValueError(f"{run.events} events of {run.id} were recorded, {len(result)} are there")
    return result


def each_event(connection: sqlite3.Connection, run: Run) -> Iterator[Event]:
    """Yield the events of a run, in the order in which they were written, up to a damaged one.

    Raises:
        ValueError: at the first damaged or missing event.
    """
    records = rows(connection, "SELECT * FROM events WHERE run = ? ORDER BY number", run.number)
    for number, row in enumerate(records):
        *values, expected = row
        if checksum(values) != expected or row["number"] != number:
            raise ValueError(f"event {number} of {run.id} is not as it was written")
        event = {name: row[name] for name in Event._fields}
        event["content"] = _from_json(event["content"])
        yield validated(_EVENT, event, f"event {number} of {run.id}")


def edits(connection: sqlite3.Connection, run: Run) -> tuple[Edit, ...]:
    """Return the edits of a run, in the order in which they take effect.

    Raises:
        ValueError: if an event is damaged or missing, or the edits are invalid for this run.
    """
    edited = [event for event in events(connection, run) if event.kind == "edited"]
    # The sort is stable: edits at the same update stay in the order in which they were made.
    edited.sort(key=lambda event: event.update)
    if not all("changes" in event.content for event in edited):
        raise ValueError(f"an edit of {run.id} has no changes")
    result = tuple(Edit(event.update, dict(event.content["changes"])) for event in edited)
    if result:
        try:
            Timeline.of(run.experiment(), result)
        except SettingError as error:
            raise ValueError(f"{run.id} has edits that cannot be: {error}") from None
    return result


def _write(connection: sqlite3.Connection, changed: Run) -> Run:
    row = to_row(changed)
    connection.execute(
        f"UPDATE runs SET {', '.join(f'{name} = ?' for name in row)} WHERE number = ?",
        (*row.values(), changed.number),
    )
    return changed


def to_row(run: Run) -> dict[str, Any]:
    """Return the columns of a run as stored in the database, with the checksum.

    Raises:
        StoreError: if a value is invalid, so that it could not be read back.
    """
    try:
        _checked(vars(run), run.id)
    except ValueError as error:
        raise StoreError(f"cannot keep {run.id}: {error}") from None
    row: dict[str, Any] = {}
    for name in COLUMNS:
        value = getattr(run, name)
        if name in _JSON:
            value = None if value is None else json.dumps(value)
        elif name == "state":
            value = value.value
        elif name == "marked":
            value = int(value)
        elif name in _REAL and value is not None:
            value = float(value)
        row[name] = value
    row["checksum"] = seal(row)
    return row


def from_row(row: sqlite3.Row) -> Run:
    """Return the run of a row.

    Raises:
        ValueError: if the row is damaged or has invalid values.
    """
    present = row.keys()  # a database that cannot be migrated lacks columns
    values = {name: row[name] for name in COLUMNS if name in present}
    owner = f"run number {row['number']}"
    if seal(values) != row["checksum"]:
        raise ValueError(f"the record of {owner} is not as it was written")
    for name in _JSON:
        values[name] = None if values[name] is None else _from_json(values[name])
    return _checked(values, owner)


def seal(columns: Mapping[str, Any]) -> int:
    """Return the checksum of a row, without the columns that earlier versions did not have.

    They count as soon as they hold anything, so the rows of those versions stay valid.
    """
    return checksum(value for name, value in columns.items() if name not in _LATER or value)


def _from_json(value: Any) -> Any:
    """Parse the text of a column.

    Raises:
        ValueError: if it is no text, or not JSON.
        RecursionError: if it is nested too deeply.
    """
    if not isinstance(value, str):
        raise ValueError(f"expected text, not {type(value).__name__}")
    return json.loads(value)


def _checked(values: dict[str, Any], owner: str) -> Run:
    """Return the run with these values.

    Raises:
        ValueError: if a value has the wrong type or range, or values contradict each other.
    """
    run: Run = validated(_RUN, values, owner)
    if run.updates > run.total:
        raise ValueError(f"{owner} cannot have taken {run.updates:,} updates of {run.total:,}")
    if (run.best_accuracy is None) != (run.best_update is None):
        raise ValueError(f"{owner} cannot have half of a best accuracy")
    if run.state is RunState.CRASHED:
        raise ValueError(f"{owner} cannot have written that it crashed")
    if run.state is RunState.FINISHED and run.result is None:
        raise ValueError(f"{owner} cannot have finished without a result")
    return run


def checksum(parts: Any) -> int:
    """Return a checksum of plain values that also depends on their types."""
    return zlib.crc32(repr(tuple(parts)).encode("utf-8", "surrogatepass"))

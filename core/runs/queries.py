"""What is read from the database of runs, and written to it: one function a statement.

All of these work within a transaction that somebody else has begun.
"""

import dataclasses
import json
import sqlite3
import time
from collections.abc import Iterator
from math import nan
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from pydantic import TypeAdapter

from core.runs import points as pieces
from core.runs import shapes
from core.runs.points import Points
from core.runs.records import Run, checksum, from_row, values
from core.settings import SettingError
from core.training.events import Result, Started
from core.training.timeline import Edit, Timeline


class Event(NamedTuple):
    """Something that happened in a run, but no update and no evaluation."""

    at: shapes.Moment
    """When, in seconds since 1970."""
    update: shapes.Count
    """After how many updates."""
    kind: shapes.Word
    content: shapes.Content


_EVENT = TypeAdapter(Event)


def all_runs(connection: sqlite3.Connection) -> list[Run]:
    """Return every run, deleted ones included, in the order in which they began.

    Raises:
        ValueError: if a line is damaged or one is missing.
    """
    found = [from_row(row) for row in _rows(connection, "SELECT * FROM runs ORDER BY number")]
    (expected,) = connection.execute("SELECT runs FROM counts").fetchone() or (None,)
    if expected != len(found):
        raise ValueError(f"{expected} runs were recorded, {len(found)} are there")
    return found


def run(connection: sqlite3.Connection, number: int) -> Run | None:
    """Return one run; None where there is none.

    Raises:
        ValueError: if its line is damaged.
    """
    row = next(iter(_rows(connection, "SELECT * FROM runs WHERE number = ?", number)), None)
    return None if row is None else from_row(row)


def add(connection: sqlite3.Connection, new: Run) -> Run:
    """Add a run, and return it with the number that it got."""
    line = values(new)
    line["number"] = None
    cursor = connection.execute(
        f"INSERT INTO runs ({', '.join(line)}) VALUES ({', '.join('?' * len(line))})",
        tuple(line.values()),
    )
    connection.execute("UPDATE counts SET runs = runs + 1")
    return _write(connection, dataclasses.replace(new, number=int(cursor.lastrowid or 0)))


def change(connection: sqlite3.Connection, number: int, **changes: Any) -> Run:
    """Change columns of a run, and return it.

    Raises:
        LookupError: if there is none.
        ValueError: if its line is damaged.
    """
    old = run(connection, number)
    if old is None:
        raise LookupError(f"there is no run number {number}")
    return _write(connection, dataclasses.replace(old, **changes))


def remove(connection: sqlite3.Connection, number: int) -> None:
    """Remove a run with all that is recorded of it."""
    connection.execute("DELETE FROM chunks WHERE run = ?", (number,))
    connection.execute("DELETE FROM events WHERE run = ?", (number,))
    gone = connection.execute("DELETE FROM runs WHERE number = ?", (number,)).rowcount
    connection.execute("UPDATE counts SET runs = runs - ?", (gone,))


def next_number(connection: sqlite3.Connection, stem: str, root: Path) -> int:
    """Return a number that no run of this stem has had, and take it."""
    (last,) = connection.execute("SELECT last FROM stems WHERE stem = ?", (stem,)).fetchone() or (
        0,
    )
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
    of: Run,
    update: int,
    kind: str,
    content: dict[str, Any],
    at: float | None = None,
) -> Run:
    """Add an event to a run, and return that; `at` is now where nothing is said."""
    moment = time.time() if at is None else at
    line = (of.number, of.events, moment, update, kind, json.dumps(content))
    connection.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)", (*line, checksum(line)))
    return change(connection, of.number, events=of.events + 1)


def events(connection: sqlite3.Connection, of: Run) -> list[Event]:
    """Return the events of a run, in the order in which they were written.

    Raises:
        ValueError: if one is damaged or missing.
    """
    found = list(each_event(connection, of))
    if len(found) < of.events:
        raise ValueError(f"{of.events} events of {of.id} were recorded, {len(found)} are there")
    return found


def each_event(connection: sqlite3.Connection, of: Run) -> Iterator[Event]:
    """Yield the events of a run, in the order in which they were written, up to a damaged one.

    Raises:
        ValueError: at one that is damaged or missing.
    """
    found = _rows(connection, "SELECT * FROM events WHERE run = ? ORDER BY number", of.number)
    for number, row in enumerate(found):
        *line, seal = row
        if checksum(line) != seal or row["number"] != number:
            raise ValueError(f"event {number} of {of.id} is not as it was written")
        event = {name: row[name] for name in Event._fields}
        event["content"] = json.loads(event["content"])
        yield shapes.checked(_EVENT, event, f"event {number} of {of.id}")


def edits(connection: sqlite3.Connection, of: Run) -> tuple[Edit, ...]:
    """Return the edits of a run, in the order in which they hold.

    Raises:
        ValueError: if an event is damaged or missing, or the run cannot have had these edits.
    """
    made = [event for event in events(connection, of) if event.kind == "edited"]
    # Several that hold from the same update on stay as they were made.
    made.sort(key=lambda event: event.update)
    found = tuple(Edit(event.update, dict(event.content["changes"])) for event in made)
    if found:
        try:
            Timeline.of(of.experiment(), found)
        except SettingError as error:
            raise ValueError(f"{of.id} has edits that cannot be: {error}") from None
    return found


def write_chunk(
    connection: sqlite3.Connection, of: Run, kind: str, number: int, points: Points
) -> None:
    """Write a chunk of points in the place of what stands there."""
    content, seal = pieces.pack(points, of.number, kind, number)
    connection.execute(
        "INSERT OR REPLACE INTO chunks VALUES (?, ?, ?, ?, ?, ?)",
        (of.number, kind, number, points.shape[1], content, seal),
    )


def rewrite(connection: sqlite3.Connection, of: Run, kind: str, points: Points) -> None:
    """Let `points` be all that is recorded of one kind."""
    connection.execute("DELETE FROM chunks WHERE run = ? AND kind = ?", (of.number, kind))
    for number in sorted({pieces.number_of(int(update)) for update in points[0]}):
        write_chunk(connection, of, kind, number, pieces.part(points, number))


def drop_chunks(connection: sqlite3.Connection, of: Run, first: int) -> None:
    """Remove the chunks of a run from number `first` on."""
    connection.execute("DELETE FROM chunks WHERE run = ? AND number >= ?", (of.number, first))


def points(connection: sqlite3.Connection, of: Run, kind: str, columns: int) -> Points:
    """Return all points of one kind of a run, (columns, rows).

    Raises:
        ValueError: if some are damaged or missing, or belong to no update of the run.
    """
    found = _rows(
        connection,
        "SELECT * FROM chunks WHERE run = ? AND kind = ? ORDER BY number",
        of.number,
        kind,
    )
    parts = [
        pieces.unpack(
            row["points"], columns, row["rows"], row["checksum"], of.number, kind, row["number"]
        )
        for row in found
    ]
    whole = pieces.join(parts, columns)
    expected = of.updates if kind == "updates" else of.evaluations
    if whole.shape[1] != expected:
        raise ValueError(
            f"{expected:,} {kind} of {of.id} were recorded, {whole.shape[1]:,} are there"
        )
    if kind == "updates" and not np.array_equal(whole[0], np.arange(1, expected + 1)):
        raise ValueError(f"{kind} of {of.id} are not in order")
    at = whole[0]
    if not np.all((at >= 0) & (at <= of.total) & (at == np.floor(at))):
        raise ValueError(f"{kind} of {of.id} belong to no update of it")
    return whole


def started(of: Run) -> Started:
    """Return what the run told when it began."""
    return Started(
        dataset=str(of.settings.get("dataset", "")),
        source=of.source,
        parameters=of.parameters,
        updates=of.total,
        updates_per_epoch=of.updates_per_epoch,
        batch_size=of.batch_size,
        evaluate_every=of.setting("evaluate_every"),
    )


def result(of: Run) -> Result | None:
    """Return how a run came out; None for one that has not."""
    if of.result is None:
        return None
    # JSON knows no NaN.
    values: dict[str, Any] = {
        name: nan if value is None else value for name, value in of.result.items()
    }
    return Result(**values)


def _write(connection: sqlite3.Connection, changed: Run) -> Run:
    line = values(changed)
    connection.execute(
        f"UPDATE runs SET {', '.join(f'{name} = ?' for name in line)} WHERE number = ?",
        (*line.values(), changed.number),
    )
    return changed


def _rows(connection: sqlite3.Connection, statement: str, *arguments: Any) -> list[sqlite3.Row]:
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    return cursor.execute(statement, arguments).fetchall()

"""The points of runs: columns of numbers, stored in chunks with a checksum each.

The functions that take a connection run in a transaction that the caller has begun.
"""

import sqlite3
import zlib
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from core.runs import database
from core.runs.records import Run

Points = npt.NDArray[np.float64]
"""Columns of a table, (columns, rows); the first is the update number, strictly increasing."""

CHUNK = 1024
"""Number of updates in a chunk. An update always belongs to the same chunk, so points that are
written again replace the old ones."""


def chunk_number(update: int) -> int:
    """Return the number of the chunk that an update, counted from 1, belongs to."""
    return (update - 1) // CHUNK


def pack(points: Points, *place: object) -> tuple[bytes, int]:
    """Serialise points, and return the bytes and their checksum.

    Args:
        points: the points to serialise.
        place: the key of their row. It is included in the checksum, because a damaged index can
            return the wrong row.
    """
    content = np.ascontiguousarray(points, "<f8").tobytes()
    return content, _checksum(content, place)


def unpack(content: Any, columns: int, rows: Any, checksum: Any, *place: object) -> Points:
    """Deserialise the points (columns, rows) that `pack` has serialised.

    Args:
        content: the bytes, as found in the database: of any type, like `rows` and `checksum`.
        columns: the number of columns.
        rows: the number of rows.
        checksum: the checksum that `pack` returned.
        place: the key of their row, as given to `pack`.

    Raises:
        ValueError: if the bytes are damaged or belong to another place.
    """
    if not isinstance(content, bytes) or not isinstance(rows, int):
        raise ValueError("points are of another type than they were written")
    if len(content) != columns * rows * 8 or _checksum(content, place) != checksum:
        raise ValueError("points are not as they were written")
    return np.frombuffer(content, "<f8").reshape(columns, rows).astype(np.float64)


def _checksum(content: bytes, place: tuple[object, ...]) -> int:
    return zlib.crc32(content, zlib.crc32(repr(place).encode()))


def concatenate(parts: Iterable[Points], columns: int) -> Points:
    """Concatenate points.

    Raises:
        ValueError: if the update numbers are not strictly increasing.
    """
    points = np.concatenate([np.empty((columns, 0)), *parts], axis=1)
    if np.any(np.diff(points[0]) <= 0):
        raise ValueError("points are not in order")
    return points


def merge(new: Points, old: Points) -> Points:
    """Return `new`, followed by the points of `old` after the last update of `new`."""
    if not new.shape[1]:
        return old
    return np.concatenate([new, old[:, old[0] > new[0, -1]]], axis=1)


def merged_count(new: Points, old: Points) -> int:
    """Return the number of points that `merge` would return, without copying them."""
    if not new.shape[1]:
        return int(old.shape[1])
    return int(new.shape[1] + np.count_nonzero(old[0] > new[0, -1]))


def chunk_of(points: Points, number: int) -> Points:
    """Return the points that belong to one chunk."""
    start, end = np.searchsorted(points[0], (number * CHUNK, (number + 1) * CHUNK), side="right")
    return points[:, start:end]


def write_chunk(
    connection: sqlite3.Connection, run: Run, kind: str, number: int, points: Points
) -> None:
    """Write a chunk of points; it replaces an existing one with the same number."""
    content, checksum = pack(points, run.number, kind, number)
    connection.execute(
        "INSERT OR REPLACE INTO chunks VALUES (?, ?, ?, ?, ?, ?)",
        (run.number, kind, number, points.shape[1], content, checksum),
    )


def replace_points(connection: sqlite3.Connection, run: Run, kind: str, points: Points) -> None:
    """Replace all recorded points of one kind with `points`."""
    connection.execute("DELETE FROM chunks WHERE run = ? AND kind = ?", (run.number, kind))
    for number in sorted({chunk_number(int(update)) for update in points[0]}):
        write_chunk(connection, run, kind, number, chunk_of(points, number))


def drop_chunks(connection: sqlite3.Connection, run: Run, first: int) -> None:
    """Remove the chunks of a run from number `first` on."""
    connection.execute("DELETE FROM chunks WHERE run = ? AND number >= ?", (run.number, first))


def read_points(connection: sqlite3.Connection, run: Run, kind: str, columns: int) -> Points:
    """Return all points of one kind of a run, (columns, rows).

    Raises:
        ValueError: if some are damaged or missing, or belong to no update of the run.
    """
    chunks = database.rows(
        connection,
        "SELECT * FROM chunks WHERE run = ? AND kind = ? ORDER BY number",
        run.number,
        kind,
    )
    parts = [
        unpack(
            row["points"], columns, row["rows"], row["checksum"], run.number, kind, row["number"]
        )
        for row in chunks
    ]
    points = concatenate(parts, columns)
    expected, words = {
        "updates": (run.updates, "updates"),
        "evaluations": (run.evaluations, "evaluations"),
        "health": (run.health, "rows of health"),
    }[kind]
    if points.shape[1] != expected:
        raise ValueError(
            f"{expected:,} {words} of {run.id} were recorded, {points.shape[1]:,} are there"
        )
    if kind == "updates" and not np.array_equal(points[0], np.arange(1, expected + 1)):
        raise ValueError(f"{kind} of {run.id} are not in order")
    at = points[0]
    if not np.all((at >= 0) & (at <= run.total) & (at == np.floor(at))):
        raise ValueError(f"{words} of {run.id} belong to no update of it")
    return points

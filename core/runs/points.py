"""Columns of numbers in pieces, each with a checksum."""

import zlib
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]
"""Columns of a table, (columns, rows); the first holds the numbers of the updates, rising."""

CHUNK = 1024
"""Updates whose points share a chunk. A place in the grid belongs to an update for good, so points
that are written again take the place of the old ones."""


def number_of(update: int) -> int:
    """Return the number of the chunk that an update, counted from 1, belongs to."""
    return (update - 1) // CHUNK


def pack(points: Points, *place: object) -> tuple[bytes, int]:
    """Return the bytes of points, and their checksum.

    Args:
        points: to write.
        place: where they belong; part of the checksum, for a damaged index finds others.
    """
    content = np.ascontiguousarray(points, "<f8").tobytes()
    return content, _checksum(content, place)


def unpack(content: bytes, columns: int, rows: int, checksum: int, *place: object) -> Points:
    """Return the points (columns, rows) that `pack` made bytes of.

    Raises:
        ValueError: if the bytes are others, or those of another place.
    """
    if len(content) != columns * rows * 8 or _checksum(content, place) != checksum:
        raise ValueError("points are not as they were written")
    return np.frombuffer(content, "<f8").reshape(columns, rows).astype(np.float64)


def _checksum(content: bytes, place: tuple[object, ...]) -> int:
    return zlib.crc32(content, zlib.crc32(repr(place).encode()))


def join(parts: Iterable[Points], columns: int) -> Points:
    """Return points one behind the other.

    Raises:
        ValueError: if the numbers of the updates do not rise.
    """
    whole = np.concatenate([np.empty((columns, 0)), *parts], axis=1)
    if np.any(np.diff(whole[0]) <= 0):
        raise ValueError("points are not in order")
    return whole


def merge(new: Points, old: Points) -> Points:
    """Return `new`, and what `old` has beyond the last of it."""
    if not new.shape[1]:
        return old
    return np.concatenate([new, old[:, old[0] > new[0, -1]]], axis=1)


def count(new: Points, old: Points) -> int:
    """Return how many points `merge` would return, without a copy of them."""
    if not new.shape[1]:
        return int(old.shape[1])
    return int(new.shape[1] + np.count_nonzero(old[0] > new[0, -1]))


def part(points: Points, number: int) -> Points:
    """Return the points that belong to one chunk."""
    start, end = np.searchsorted(points[0], (number * CHUNK, (number + 1) * CHUNK), side="right")
    return points[:, start:end]

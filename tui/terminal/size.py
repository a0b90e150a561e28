"""Bounds on the size of a terminal."""

from typing import Final

LARGEST: Final = (2000, 1000)
"""Largest number of columns and rows drawn. A screen takes memory for each of its cells, and a
terminal can report any size."""


def bounded(columns: int, rows: int) -> tuple[int, int]:
    """Return the size of the part of a terminal that is drawn."""
    return max(1, min(columns, LARGEST[0])), max(1, min(rows, LARGEST[1]))

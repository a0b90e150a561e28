"""How large a terminal can be."""

from typing import Final

LARGEST: Final = (2000, 1000)
"""Columns and rows that are drawn at most. A screen takes memory for each of its cells, and whoever
sets the size of a terminal can say anything."""


def bounded(columns: int, rows: int) -> tuple[int, int]:
    """Return the part of a terminal that is drawn."""
    return max(1, min(columns, LARGEST[0])), max(1, min(rows, LARGEST[1]))

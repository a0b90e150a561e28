"""Where the rows and columns of a strip are on the screen."""

from bisect import bisect_right
from dataclasses import dataclass

WIDEST, HIGHEST = 8, 5
"""Columns and lines of the screen for a cell, at most."""

LEAST_CELLS = 12
"""Columns for the cells that the names of the rows leave free."""


@dataclass(frozen=True)
class Layout:
    """The place of every cell; rows and columns of the screen are counted from the top left."""

    head: int
    """Lines above the rows."""
    left: int
    """Columns for the names of the rows, with a space behind them."""
    top: int
    """The first row that is shown."""
    rows: int
    """Rows that are shown."""
    high: int
    """Lines of a row."""
    edges: tuple[int, ...]
    """Where each column begins on the screen, and where the last one ends, from `left` on."""

    @classmethod
    def of(
        cls, width: int, height: int, head: int, names: tuple[str, ...], columns: int, row: int
    ) -> "Layout":
        """Return the layout for a box.

        Args:
            width: columns of the box.
            height: its rows, of which the last is for the updates.
            head: lines above the rows.
            names: names of the rows.
            columns: number of columns.
            row: a row that must be seen.
        """
        left = left_of(width, names)
        room = max(1, height - head - 1)
        shown = min(len(names), room)
        top = max(0, min(row - shown // 2, len(names) - shown))
        high = max(1, min(HIGHEST, room // max(1, len(names))))
        across = min(width - left, columns * WIDEST)
        edges = tuple(at * across // max(1, columns) for at in range(columns + 1))
        return cls(head, left, top, shown, high, edges)

    def column_at(self, x: int) -> int | None:
        """Return the column at a position of the box; None if there is none."""
        inside = 0 <= x - self.left < self.edges[-1]
        return bisect_right(self.edges, x - self.left) - 1 if inside else None

    def row_at(self, y: int) -> int | None:
        """Return the row on a line of the box; None if there is none."""
        row = (y - self.head) // self.high
        return self.top + row if 0 <= row < self.rows else None

    def lines_of(self, row: int) -> range:
        """Return the lines of a row; none if it is not shown."""
        if not self.top <= row < self.top + self.rows:
            return range(0)
        first = self.head + (row - self.top) * self.high
        return range(first, first + self.high)

    @property
    def foot(self) -> int:
        """The line with the updates."""
        return self.head + self.rows * self.high


def left_of(width: int, names: tuple[str, ...]) -> int:
    """Return the columns for the names of the rows, a sign before and a space behind them."""
    longest = max(map(len, names), default=0)
    return max(0, min(longest + 3, width // 2, width - LEAST_CELLS))

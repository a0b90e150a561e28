"""The order of a table: by which column, and which way round. The same everywhere."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

DOWN, UP = "▼", "▲"
"""Signs of a column from the largest value down, and from the smallest up."""


@dataclass(frozen=True)
class Order:
    """The column that a table is sorted by, and the direction.

    Every column has a direction of its own, in which what matters comes first.
    """

    column: str
    turned: bool = False
    """Whether the direction is the other one."""

    def after(self, columns: Sequence[str]) -> "Order":
        """Return the order by the next of the visible columns.

        After one that is not visible that is the second: the first has the rows in their own order,
        in which they already stand if there are no values yet.
        """
        at = columns.index(self.column) if self.column in columns else 0
        return Order(columns[(at + 1) % len(columns)])

    def clicked(self, column: str) -> "Order":
        """Return the order after a click on a heading: turned round if it has that column."""
        return self.reversed() if column == self.column else Order(column)

    def reversed(self) -> "Order":
        """Return the order the other way round."""
        return replace(self, turned=not self.turned)

    def sign(self, largest_first: bool) -> str:
        """Return the sign for the heading.

        Args:
            largest_first: whether the column's own direction is from the largest value down.
        """
        return DOWN if largest_first != self.turned else UP


def with_sign(heading: str, at: int, sign: str) -> str:
    """Return a line of headings with the sign behind one of them, so that no column moves.

    Args:
        heading: the line.
        at: position behind the heading, where it is blank.
        sign: the sign.
    """
    return f"{heading[:at]:<{at}}{sign}{heading[at + 1 :]}"


def column_at(x: int, ends: Sequence[int], columns: Sequence[str]) -> str | None:
    """Return the column whose heading is at `x`; None behind the last.

    Args:
        x: position from the left edge of the table.
        ends: position behind each column, whose headings are aligned to the right.
        columns: names of the columns.
    """
    return next((name for name, end in zip(columns, ends, strict=True) if x < end), None)

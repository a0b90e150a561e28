"""The values of the curves under a cursor: always those of a point of the data.

A column of a chart may hold many points, or none. A cursor stands on a point, not on a column: on
the one nearest to the middle of its column, and if several curves have points in it, on one of the
curve with the fewest, so that each evaluation among many updates can be reached.
"""

from dataclasses import dataclass
from functools import cached_property
from math import inf

import numpy as np

from core.training.history import Column
from tui.widgets.axis import Axis
from tui.widgets.picture import Curve, Picture


@dataclass(frozen=True, eq=False)
class Value:
    """The point of one curve that is nearest to the cursor."""

    x: float
    y: float
    aside: bool
    """Whether it lies in another column than the cursor."""


@dataclass(frozen=True, eq=False)
class Reading:
    """A position, and what every curve has there."""

    x: float
    curves: tuple[Curve, ...]
    values: tuple[Value | None, ...]
    """One for each curve; None for one that begins later or has ended before."""


class Reader:
    """Reads the values of a picture.

    Args:
        picture: the picture.
        along: its horizontal axis.
        columns: number of columns of the axis.
    """

    def __init__(self, picture: Picture, along: Axis, columns: int) -> None:
        self._picture, self._along, self._columns = picture, along, columns
        self._scale = columns / (along.high - along.low)

    @cached_property
    def _points(self) -> list["_Points"]:
        """The points of the curves, which nobody needs while no cursor stands on the chart."""
        return [_Points(curve, self._picture) for curve in self._picture.curves]

    def at(self, x: float) -> Reading | None:
        """Return what the curves have at a position; None if no curve has anything there."""
        column = self._column(x)
        values: list[Value | None] = []
        for points in self._points:
            found = points.nearest(x)
            if found is None or not (points.spans(x) or self._column(found) == column):
                values.append(None)
                continue
            aside = found != x and self._column(found) != column
            values.append(Value(found, points.value(found), aside))
        return Reading(x, self._picture.curves, tuple(values)) if any(values) else None

    def under(self, column: int) -> float | None:
        """Return the position of the point under a column, or nearest to it; None for none."""
        ends = self._ends()
        if ends is None or not ends[0] <= column <= ends[1]:
            return None
        middle = self._position(column)
        here: list[tuple[float, float]] = []
        near: list[float] = []
        for points in self._points:
            found = points.nearest(middle)
            if found is not None:
                near.append(found)
            if found is not None and self._column(found) == column:
                start, end = self._position(column - 0.5), self._position(column + 0.5)
                here.append((points.between(start, end), found))
        if here:
            return min(here, key=lambda pair: pair[0])[1]
        return min(near, key=lambda x: abs(self._coordinate(x) - self._coordinate(middle)))

    def moved(self, x: float | None, columns: int) -> float | None:
        """Return the position to which a cursor moves; None if it leaves the curves.

        A step always reaches another point, and stops at the first and the last one before it
        leaves.

        Args:
            x: its position; None if it enters the curves, at the end it comes from.
            columns: columns to the right, or to the left if negative.
        """
        ends = self._ends()
        if ends is None:
            return None
        if x is None or self.at(x) is None:
            return self.under(ends[0] if columns > 0 else ends[1])
        column = self._column(x)
        if (column - ends[columns > 0]) * columns >= 0:
            return None
        found = self.under(max(ends[0], min(ends[1], column + columns)))
        if found is not None and (self._column(found) - column) * columns > 0:
            return found
        edge = self._position(column + (0.5 if columns > 0 else -0.5))
        beyond = [point for points in self._points for point in points.beyond(edge, columns > 0)]
        return min(beyond, key=lambda point: abs(point - x), default=None)

    def column(self, x: float) -> int | None:
        """Return the column of a position; None if it is not on the axis."""
        column = self._column(x)
        return column if 0 <= column < self._columns else None

    def _ends(self) -> tuple[int, int] | None:
        spans = [points.span for points in self._points if len(points.x)]
        if not spans:
            return None
        first, last = min(span[0] for span in spans), max(span[1] for span in spans)
        return max(0, self._column(first)), min(self._columns - 1, self._column(last))

    def _coordinate(self, x: float) -> float:
        return float(self._picture.across(np.asarray([x], float))[0])

    def _column(self, x: float) -> int:
        return self._along.cell(self._coordinate(x), self._columns)

    def _position(self, column: float) -> float:
        """Return the position of the middle of a column."""
        at = self._along.low + (column + 0.5) / self._scale
        return at if self._picture.first is None else float(10**at)


class _Points:
    """The finite points of a curve."""

    def __init__(self, curve: Curve, picture: Picture) -> None:
        self.curve, self._logarithmic = curve, picture.first is not None
        self.x, self._y = curve.x, curve.y if curve.uncut is None else curve.uncut
        finite = np.isfinite(self.x) & np.isfinite(self._y)
        if not finite.all():
            self.x, self._y = self.x[finite], self._y[finite]

    @property
    def span(self) -> tuple[float, float]:
        """The first and the last position."""
        return float(self.x[0]), float(self.x[-1])

    def spans(self, x: float) -> bool:
        """Return whether a position lies between the first and the last point."""
        return bool(len(self.x)) and self.x[0] <= x <= self.x[-1]

    def nearest(self, x: float) -> float | None:
        """Return the position of the point nearest to `x`; None if there are no points."""
        if not len(self.x):
            return None
        if self.curve.exact is not None:
            return float(min(max(round(x), self.x[0]), self.x[-1]))
        row = int(np.searchsorted(self.x, x))
        rows = [row for row in (row - 1, row) if 0 <= row < len(self.x)]
        return float(self.x[min(rows, key=lambda row: self._distance(float(self.x[row]), x))])

    def value(self, x: float) -> float:
        """Return the value of the point at a position."""
        if self.curve.exact is not None:
            return self.curve.exact(round(x))
        return float(self._y[np.searchsorted(self.x, x)])

    def between(self, start: float, end: float) -> float:
        """Return the number of points from `start` to `end`."""
        if self.curve.exact is not None:
            return inf
        return float(np.searchsorted(self.x, end) - np.searchsorted(self.x, start))

    def beyond(self, x: float, right: bool) -> Column:
        """Return the position of the next point on one side of `x`, as far as there is one."""
        if self.curve.exact is not None:
            next_one = np.floor(x) + 1 if right else np.ceil(x) - 1
            return np.asarray([next_one])[[self.spans(float(next_one))]]
        row = int(np.searchsorted(self.x, x))
        return self.x[row : row + 1] if right else self.x[max(0, row - 1) : row]

    def _distance(self, a: float, b: float) -> float:
        return abs(float(np.log10(a / b))) if self._logarithmic else abs(a - b)

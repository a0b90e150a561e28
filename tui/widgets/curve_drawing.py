"""Draws the curves of a picture into a plot."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import log10
from typing import TYPE_CHECKING

import numpy as np
from textual.geometry import Size

from core.training.history import Column
from core.training.thinning import thinned
from tui.widgets import axis
from tui.widgets.picture import Curve, Picture

if TYPE_CHECKING:
    from tui.widgets.plot import Plot

DASH, DOT = "┊", "·"
"""Vertical lines that belong to one curve, where dots would look like a part of it; and what a
former curve consists of."""

MARKER_GAP = 8
"""Columns between the markers on a line."""


@dataclass(frozen=True)
class Scales:
    """The axes of a drawing, and the cells that they take."""

    along: axis.Axis
    columns: int
    values: axis.Axis
    rows: int
    width: int
    """Columns of the whole box."""
    log: bool
    """Whether the axis of values is logarithmic."""


def visible(picture: Picture, width: int, log: bool) -> list[Curve]:
    """Return the curves that have something to show, with few points.

    Args:
        picture: the picture.
        width: columns of the chart.
        log: whether the axis of values is logarithmic.
    """
    curves = []
    for curve in picture.curves:
        x, y = curve.x, curve.y
        if log:
            x, y = x[y > axis.SMALLEST_MAGNITUDE], y[y > axis.SMALLEST_MAGNITUDE]
        x, y = thinned(x, y, width)
        if len(x):
            y = y.clip(-axis.LARGEST_MAGNITUDE, axis.LARGEST_MAGNITUDE)
            curves.append(replace(curve, x=x, y=y))
    return curves


def scales(
    plot: "Plot",
    picture: Picture,
    curves: Sequence[Curve],
    room: Size,
    quantity: axis.Quantity,
    log: bool,
) -> Scales:
    """Return the axes for curves, of which there is at least one, in a box of size `room`."""
    low = min(float(curve.y.min()) for curve in curves)
    low = low if picture.lowest is None else min(low, picture.lowest)
    high = max(float(curve.y.max()) for curve in curves)
    rows = plot.rows(room.height)
    values = axis.values(low, high, rows, quantity, log)
    columns = plot.columns(room.width, values)
    if picture.first is None:
        along = axis.along(picture.last, columns, picture.unit)
    else:
        along = axis.powers(picture.first, picture.last, columns)
    return Scales(along, columns, values, rows, room.width, log)


def height(value: float, log: bool) -> float:
    """Return a value in the coordinates of the vertical axis, far below it if it is not on it."""
    value = max(-axis.LARGEST_MAGNITUDE, min(value, axis.LARGEST_MAGNITUDE))
    return log10(max(value, axis.SMALLEST_MAGNITUDE)) if log else value


def draw(
    plot: "Plot",
    picture: Picture,
    curves: Sequence[Curve],
    scales: Scales,
    style: Callable[[Curve], str],
    marks: str,
) -> None:
    """Draw curves, with the first one on top.

    Args:
        plot: the plot, which is cleared.
        picture: the picture that the curves are from.
        curves: the curves.
        scales: their axes.
        style: returns the style of a curve.
        marks: style of the vertical lines of the picture.
    """
    along, values, rows = scales.along, scales.values, scales.rows
    plot.set_axes(along, values)
    for at in picture.across(np.asarray(picture.marks, float)).tolist():
        plot.add_v_line(at, marks)
    heights = values.high - (np.arange(rows) + 0.5) * (values.high - values.low) / rows
    owners = [curve for curve in curves if curve.marks]
    for curve in reversed(owners):
        for at in picture.across(np.asarray(curve.marks, float)).tolist():
            plot.scatter(np.full_like(heights, at), heights, DASH, style(curve))
    drawn = [(c, picture.across(c.x), np.log10(c.y) if scales.log else c.y) for c in curves]
    for curve, x, y in reversed(drawn):
        if curve.role == "former":
            plot.scatter(*_dots(x, y, scales), DOT, style(curve))
        else:
            plot.line(x, y, style(curve))
    for curve, x, y in drawn:
        if curve.sign:
            kept = spaced(x, (along.high - along.low) * MARKER_GAP / scales.width)
            plot.scatter(x[kept], y[kept], curve.sign, style(curve))
    for lane, curve in enumerate(owners):
        # One row for the sign of each curve, to distinguish lines in the same column.
        x = picture.across(np.asarray(curve.marks, float))
        y = np.full_like(x, heights[lane % len(heights)])
        plot.scatter(x, y, curve.sign, style(curve))


def _dots(x: Column, y: Column, scales: Scales) -> tuple[Column, Column]:
    """Return points on a line: in every row where it is steep, in every other column elsewhere."""
    across = np.abs(np.diff(x)) * scales.columns / (scales.along.high - scales.along.low)
    up = np.abs(np.diff(y)) * scales.rows / (scales.values.high - scales.values.low)
    way = np.concatenate([[0.0], np.cumsum(np.maximum(across / 2, up))])
    at = np.arange(0, way[-1] + 1)
    return np.interp(at, way, x), np.interp(at, way, y)


def spaced(x: Column, gap: float) -> list[int]:
    """Return indices of points at least `gap` apart; points added later do not change them."""
    rows: list[int] = []
    for row in range(len(x)):
        if not rows or x[row] - x[rows[-1]] >= gap:
            rows.append(row)
    return rows

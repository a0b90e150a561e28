"""Pictures side by side in a figure, at positions in inches."""

from math import sqrt
from typing import Any

import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from core.data.colours import in_colour
from core.figures.page import GREY, SMALL_TYPE, sheet

TITLE = 0.3
"""Height above the pictures in inches."""

Pictures = npt.NDArray[Any]


def columns(count: int, ratio: float) -> int:
    """Return the number of `count` pictures in a row; `ratio` is their height divided by width.

    The grid is about twice as wide as it is high, and its last row is as full as possible.
    """
    target = min(sqrt(2 * count * ratio), count)
    candidates = [n for n in range(1, count + 1) if 0.7 * target <= n <= 1.3 * target]
    return min(candidates, key=lambda n: (-count % n, abs(n - target)), default=1)


def picture_sheet(title: str, wide: float, high: float) -> Figure:
    """Return an empty figure for pictures that `picture_at` draws."""
    figure = sheet(title, wide, high, int(15.5 * wide))
    figure.set_layout_engine("none")
    return figure


def footnote(figure: Figure, text: str, left: float) -> None:
    """Write a note below all pictures, `left` inches from the edge."""
    width, height = figure.get_size_inches()
    figure.text(left / width, 0.07 / height, text, fontsize=SMALL_TYPE, color=GREY)


def axes_at(figure: Figure, left: float, top: float, wide: float, high: float) -> Axes:
    """Return axes at a position given in inches from the upper left corner."""
    width, height = figure.get_size_inches()
    return figure.add_axes((left / width, 1 - (top + high) / height, wide / width, high / height))


def picture_at(
    figure: Figure, pixels: Pictures, left: float, top: float, wide: float, high: float
) -> Axes:
    """Draw a picture (H, W, C) of bytes, or of numbers from 0 to 1, as `axes_at` places it."""
    axes = axes_at(figure, left, top, wide, high)
    axes.imshow(in_colour(pixels), vmin=0, vmax=1, interpolation="nearest", aspect="auto")
    axes.set_axis_off()
    return axes

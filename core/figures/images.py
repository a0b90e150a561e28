"""The figure of some images of a data set, or of the augmented copies of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from core.data.colours import as_curves, is_sequence
from core.figures.drawing import save
from core.figures.page import (
    BLUE,
    DASH,
    DASH_DOT,
    GREEN,
    GREY,
    INK,
    ORANGE,
    SMALL_TYPE,
    WIDTH,
    dress,
)
from core.figures.picture_grid import (
    TITLE,
    axes_at,
    columns,
    footnote,
    picture_at,
    picture_sheet,
)

SIDE, GAP, FOOT = 1.08, 0.12, 0.24
"""Inches: longer side of a picture, gap between two, height below the last."""

LINE = 0.12
"""Height of a line of a caption in inches."""

CURVES = ((BLUE, "-"), (ORANGE, DASH), (GREEN, DASH_DOT), (GREY, ":"))
"""Colours and dashes of the channels of a sequence, in turn."""

SEQUENCE = 1.8, 0.9
"""Width and height of a sequence in inches."""

AXIS = 0.28
"""Inches beside and below the curves of a sequence, for the labels of their axes."""


@dataclass(frozen=True, eq=False)
class Captioned:
    """An image (H, W, C) of bytes, and the lines below it."""

    image: npt.NDArray[np.uint8]
    lines: tuple[str, ...]


def export(shown: Sequence[Captioned], path: Path, title: str, note: str) -> Path:
    """Write the figure in the format of the extension of `path`; a missing folder is created.

    Args:
        shown: images of one shape, at least one.
        path: the file.
        title: what they are.
        note: a line below all of them.

    Raises:
        FigureError: if it cannot be drawn or written.
    """
    [written] = save({path: lambda: images_figure(shown, title, note)})
    return written


def images_figure(shown: Sequence[Captioned], title: str, note: str) -> Figure:
    """Draw images in rows, each over its caption; sequences as a curve for each channel."""
    height, width = shown[0].image.shape[:2]
    curves = is_sequence(shown[0].image.shape)
    if curves:
        wide, high = SEQUENCE
    else:
        wide, high = (SIDE * side / max(height, width) for side in (width, height))
    edge = AXIS if curves else 0.0
    below = LINE * max(len(each.lines) for each in shown) + GAP + edge
    step = wide + edge + GAP
    across = columns(len(shown), (high + below) / step)
    rows = ceil(len(shown) / across)
    page = max(WIDTH, across * step + GAP)
    figure = picture_sheet(title, page, TITLE + rows * (high + below) + FOOT)
    for place, each in enumerate(shown):
        row, column = divmod(place, across)
        left, top = GAP + edge + column * step, TITLE + row * (high + below)
        if curves:
            axes = axes_at(figure, left, top, wide, high)
            _curves(axes, each.image)
        else:
            axes = picture_at(figure, each.image, left, top, wide, high)
        _caption(axes, each.lines, edge)
    footnote(figure, note, GAP)
    return figure


def _curves(axes: Axes, image: npt.NDArray[np.uint8]) -> None:
    dress(axes, "")
    for channel, values in enumerate(as_curves(image).T):
        colour, dashes = CURVES[channel % len(CURVES)]
        axes.plot(values, color=colour, linestyle=dashes, linewidth=0.9)
    axes.set(ylim=(-8, 263), yticks=(0, 128, 255))
    axes.margins(x=0.01)


def _caption(axes: Axes, lines: Sequence[str], below: float) -> None:
    for number, text in enumerate(lines):
        axes.annotate(
            text, (0, 0), (0, -2.5 - 72 * (below + LINE * number)), "axes fraction",
            "offset points", va="top", fontsize=SMALL_TYPE, color=GREY if number else INK,
            parse_math=False, annotation_clip=False,
        )  # fmt: skip

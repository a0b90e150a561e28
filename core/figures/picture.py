"""The figure of the prediction for one picture, with the picture as the network sees it."""

from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from textwrap import shorten

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from core.data.colours import in_colour
from core.figures.drawing import save
from core.figures.page import BLUE, GREY, INK, SMALL_TYPE, WIDTH, broken, sheet
from core.format import percent
from core.text_out import as_file_name, visible

SIDE, TOP, LINE, EDGE = 1.22, 0.3, 0.13, 0.1
"""Inches: side of the picture, height of the title, height of a line of its name, margin."""

LABELS, NUMBERS, GAP = 0.85, 0.42, 0.1
"""Inches: width of class names, width of probabilities, gap between the picture and the names."""

Likely = Sequence[tuple[str, float]]
"""Classes and their probabilities, most probable first."""


def export(image: npt.NDArray[np.uint8], likely: Likely, folder: Path, name: str, by: str) -> Path:
    """Write the figure as a PNG that is named after the picture.

    Args:
        image: uint8 (H, W, C), as the network sees it.
        likely: the most probable classes.
        folder: output folder; created if it is missing.
        name: the file name of the picture.
        by: the name of the network, for the title.

    Raises:
        FigureError: if it cannot be drawn or written.
    """
    path = folder / f"picture-{as_file_name(Path(name).stem)}.png"
    [written] = save({path: lambda: figure(image, likely, name, by)})
    return written


def figure(image: npt.NDArray[np.uint8], likely: Likely, name: str, by: str) -> Figure:
    """Draw a picture, and a bar for each of the most probable classes."""
    fig = sheet(by, WIDTH, TOP + SIDE)
    fig.set_layout_engine("none")
    lines = broken(fig, visible(name), WIDTH - 2 * EDGE)
    high = TOP + SIDE + LINE * len(lines) + EDGE
    fig.set_size_inches(WIDTH, high)
    foot = 1 - (TOP + SIDE) / high
    box = fig.add_axes((EDGE / WIDTH, foot, SIDE / WIDTH, SIDE / high))
    box.imshow(in_colour(image), interpolation="nearest", aspect="auto")
    box.set_axis_off()
    for number, line in enumerate(lines, 1):
        fig.text(EDGE / WIDTH, foot - LINE * number / high, line, fontsize=SMALL_TYPE,
                   color=GREY, parse_math=False)  # fmt: skip
    left = EDGE + SIDE + GAP + LABELS
    room = WIDTH - left - NUMBERS - EDGE
    axes = fig.add_axes((left / WIDTH, foot, room / WIDTH, SIDE / high), frameon=False)
    axes.set(xlim=(0, 1), ylim=(max(len(likely), 1) - 0.5, -0.5), xticks=[], yticks=[])
    axes.axvline(0, color=GREY, linewidth=0.6)
    for row, (label, share) in enumerate(likely):
        known = isfinite(share)
        axes.barh(row, share if known else 0.0, height=0.6, color=BLUE)
        weight = "normal" if row else "bold"
        for text, at, shift, to in (
            (shorten(label, 14, placeholder="..."), 0.0, -4, "right"),
            (percent(share) if known else "-", share if known else 0.0, 3, "left"),
        ):
            axes.annotate(
                text, (at, row), (shift, 0), "data", "offset points", ha=to, va="center_baseline",
                fontsize=SMALL_TYPE, color=INK, fontweight=weight, parse_math=False,
                annotation_clip=False,
            )  # fmt: skip
    return fig

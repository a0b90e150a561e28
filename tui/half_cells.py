"""Images as text with two pixels in each character, which every colour terminal can show.

No library is used for it: the usual one queries the terminal's capabilities when it is imported and
when it draws. Textual reads the keyboard by then, and takes the replies for keys.
"""

from functools import lru_cache
from itertools import groupby

import numpy as np
import numpy.typing as npt
from rich.color import Color
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style
from rich.text import Text

from core.data.colours import in_colour

Colours = npt.NDArray[np.uint8]

CELL = "▀"
"""A character whose upper half has the colour of the text, and the lower that of the ground."""


def half_cells(image: npt.NDArray[np.uint8]) -> Text:
    """Return an image (H, W, C) as H / 2 lines, rounded up, of W characters."""
    lines = []
    for segments in half_cell_lines(image):
        line = Text(no_wrap=True, end="")
        for cells, style, _ in segments:
            line.append(cells, style)
        lines.append(line)
    return Text("\n", no_wrap=True).join(lines)


def half_cell_lines(image: npt.NDArray[np.uint8]) -> list[list[Segment]]:
    """Return the same as lists of segments, which a widget can draw as they are.

    Equal cells beside each other are one segment.
    """
    colours = in_colour(image)
    if len(colours) % 2:
        colours = np.concatenate([colours, colours[-1:]])
    return [
        [Segment(CELL * len(list(run)), _style(*cell)) for cell, run in groupby(line)]
        for line in map(_cells, colours[::2], colours[1::2])
    ]


def _cells(upper: Colours, lower: Colours) -> list[tuple[int, ...]]:
    """Return the six bytes of each cell of a line."""
    return [tuple(cell) for cell in np.hstack([upper, lower]).tolist()]


@lru_cache(maxsize=8192)
def _style(*cell: int) -> Style:
    return Style.from_color(_colour(*cell[:3]), _colour(*cell[3:]))


def _colour(red: int, green: int, blue: int) -> Color:
    return Color.from_triplet(ColorTriplet(red, green, blue))

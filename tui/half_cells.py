"""Images as text with two pixels in each character, which every colour terminal can show.

No library is used for it: the usual one queries the terminal's capabilities when it is imported and
when it draws. Textual reads the keyboard by then, and takes the replies for keys.
"""

import numpy as np
import numpy.typing as npt
from rich.color import Color
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style
from rich.text import Text

from core.data.colours import in_colour

CELL = "▀"
"""A character whose upper half has the colour of the text, and the lower that of the ground."""


def half_cells(image: npt.NDArray[np.uint8]) -> Text:
    """Return an image (H, W, C) as H / 2 lines, rounded up, of W characters."""
    lines = []
    for segments in half_cell_lines(image):
        line = Text(no_wrap=True, end="")
        for cell, style, _ in segments:
            line.append(cell, style)
        lines.append(line)
    return Text("\n", no_wrap=True).join(lines)


def half_cell_lines(image: npt.NDArray[np.uint8]) -> list[list[Segment]]:
    """Return the same as lists of segments, which a widget can draw as they are."""
    colours = in_colour(image)
    if len(colours) % 2:
        colours = np.concatenate([colours, colours[-1:]])
    return [
        [
            Segment(CELL, Style.from_color(_colour(*above), _colour(*below)))
            for above, below in zip(upper, lower, strict=True)
        ]
        for upper, lower in zip(colours[::2].tolist(), colours[1::2].tolist(), strict=True)
    ]


def _colour(red: int, green: int, blue: int) -> Color:
    return Color.from_triplet(ColorTriplet(red, green, blue))

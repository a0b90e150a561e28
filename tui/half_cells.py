"""Pictures of text, which every terminal with colours can show: two pixels in each character.

By hand, for the library for it asks the terminal what it can, when it is imported and when it
draws. Textual reads the keyboard by then, and takes the answers for keys.
"""

import numpy as np
import numpy.typing as npt
from rich.color import Color
from rich.style import Style
from rich.text import Text


def half_cells(image: npt.NDArray[np.uint8]) -> Text:
    """Return an image of an even height, (h, w, 3), as text of h / 2 lines of w characters."""
    lines = []
    for upper, lower in zip(image[::2].tolist(), image[1::2].tolist(), strict=True):
        line = Text(no_wrap=True, end="")
        for above, below in zip(upper, lower, strict=True):
            colours = Style(color=Color.from_rgb(*above), bgcolor=Color.from_rgb(*below))
            line.append("▀", colours)
        lines.append(line)
    return Text("\n", no_wrap=True).join(lines)

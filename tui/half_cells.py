"""Images as text with two pixels in each character, which every colour terminal can show.

No library is used for it: the usual one queries the terminal's capabilities when it is imported and
when it draws. Textual reads the keyboard by then, and takes the replies for keys.
"""

import numpy as np
import numpy.typing as npt
from rich.color import Color
from rich.style import Style
from rich.text import Text

from core.data.colours import in_colour


def half_cells(image: npt.NDArray[np.uint8]) -> Text:
    """Return an image (H, W, C) as H / 2 lines, rounded up, of W characters."""
    colours = in_colour(image)
    if len(colours) % 2:
        colours = np.concatenate([colours, colours[-1:]])
    lines = []
    for upper, lower in zip(colours[::2].tolist(), colours[1::2].tolist(), strict=True):
        line = Text(no_wrap=True, end="")
        for above, below in zip(upper, lower, strict=True):
            style = Style(color=Color.from_rgb(*above), bgcolor=Color.from_rgb(*below))
            line.append("▀", style)
        lines.append(line)
    return Text("\n", no_wrap=True).join(lines)

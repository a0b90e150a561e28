"""A line filter that removes control characters before output to the terminal."""

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from core.text_out import is_unseen


class Harmless(LineFilter):
    """Removes control characters from every line that the app draws.

    Text from outside is escaped where it is read; this filter catches what was missed. It does not
    change the layout: it drops characters of no width, and replaces others by signs of equal width.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments with only printable characters in their text."""
        if all(segment.text.isprintable() for segment in segments if not segment.control):
            return segments
        return [
            segment
            if segment.control or segment.text.isprintable()
            else Segment(_printable(segment.text), segment.style)
            for segment in segments
        ]


def _printable(text: str) -> str:
    return "".join(
        "\N{REPLACEMENT CHARACTER}" * cell_len(char) if is_unseen(char) else char for char in text
    )


HARMLESS = Harmless()

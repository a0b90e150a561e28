"""Lines on their way to the terminal, without what could steer it."""

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from core.text_out import is_unseen


class Harmless(LineFilter):
    """Takes characters that steer a terminal out of every line that the app draws.

    Text from outside is made visible where it comes in; this is for what was not. Nothing moves by
    it: what has no width is left out, and what has one is replaced by a sign of that width.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments with nothing but what can be seen in their text."""
        if all(segment.text.isprintable() for segment in segments if not segment.control):
            return segments
        return [
            segment
            if segment.control or segment.text.isprintable()
            else Segment(_seen(segment.text), segment.style)
            for segment in segments
        ]


def _seen(text: str) -> str:
    return "".join(
        "\N{REPLACEMENT CHARACTER}" * cell_len(char) if is_unseen(char) else char for char in text
    )


HARMLESS = Harmless()

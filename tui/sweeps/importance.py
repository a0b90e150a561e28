"""The importance of the settings, as bars with intervals."""

from collections.abc import Sequence

from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from core.sweeps.analysis.importance import Importance
from tui.sweeps.names import brief

NAME = 16
"""Largest width of the column of names."""

NUMBERS = 18
"""Columns for the value and its interval."""

BAR, LEFT, MIDDLE, RIGHT = "█", "├", "─", "┤"


class ImportanceBars(Widget):
    """A bar for each setting: the part of the differences between trials that it explains."""

    shares: reactive[tuple[Importance, ...]] = reactive(())
    """The settings; empty while there is nothing to show."""

    why: reactive[str] = reactive("")
    """Why there is nothing to show."""

    def render(self) -> RenderResult:
        """Return a line for each setting."""
        width = self.size.width
        if not self.shares:
            return Content(self.why)
        return Content("\n").join(lines(self.shares, width)[: max(1, self.size.height)])


def lines(shares: Sequence[Importance], width: int) -> list[Content]:
    """Return the bars, the largest first; above each its interval is laid over it."""
    name = max(len(brief(share.name, NAME)) for share in shares)
    room = max(8, width - name - NUMBERS - 2)
    most = max(0.05, *(share.high for share in shares))
    found = sorted(shares, key=lambda share: -share.value)
    return [_line(share, name, room, most) for share in found]


def _line(share: Importance, name: int, room: int, most: float) -> Content:
    end, low, high = (round(room * part / most) for part in (share.value, share.low, share.high))
    low, high = min(low, room - 1), min(max(high - 1, low), room - 1)
    bar = list(BAR * end + " " * (room - end))
    for at in range(low + 1, high):
        bar[at] = MIDDLE if at >= end else "▓"
    bar[low] = LEFT if low >= end else "▌"
    if high > low:
        bar[high] = RIGHT
    numbers = f"{_percent(share.value):>5} ({100 * share.low:.0f} to {100 * share.high:.0f})"
    return Content.assemble(
        f"{brief(share.name, NAME):<{name}} ",
        ("".join(bar), "$text-primary"),
        f" {numbers}"[:NUMBERS],
    )


def _percent(value: float) -> str:
    return f"{100 * value:.0f} %"

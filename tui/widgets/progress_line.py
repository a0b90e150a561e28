"""One line that shows progress as a bar and in words."""

from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from core.format import first_fitting


class ProgressLine(Widget):
    """A bar with text beside it, which has a fixed width so that the bar does not move."""

    fraction: reactive[float] = reactive(0.0)
    """Progress, from 0 to 1."""

    words: reactive[tuple[str, ...]] = reactive(("",))
    """Forms of the text beside the bar, from the longest to the shortest."""

    reserved: reactive[int] = reactive(0)
    """Columns that are kept free for the text."""

    def render(self) -> RenderResult:
        """Return the bar, and the longest text that leaves it a third of the line."""
        width = self.size.width
        words = first_fitting(width * 2 // 3, *self.words)
        room = max(0, width - max(len(words), min(self.reserved, width * 2 // 3)) - 2)
        done = min(room, int(self.fraction * room + 1e-9))
        half = "╸" if done < room and self.fraction * room - done >= 0.5 else ""
        return Content.assemble(
            ("━" * done + half, "$primary"),
            ("─" * (room - done - len(half)), "$foreground 30%"),
            words.rjust(width - room),
        )

"""One line: how far the run is, as a bar and in words."""

from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from core.format import first_fitting


class ProgressLine(Widget):
    """A bar with words beside it; the words keep their width, so that the bar stands still."""

    fraction: reactive[float] = reactive(0.0)
    """How much is done, from 0 to 1."""

    words: reactive[tuple[str, ...]] = reactive(("",))
    """What stands beside the bar, from the longest form to the shortest."""

    reserved: reactive[int] = reactive(0)
    """Columns that the words may grow to."""

    def render(self) -> RenderResult:
        """Return the bar and as many words as leave it a third of the line."""
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

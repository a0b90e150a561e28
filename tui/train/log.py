"""What happened, line by line, with the time of day."""

from collections.abc import Callable
from datetime import datetime

from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from core import format as fmt

KEPT = 200
"""Lines after which the oldest go."""


class Folded:
    """Text whose paths are cut behind slashes only, at whatever width there is."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Lay the text out."""
        yield Text(fmt.folded(self.text, options.max_width))


class RunLog(VerticalScroll, can_focus=False):
    """The newest line is at the bottom, and in sight.

    Args:
        clock: the time of day.
    """

    BORDER_TITLE = "What happened"

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self._clock = clock
        self.lines: list[tuple[str, str]] = []

    def compose(self) -> ComposeResult:
        """Lay out the text."""
        yield Static()

    def say(self, *texts: str) -> None:
        """Add lines that happened now; only the first says when."""
        if not texts:
            return
        times = [f"{self._clock():%H:%M:%S}", *[""] * (len(texts) - 1)]
        self.lines = [*self.lines, *zip(times, texts, strict=True)][-KEPT:]
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True, style="dim")
        table.add_column(ratio=1, overflow="fold")
        for time, line in self.lines:
            table.add_row(time, Folded(line))
        self.query_one(Static).update(table)
        self.scroll_end(animate=False)

    def on_resize(self) -> None:
        """Keep the newest line in sight."""
        self.scroll_end(animate=False)

"""The log of a run, with the time of day of each event."""

from collections.abc import Callable
from datetime import datetime

from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from core import format as fmt

MAX_LINES = 200
"""Largest number of lines; older ones are dropped."""


class Folded:
    """Text that wraps to any width, with paths broken only after slashes."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the wrapped text."""
        yield Text(fmt.folded(self.text, options.max_width))


class RunLog(VerticalScroll, can_focus=False):
    """A log that scrolls to its newest line at the bottom.

    Args:
        clock: returns the time of day.
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
        """Add lines at the current time; only the first shows it."""
        if not texts:
            return
        times = [f"{self._clock():%H:%M:%S}", *[""] * (len(texts) - 1)]
        self.lines = [*self.lines, *zip(times, texts, strict=True)][-MAX_LINES:]
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True, style="dim")
        table.add_column(ratio=1, overflow="fold")
        for time, line in self.lines:
            table.add_row(time, Folded(line))
        self.query_one(Static).update(table)
        self.scroll_end(animate=False)

    def on_resize(self) -> None:
        """Keep the newest line visible."""
        self.scroll_end(animate=False)

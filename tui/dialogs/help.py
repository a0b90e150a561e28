"""The help screen, which lists the active keys, and explains words of the screen behind it."""

from collections.abc import Iterable
from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import ActiveBinding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.chapters.glossary import on_screen
from tui.keymap.bindings import bind
from tui.keymap.entries import Entry, entries
from tui.keymap.keys import fill
from tui.widgets.modal import ClosesOnce


class HelpScreen(ModalScreen[None], ClosesOnce[None]):
    """Lists active keys, those of the focused widget first, then the words behind it.

    Args:
        bindings: the active bindings of the screen behind the help.
        text: the text of that screen.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        bind(verb, "dismiss", "Close", show=verb == "close")
        for verb in ("close", "quit", "help", "open")
    ]

    def __init__(self, bindings: Iterable[ActiveBinding], text: str) -> None:
        super().__init__()
        self._active = list(bindings)
        self._terms = on_screen(text)

    def compose(self) -> ComposeResult:
        """Lay out one scrolling table."""
        box = VerticalScroll(Static(self._table()), id="help")
        box.border_title = "Keys and words" if self._terms else "Keys"
        box.border_subtitle = fill("{close} closes")
        yield box

    def _table(self) -> Table:
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), expand=True)
        table.add_column(justify="right", no_wrap=True)
        table.add_column()
        listed = entries(self.app, self._active)
        self._keys(table, "Here", [entry for entry in listed if not entry.everywhere])
        self._keys(table, "Everywhere", [entry for entry in listed if entry.everywhere])
        if self._terms:
            table.add_row("", Text("Words", style="italic"))
        for term in self._terms:
            table.add_row(Text(term.word, style="bold"), Text(term.meaning))
        return table

    @staticmethod
    def _keys(table: Table, heading: str, group: list[Entry]) -> None:
        if group:
            table.add_row("", Text(heading, style="italic"))
        for entry in group:
            words = Text(entry.words)
            if entry.refused:
                words.append(f" ─ not now: {entry.refused}", style="dim")
            table.add_row(Text(" ".join(entry.keys), style="bold"), words)

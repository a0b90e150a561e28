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

WORD = 16
"""Columns for a word, which breaks if it is longer."""


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
        """Lay out a table of keys and one of words, which scroll as one."""
        tables = [self._keys(), self._words()] if self._terms else [self._keys()]
        box = VerticalScroll(*map(Static, tables), id="help")
        box.border_title = "Keys and words" if self._terms else "Keys"
        box.border_subtitle = fill("{close} closes")
        yield box

    def _keys(self) -> Table:
        table = _table()
        listed = entries(self.app, self._active)
        for heading, everywhere in (("Here", False), ("Everywhere", True)):
            group = [entry for entry in listed if entry.everywhere is everywhere]
            if group:
                table.add_row("", Text(heading, style="italic"))
            for entry in group:
                table.add_row(Text(" ".join(entry.keys), style="bold"), _meaning(entry))
        return table

    def _words(self) -> Table:
        table = _table(WORD)
        table.add_row("", Text("Words", style="italic"))
        for term in self._terms:
            table.add_row(Text(term.word, style="bold"), Text(term.meaning))
        return table


def _table(most: int | None = None) -> Table:
    """Return a table whose first column is as wide as it must be, but at most `most`."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), expand=True)
    table.add_column(justify="right", no_wrap=most is None, max_width=most)
    table.add_column(ratio=1)
    return table


def _meaning(entry: Entry) -> Text:
    words = Text(entry.words)
    if entry.refused:
        words.append(f" ─ not now: {entry.refused}", style="dim")
    return words

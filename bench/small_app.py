"""A small Textual app, a table and a footer: what any start in this terminal costs."""

from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.widgets import DataTable, Footer

FIRST_WORD, LAST_WORD = "validation", "Quit"
"""A word of the table, and one of the footer."""


class SmallApp(App[None]):
    """A table of a hundred rows above a footer with two keys."""

    BINDINGS: ClassVar[list[BindingType]] = [("q", "quit", LAST_WORD), ("s", "start", "Start")]

    def compose(self) -> ComposeResult:
        """Lay out the table and the footer."""
        yield DataTable[str]()
        yield Footer()

    def on_mount(self) -> None:
        """Fill the table."""
        table = self.query_one(DataTable[str])
        table.add_columns("number", FIRST_WORD, "state")
        for number in range(100):
            table.add_row(str(number), f"{number / 100:.2f}", "finished")


if __name__ == "__main__":
    SmallApp().run()

"""Printing of a table with the columns that fit into the terminal."""

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from tui.cli import say

GAP = 2
"""Terminal columns after each column of a table."""


def print_table(
    title: str,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    priority: Sequence[str] = (),
) -> None:
    """Print a table; if it is too wide, omit columns from the end of `priority`."""
    console = Console()
    shown = list(range(len(headings)))
    if console.is_terminal:
        widths = [max(map(len, column)) + GAP for column in zip(headings, *rows, strict=True)]
        for name in reversed(priority):
            if name in headings and sum(widths[place] for place in shown) > console.width:
                shown.remove(headings.index(name))
    table = Table(
        title=say.cell(title, "bold"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        show_edge=False,
    )
    for place in shown:
        table.add_column(headings[place], justify="right" if place else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(say.cell(row[place]) for place in shown))
    if not console.is_terminal:
        console = Console(width=200)
    console.print(table, highlight=False)
    if omitted := [name for place, name in enumerate(headings) if place not in shown]:
        say.note(f"a wider terminal also shows {', '.join(omitted)}")

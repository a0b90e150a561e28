"""Printing of tables, with the columns that fit into the terminal."""

import io
from collections.abc import Sequence

from rich import box
from rich.console import Console, RenderableType
from rich.table import Table

from tui.cli import say

GAP = 2
"""Terminal columns after each column of a table."""

PIPE = 1_000
"""Columns of output that goes to a file or a program, where nothing is cut."""


def output(what: RenderableType) -> None:
    """Print a table or a text in the width of the terminal.

    In a pipe or a file nothing is cut, tables have no lines, and lines no blanks at their ends.
    """
    console = Console()
    if console.is_terminal:
        console.print(what, highlight=False)
        return
    if isinstance(what, Table):
        what.box, what.pad_edge, what.padding = None, False, (0, GAP, 0, 0)
    out = io.StringIO()
    Console(file=out, width=PIPE).print(what, highlight=False)
    for line in out.getvalue().splitlines():
        say.line(line.rstrip())


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
    output(table)
    if omitted := [name for place, name in enumerate(headings) if place not in shown]:
        say.note(f"a wider terminal also shows {', '.join(omitted)}")

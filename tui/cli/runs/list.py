"""`convsole runs list`: all runs in a table, with the columns that fit into the terminal."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from rich.cells import cell_len
from rich.table import Table

from core import format as fmt
from tui.cli import say
from tui.cli.options import JsonOption
from tui.cli.runs.text import accuracy, console_width, when
from tui.cli.table import output

if TYPE_CHECKING:
    from core.runs.records import Run

NAME = 12
"""Smallest width of the name in columns; in a wide terminal it is a quarter of the width."""

GAP = 2
"""Terminal columns between two columns of a table."""


@say.faults_in_one_sentence()
def list_runs(as_json: JsonOption = False) -> None:
    """List all runs, the newest first."""
    from core.runs.session import store

    runs = store().runs()
    if as_json:
        say.json_line({"runs": [run.summary() for run in runs]})
        return
    if not runs:
        say.note(f"there are no runs in {store().root}; `convsole train` makes one")
        return
    table = listed(runs, console_width())
    output(table)
    if left := list(_cells(runs[0]))[len(table.columns) :]:
        say.note(f"a wider terminal also shows {', '.join(left)}")


def listed(runs: "Sequence[Run]", width: int) -> Table:
    """Return the table of runs with the first columns that fit into `width`."""
    rows = [_cells(run) for run in runs]
    for row in rows:
        row["name"] = fmt.cut(row["name"], max(NAME, width // 4))
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in rows[0]:
        widest = max(cell_len(text) for text in (heading, *(row[heading] for row in rows)))
        width -= widest + GAP
        if width < -GAP and heading != "id":
            break
        right = heading in ("updates", "best val.", "test", "time")
        justify: Literal["left", "right"] = "right" if right else "left"
        table.add_column(heading, justify=justify, no_wrap=heading != "id", overflow="fold")
    for row in rows:
        table.add_row(*[say.cell(text) for text in row.values()][: len(table.columns)])
    return table


def _cells(run: "Run") -> dict[str, str]:
    """Return the cells of a run by heading."""
    return {
        "id": run.id,
        "state": run.state.value,
        "updates": f"{run.updates:,}" + (f" of {run.total:,}" if run.updates < run.total else ""),
        "best val.": accuracy(run.best_accuracy),
        "test": _test(run),
        "time": fmt.duration(run.seconds),
        "started": when(run.started),
        "name": run.name if run.name != run.id else "",
        "settings": run.preset,
    }


def _test(run: "Run") -> str:
    """Return the test accuracy, marked if it was measured at a stop."""
    stop = run.at_stop().get("test_accuracy")
    at_end = run.at_end().get("test_accuracy")
    return accuracy(at_end) if stop is None else f"at the stop {accuracy(stop)}"

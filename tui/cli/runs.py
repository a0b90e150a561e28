"""`convsole runs`: what was trained, from the command line."""

import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from core import format as fmt
from core.config.architecture import ShortForm
from core.config.experiment import FIELDS_BY_NAME
from core.errors import StoreError
from core.format import cut
from core.runs.records import ACCURACIES, Run, RunState, accuracies_text
from core.runs.session import store
from core.text_out import visible
from core.training import edit_text
from tui.cli import say

NAME = 12
"""Columns that a name has at least; in a wide terminal it has a quarter of them."""

GAP = 2
"""Columns of a terminal between two of a table."""


def show_all(as_json: bool) -> None:
    """Print every run, the newest first.

    Raises:
        StoreError: if they cannot be read.
    """
    runs = store().runs()
    if as_json:
        say.json_line({"runs": [run.summary() for run in runs]})
        return
    if not runs:
        say.note(f"there are no runs in {store().root}; `convsole train` makes one")
        return
    table = listed(runs, _width())
    _print(table)
    if left := list(_cells(runs[0]))[len(table.columns) :]:
        say.note(f"a wider terminal also shows {', '.join(left)}")


def listed(runs: Sequence[Run], width: int) -> Table:
    """Return the table of runs, with as many columns as fit into `width`: the first come first."""
    rows = [_cells(run) for run in runs]
    for row in rows:
        row["name"] = cut(row["name"], max(NAME, width // 4))
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


def _cells(run: Run) -> dict[str, str]:
    """Return what the list says of a run, by heading."""
    return {
        "id": run.id,
        "state": run.state.value,
        "updates": f"{run.updates:,}" + (f" of {run.total:,}" if run.updates < run.total else ""),
        "best val.": accuracy(run.best_accuracy),
        "test": _test(run),
        "time": fmt.duration(run.seconds),
        "started": when(run.started),
        "name": run.name if run.name != run.id else "",
        "preset": run.preset,
    }


def show(reference: str, as_json: bool) -> None:
    """Print everything about one run.

    Raises:
        StoreError: if it cannot be read.
    """
    run = store().find(reference)
    events = store().events(run)
    if as_json:
        say.json_line(
            {
                **run.summary(),
                "note": run.note,
                "reason": run.reason,
                "settings": run.settings,
                "result": run.exported_result(),
                "machine": run.machine,
                "source": run.source,
                "events": [event._asdict() for event in events],
                "folder": str(store().folder(run)),
            }
        )
        return
    end = run.at_end()
    stop = accuracies_text(run.at_stop(), accuracy)
    rows: list[tuple[str, str]] = [
        ("id", run.id),
        ("name", run.name),
        ("note", run.note),
        ("state", run.state.value + (f": {run.reason}" if run.reason else "")),
        ("started", when(run.started)),
        ("updates", f"{run.updates:,} of {run.total:,} in {fmt.duration(run.seconds)}"),
        ("data", f"{run.settings.get('dataset')}, {run.source}"),
        ("best validation", _best(run)),
        *[(_label(name), accuracy(end.get(name))) for name in ACCURACIES],
        ("at the stop", stop if run.state is RunState.STOPPED else ""),
        ("preset", run.preset),
        ("architecture", _architecture(run)),
        *[(_label(name), edit_text.with_unit(name, value)) for name, value in run.settings.items()],
        ("machine", f"{run.machine.get('cpu')}, NumPy {run.machine.get('numpy')}"),
        ("folder", str(store().folder(run))),
    ]
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for label, value in rows:
        if value:
            table.add_row(label, say.cell(value))
    _print(table)
    story = Table(box=None, pad_edge=False, header_style="bold", title="", show_header=False)
    for event, words in zip(
        events, edit_text.each_edit(run.settings, [event.edit for event in events]), strict=True
    ):
        story.add_row(when(event.at), f"{event.update:,}", say.cell(event.kind), say.cell(words))
    _print(story)


def delete(reference: str, yes: bool) -> None:
    """Remove a run for good, after a question.

    Raises:
        StoreError: if it cannot be removed, or nobody is there to ask.
    """
    run = store().find(reference)
    if not yes:
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise StoreError(
                f"{run.id} would be gone for good; --yes removes it without a question"
            )
        typer.confirm(
            visible(f"Remove {run.id} ({run.updates:,} updates, {store().folder(run)}) for good?"),
            abort=True,
            err=True,
        )
    store().purge(store().delete(run))
    say.note(f"removed {run.id}")


def when(at: float) -> str:
    """Return a moment as a person reads it, in local time."""
    return f"{datetime.fromtimestamp(at):%Y-%m-%d %H:%M}"


def accuracy(value: float | None) -> str:
    """Return an accuracy in per cent; nothing where there is none."""
    return "" if value is None else f"{value:.2%}"


def _print(table: Table) -> None:
    Console(width=_width()).print(table, highlight=False)


def _width() -> int:
    # A pipe has no width: nothing is cut there.
    return Console().width if sys.stdout.isatty() else 1_000


def _best(run: Run) -> str:
    if run.best_accuracy is None:
        return ""
    return f"{accuracy(run.best_accuracy)} after {run.best_update:,} updates"


def _test(run: Run) -> str:
    """Return the test accuracy, and whether it was measured at a stop."""
    stop = run.at_stop().get("test_accuracy")
    at_end = run.at_end().get("test_accuracy")
    return accuracy(at_end) if stop is None else f"at the stop {accuracy(stop)}"


def _label(name: str) -> str:
    field = FIELDS_BY_NAME.get(name)
    return field.label if field else name.replace("_", " ")


def _architecture(run: Run) -> str:
    layers = run.experiment().architecture
    return ShortForm.of(layers) or ", ".join(layer.title() for layer in layers)

"""`convsole runs`: what was trained, from the command line."""

import sys
from datetime import datetime
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from core.architecture import ShortForm
from core.experiment import FIELDS_BY_NAME
from core.runs.errors import StoreError
from core.runs.records import Run
from core.runs.session import store
from core.runs.store import described
from tui.commands import say
from tui.widgets import units


def show_all(as_json: bool) -> None:
    """Print every run, the newest first.

    Raises:
        StoreError: if they cannot be read.
    """
    runs = store().runs()
    if as_json:
        say.json_line({"runs": [described(run) for run in runs]})
        return
    if not runs:
        say.note(f"there are no runs in {store().root}; `convsole train` makes one")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("id", "name", "preset", "state", "started"):
        table.add_column(heading, no_wrap=True)
    for heading in ("updates", "time", "best val.", "test"):
        table.add_column(heading, justify="right", no_wrap=True)
    for run in runs:
        table.add_row(
            run.id,
            run.name if run.name != run.id else "",
            run.preset,
            run.state.value,
            when(run.started),
            f"{run.updates:,} of {run.total:,}",
            units.duration(run.seconds),
            accuracy(run.best_accuracy),
            accuracy((run.result or {}).get("test_accuracy")),
        )
    _print(table)


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
                **described(run),
                "note": run.note,
                "reason": run.reason,
                "settings": run.settings,
                "result": run.result,
                "machine": run.machine,
                "source": run.source,
                "events": [event._asdict() for event in events],
                "folder": str(store().folder(run)),
            }
        )
        return
    rows: list[tuple[str, str]] = [
        ("id", run.id),
        ("name", run.name),
        ("note", run.note),
        ("state", run.state.value + (f": {run.reason}" if run.reason else "")),
        ("started", when(run.started)),
        ("updates", f"{run.updates:,} of {run.total:,} in {units.duration(run.seconds)}"),
        ("data", f"{run.settings.get('dataset')}, {run.source}"),
        ("best validation", _best(run)),
        *[(_label(name), accuracy(value)) for name, value in _accuracies(run)],
        ("preset", run.preset),
        ("architecture", _architecture(run)),
        *[(_label(name), _shown(name, value)) for name, value in run.settings.items()],
        ("machine", f"{run.machine.get('cpu')}, NumPy {run.machine.get('numpy')}"),
        ("folder", str(store().folder(run))),
    ]
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for label, value in rows:
        if value:
            table.add_row(label, value)
    _print(table)
    story = Table(box=None, pad_edge=False, header_style="bold", title="", show_header=False)
    for event in events:
        story.add_row(when(event.at), f"{event.update:,}", event.kind, _content(event.content))
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
            f"Remove {run.id} ({run.updates:,} updates, {store().folder(run)}) for good?",
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
    # A pipe has no width: nothing is cut there.
    width = None if sys.stdout.isatty() else 1_000
    Console(width=width).print(table, highlight=False)


def _best(run: Run) -> str:
    if run.best_accuracy is None:
        return ""
    return f"{accuracy(run.best_accuracy)} after {run.best_update:,} updates"


def _accuracies(run: Run) -> list[tuple[str, float | None]]:
    names = ("train_accuracy", "validation_accuracy", "test_accuracy")
    return [(name, (run.result or {}).get(name)) for name in names]


def _label(name: str) -> str:
    field = FIELDS_BY_NAME.get(name)
    return field.label if field else name.replace("_", " ")


def _shown(name: str, value: Any) -> str:
    field = FIELDS_BY_NAME.get(name)
    return f"{field.show(value)} {field.unit}".rstrip() if field else ""


def _architecture(run: Run) -> str:
    layers = run.experiment().architecture
    return ShortForm.of(layers) or ", ".join(layer.title() for layer in layers)


def _content(content: dict[str, Any]) -> str:
    changes = content.get("changes", {}).items()
    return ", ".join(f"{_label(name)} {value}" for name, value in changes)

"""The progress bar on stderr and the result on stdout that `train` and `resume` share."""

import sys
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from core import format as fmt
from core.data import source
from core.data.progress import Reading
from core.errors import StoreError
from core.predictions.choice import choose
from core.predictions.export import write_folder
from core.runs.records import Run, exported_result
from core.runs.session import Session, store
from core.training.events import Evaluated, Event, Failed, Finished, Result, Started, UpdateDone
from core.training.health_thresholds import HealthThresholds
from core.training.health_warnings import HealthWarning, health_warnings
from tui import exit_codes
from tui.cli import files, health, inputs, say
from tui.cli.table import output

LONG_TRAINING = 10.0
"""Seconds of training from which its end rings the bell."""

REDRAW = 0.1
"""Seconds between two redraws of the progress bar."""


def follow(
    session: Session,
    *,
    out: Path | None,
    as_json: bool,
    bell: bool,
    thresholds: HealthThresholds,
) -> None:
    """Run a session with a progress bar, print its result, and exit with its code unless it is 0.

    Args:
        session: the session.
        out: folder for figures and copies; None for none.
        as_json: whether to print JSON instead of a table.
        bell: whether the end of a long training rings.
        thresholds: from where on the health of the training is worth a warning.

    Raises:
        DataError, SettingError, StoreError: for bad input.
    """
    with inputs.signals(session.control) as stopped, _Bar(session) as bar:
        last = session.run(bar.on_event, partial(source.load, progress=bar.on_reading))
    folder, run = session.folder, session.record
    assert folder is not None
    assert run is not None
    warnings = health_warnings(session.history, session.experiment, thresholds)
    if isinstance(last, Finished):
        _print(session, last, as_json, warnings)
    elif as_json:
        failed = {"run": folder.id, "update": last.update, "error": last.reason}
        say.json_line({**failed, "warnings": health.as_json(warnings)})
    if not as_json:
        health.print_warnings(warnings)
    if out is not None:
        write_folder(run, session.history, _weights(run), out)
        files.figures(out, lambda: _drawn(session, out))
    if isinstance(last, Failed):
        say.fail(f"{last.reason}; saved as {folder.path}", exit_codes.FAILED)
    if bell and _seconds(session) > LONG_TRAINING and sys.stderr.isatty():
        sys.stderr.write("\a")
    if stopped:
        raise SystemExit(exit_codes.INTERRUPTED)


def _seconds(session: Session) -> float:
    """Return the training time of a run, including one that was not evaluated at its end."""
    result = session.history.result
    return session.history.updates.last("seconds") if result is None else result.seconds


def _drawn(session: Session, folder: Path) -> list[Path]:
    from core.figures import run as drawing

    assert session.folder is not None
    return drawing.export(session.history, folder, session.folder.id)


def _weights(run: Run) -> Path | None:
    """Return the last checkpoint of a run; None if it failed before the first."""
    try:
        return choose(store(), run).path
    except StoreError:
        return None


class _Bar:
    """The progress bar; prints only sentences if stderr is not a terminal."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._console = Console(stderr=True)
        # Leaves room for the ^C that a terminal echoes after the bar, so that it does not wrap.
        self._console.width -= len("^C ")
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[text]}"),
            TimeRemainingColumn(),
            console=self._console,
            auto_refresh=False,
            disable=not self._console.is_terminal,
        )
        self._task: TaskID | None = None
        self._next = 0.0
        self._trouble: str | None = None

    def __enter__(self) -> "_Bar":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def on_reading(self, fraction: float, doing: str) -> None:
        """Show how far the images are read; nothing if they are there at once."""
        if self._task is None and fraction < 1.0:
            self._task = self._progress.add_task("", total=1.0, text="")
        now = perf_counter()
        if self._task is not None and now >= self._next:
            self._next = now + REDRAW
            words = str(Reading(fraction, doing))
            self._progress.update(self._task, completed=fraction, description=words, refresh=True)

    def on_event(self, event: Event) -> None:
        """Show an event of the training."""
        if isinstance(event, UpdateDone):
            now = perf_counter()
            if now >= self._next:
                self._next = now + REDRAW
                self._print_trouble()
                self._show(event.update)
        elif isinstance(event, Started):
            folder = self._session.folder
            run = folder.id if folder else ""
            self._say(
                f"run {run}: {event.parameters:,} parameters, {event.updates:,} updates, "
                + (f"goes on after {event.done:,}, " if event.done else "")
                + f"{event.dataset}, {event.source}"
            )
            for note in self._session.notes:
                self._say(note)
            if self._task is not None:
                self._progress.remove_task(self._task)
            self._task = self._progress.add_task(run, total=event.updates, text="")
        elif isinstance(event, Finished | Evaluated):
            self._show(len(self._session.history.updates))

    def _print_trouble(self) -> None:
        trouble = self._session.trouble
        if trouble != self._trouble:
            self._trouble = trouble
            self._say(f"{trouble}; the training goes on" if trouble else "it is written again")

    def _say(self, sentence: str) -> None:
        self._progress.console.print(say.cell(sentence), soft_wrap=True)

    def _show(self, update: int) -> None:
        if self._task is None or self._progress.disable:
            return
        history = self._session.history
        text = f"{update:,} loss {history.updates.last('loss'):.3f}"
        evaluations, stop = history.evaluated()
        if len(evaluations["update"]):
            text += f" validation {fmt.percent(evaluations['validation_accuracy'][-1])}"
        if stop is not None:
            text += f" at the stop {fmt.percent(stop['validation_accuracy'])}"
        self._progress.update(self._task, completed=update, text=text, refresh=True)


def _print(session: Session, last: Finished, as_json: bool, warnings: list[HealthWarning]) -> None:
    folder, result, updates = session.folder, last.result, len(session.history.updates)
    assert folder is not None
    if as_json:
        facts: dict[str, Any] = {"updates": updates} if result is None else result.as_dict()
        exported = exported_result(facts, last.stopped)
        line = {"run": folder.id, "stopped": last.stopped, **exported}
        say.json_line({**line, "warnings": health.as_json(warnings)})
        return
    ending = f"saved as {folder.path}"
    if result is None:
        say.line(f"{updates:,} updates; at the stop: not measured")
    else:
        output(_table(result, last.stopped))
    if last.stopped:
        ending = f"stopped and {ending}; `convsole resume {folder.id}` goes on"
    say.line(ending)


def _table(result: Result, stopped: bool) -> Table:
    title = f"{result.preset} on {result.dataset}, seed {result.seed}"
    table = Table(title=say.cell(title, "table.title"), title_justify="left")
    table.add_column("at the stop" * stopped)
    for heading in ("training", "validation", "test"):
        table.add_column(heading, justify="right")
    table.add_row(
        "accuracy",
        fmt.percent(result.train_accuracy),
        fmt.percent(result.validation_accuracy),
        fmt.percent(result.test_accuracy),
    )
    table.add_row("loss", f"{result.train_loss:.4f}", f"{result.validation_loss:.4f}", "")
    table.caption = f"{result.updates:,} updates in {result.seconds:.1f} s"
    table.caption_justify = "left"
    return table

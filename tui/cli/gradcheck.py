"""`convsole gradcheck`: the table of a gradient check, and an exit code that says how it went."""

from pathlib import Path
from typing import Any

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from core.checks import gradients, tables
from core.checks import report as reports
from core.checks.report import Report, Row, Verdict
from core.checks.settings import CheckSettings
from core.config.experiment import Experiment
from core.settings import SettingError
from core.training.control import Control
from tui.cli import inputs, say
from tui.cli import out as files
from tui.cli import progress_bar as bar

NEEDED = ("tensor", "shape", "largest rel", "norm-wise", "flips", "redrawn", "verdict")
"""Columns that stay where the terminal is too narrow for all."""

STYLES = {Verdict.PASS: "green", Verdict.FLIP: "yellow", Verdict.FAIL: "bold red"}


def settings(
    reference: str,
    dtype: str | None,
    batch: int | None,
    seed: int | None,
    images: str | None,
    entries: int | None,
    tolerance: float | None,
) -> CheckSettings:
    """Return the settings that the options describe.

    Raises:
        SettingError: if one of them cannot be had.
    """
    given: dict[str, Any] = {
        "reference": reference,
        "dtype": dtype,
        "batch_size": batch,
        "seed": seed,
        "images": images,
        "entries": entries,
    }
    check = CheckSettings.of({name: value for name, value in given.items() if value is not None})
    if check.reference != "torch" and dtype == "float32":
        raise SettingError(
            "dtype",
            f"{check.reference_words} need{'s' * (check.reference == 'complex')} double precision; "
            "leave --dtype out, or take --reference torch for float32",
        )
    if tolerance is not None:
        which = check.dtype if check.reference == "torch" else check.reference
        check = check.changed(**{f"tolerance_{which}": tolerance})
    return check


def gradcheck(
    experiment: Experiment,
    check: CheckSettings,
    *,
    data: Path | None,
    scale: str | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Check, print the table, and end with 0 where all passed, 1 where not.

    Raises:
        CheckError, DataError, SettingError, StoreError: for bad input.
    """
    if out is not None:
        inputs.usable(out)
    if check.images != "random":
        inputs.print_stand_in(experiment, data)
    control = Control()
    with inputs.signals(control) as stopped, bar.Bar() as line:
        report = gradients.run(
            experiment,
            check,
            data,
            scale=scale,
            listen=lambda event: _show_progress(line, event),
            cancelled=lambda: control.stopping,
        )
    if as_json:
        say.json_line(report.as_dict())
    else:
        _print(report)
    if out is not None and report.rows:
        files.write(out, lambda: tables.export(report, out), lambda: _drawn(report, out))
    if stopped:
        raise SystemExit(say.INTERRUPTED)
    if not report.passed:
        raise SystemExit(say.FAILED)


def _drawn(report: Report, folder: Path) -> list[Path]:
    from core.figures import gradients as drawing

    return drawing.export(report, folder)


def _show_progress(line: bar.Bar, event: reports.Progress | Row) -> None:
    if isinstance(event, reports.Progress):
        line.show(event.done, event.total, event.doing)


def _print(report: Report) -> None:
    console = Console()
    wide = not console.is_terminal or console.width >= _width(report)
    columns = tables.columns(report)
    keep = [place for place, name in enumerate(columns) if wide or name in NEEDED]
    table = Table(
        title=say.cell(report.heading(), "bold"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        show_edge=False,
    )
    for place in keep:
        left = columns[place] in ("tensor", "shape", "verdict")
        table.add_column(columns[place], justify="left" if left else "right", no_wrap=True)
    for row in report.rows:
        cells = tables.line(row, report)
        style = STYLES[row.verdict]
        shown = [cells[place] for place in keep]
        table.add_row(*map(say.cell, shown[:-1]), say.cell(shown[-1], style))
    if not console.is_terminal:
        console = Console(width=_width(report))
    console.print(table, highlight=False)
    say.line(f"{report.outcome()} in {report.seconds:.1f} s")
    for note in tables.notes(report):
        console.print(say.cell(note, "dim"))


def _width(report: Report) -> int:
    """Return how many characters the whole table takes."""
    rows = [tables.columns(report), *(tables.line(row, report) for row in report.rows)]
    return sum(max(cell_len(row[k]) for row in rows) + 2 for k in range(len(rows[0]))) + 1

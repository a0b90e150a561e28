"""`convsole gradcheck`: prints the table of a gradient check; the exit code gives the verdict."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from tui import exit_codes
from tui.cli import say
from tui.cli.options import (
    ChangesOption,
    ConfigArgument,
    DataOption,
    FilesOption,
    JsonOption,
    PresetOption,
)
from tui.cli.table import output

if TYPE_CHECKING:
    from core.checks.report import Report
    from core.checks.settings import CheckSettings

NEEDED = ("tensor", "shape", "largest rel", "norm-wise", "flips", "redrawn", "verdict")
"""Columns shown where the terminal is too narrow for all."""

STYLES = {"PASS": "green", "FLIP": "yellow", "FAIL": "bold red"}
"""Style of each verdict."""


@say.faults_in_one_sentence()
def gradcheck(
    config: ConfigArgument = None,
    preset: PresetOption = None,
    changes: ChangesOption = None,
    data: DataOption = None,
    reference: Annotated[
        str,
        typer.Option(
            "--reference", metavar="NAME", help="torch, central (differences) or complex (step)."
        ),
    ] = "torch",
    dtype: Annotated[
        str | None,
        typer.Option("--dtype", metavar="NAME", help="float32 or float64, against torch."),
    ] = None,
    batch: Annotated[
        int | None, typer.Option("--batch", metavar="N", help="Images; 10 by default.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", help="Of weights, images and probes.")
    ] = None,
    images: Annotated[
        str | None,
        typer.Option(
            "--images",
            metavar="KIND",
            help="data, random, or clear: those farthest from a kink.",
        ),
    ] = None,
    entries: Annotated[
        int | None, typer.Option("--entries", metavar="N", help="Entries probed of every tensor.")
    ] = None,
    tolerance: Annotated[
        float | None,
        typer.Option("--tolerance", metavar="ERROR", help="Largest norm-wise error that passes."),
    ] = None,
    scale: Annotated[
        str | None,
        typer.Option("--break", metavar="TENSOR", help="Scale one gradient by 1.001, to see it."),
    ] = None,
    out: FilesOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hold every hand-written gradient against a reference.

    That is PyTorch, or finite differences and complex steps of the network itself.
    """
    from core.checks import gradients, tables
    from core.checks.report import Progress, Row
    from core.training.control import Control
    from tui.cli import files, inputs
    from tui.cli.progress_bar import Bar

    experiment = inputs.experiment(config, preset, changes or [])
    check = _settings(reference, dtype, batch, seed, images, entries, tolerance)
    if out is not None:
        inputs.usable(out)
    if check.images != "random":
        inputs.print_stand_in(experiment, data)
    control = Control()
    with inputs.signals(control) as stopped, Bar() as bar:

        def on_event(event: Progress | Row) -> None:
            if isinstance(event, Progress):
                bar.show(event.done, event.total, event.doing)

        report = gradients.run(
            experiment,
            check,
            data,
            scale=scale,
            listen=on_event,
            cancelled=lambda: control.stopping,
        )
    if as_json:
        say.json_line(report.as_dict())
    else:
        _print(report)
    if out is not None and report.rows:
        files.write(out, lambda: tables.export(report, out), lambda: _drawn(report, out))
    if stopped:
        raise SystemExit(exit_codes.INTERRUPTED)
    if not report.passed:
        raise SystemExit(exit_codes.FAILED)


def _settings(
    reference: str,
    dtype: str | None,
    batch: int | None,
    seed: int | None,
    images: str | None,
    entries: int | None,
    tolerance: float | None,
) -> "CheckSettings":
    from core.checks.settings import CheckSettings
    from core.settings import SettingError
    from tui.cli import inputs

    check = inputs.settings(
        CheckSettings,
        {"batch_size": "--batch"},
        reference=reference,
        dtype=dtype,
        batch_size=batch,
        seed=seed,
        images=images,
        entries=entries,
    )
    if check.reference != "torch" and dtype == "float32":
        raise SettingError(
            "--dtype",
            f"{check.reference_words} need{'s' * (check.reference == 'complex')} double precision; "
            "leave --dtype out, or take --reference torch for float32",
        )
    if tolerance is not None:
        which = check.dtype if check.reference == "torch" else check.reference
        name = f"tolerance_{which}"
        with inputs.by_option({name: "--tolerance"}):
            check = check.changed(**{name: tolerance})
    return check


def _drawn(report: "Report", folder: Path) -> list[Path]:
    from core.figures import gradients as drawing

    return drawing.export(report, folder)


def _print(report: "Report") -> None:
    from core.checks import tables

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
        style = STYLES[row.verdict.value]
        shown = [cells[place] for place in keep]
        table.add_row(*map(say.cell, shown[:-1]), say.cell(shown[-1], style))
    output(table)
    say.line(f"{report.outcome()} in {report.seconds:.1f} s")
    for note in tables.notes(report):
        output(say.cell(note, "dim"))


def _width(report: "Report") -> int:
    """Return the width of the full table in characters."""
    from core.checks import tables

    rows = [tables.columns(report), *(tables.line(row, report) for row in report.rows)]
    return sum(max(cell_len(row[k]) for row in rows) + 2 for k in range(len(rows[0]))) + 1

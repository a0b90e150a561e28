"""`convsole bench`: times updates, and compares them with PyTorch."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui import exit_codes
from tui.cli import say
from tui.cli.options import DataOption, FilesOption, JsonOption, path
from tui.cli.table import print_table

if TYPE_CHECKING:
    from core.benchmark.results import Benchmark
    from core.benchmark.settings import BenchSettings

OPTIONS = {"architectures": "--arch", "contenders": "--beside"}
"""Command-line names of the settings whose options are named differently."""

LATEST = "latest"
"""Value of --earlier for the newest saved benchmark that is not a quick look."""

PRIORITY = (
    "architecture", "this ms", "PyTorch ms", "x PyTorch", "earlier ms", "earlier ms (quick)",
    "change", "its best ms", "x its best", "floor ms", "over floor", "published s", "images/s",
    "GFLOP/s",
)  # fmt: skip
"""Columns of a benchmark by priority; a narrow terminal omits the last ones."""


@say.faults_in_one_sentence()
def bench(
    arch: Annotated[
        list[str] | None,
        typer.Option(
            "--arch",
            metavar="NAME",
            help="arch-1 to arch-7, final, lenet, conv3x3, resnet or deep; may be repeated.",
        ),
    ] = None,
    beside: Annotated[
        str | None,
        typer.Option(
            "--beside",
            metavar="WHAT",
            help="all, torch, floor (the bare matrix products) or written.",
        ),
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option("--threads", metavar="N", help="Of every contender; the cores by default."),
    ] = None,
    updates: Annotated[
        int | None,
        typer.Option("--updates", metavar="N", help="Of every contender; 150 by default."),
    ] = None,
    data: DataOption = None,
    earlier: Annotated[
        str | None,
        typer.Option("--earlier", metavar="latest|FILE", help="Lay a kept result beside this one."),
    ] = None,
    out: FilesOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure an update beside PyTorch and the bare matrix products."""
    from core.benchmark import run, saved_results, tables
    from core.benchmark.results import CaseResult
    from core.benchmark.run import Progress
    from core.runs.folder import refuse_beside_training
    from core.training.control import Control
    from tui.cli import files, inputs
    from tui.cli.progress_bar import Bar

    settings = _settings(arch or [], beside, threads, updates)
    if out is not None:
        inputs.usable(out)
    before = _earlier(earlier) if earlier is not None else None
    refuse_beside_training()
    say.refuse_few_threads()
    control = Control()
    with inputs.signals(control) as stopped, Bar() as bar:

        def on_event(event: Progress | CaseResult) -> None:
            if isinstance(event, Progress):
                bar.show(event.share, 1, f"{event.arch}: {event.doing}")

        result = run.run(settings, data, listen=on_event, cancelled=lambda: control.stopping)
    if result.cases:
        say.note(f"kept in {saved_results.save(result)}")
    if as_json:
        say.json_line(result.as_dict())
    elif result.cases:
        rows = [tables.line(case, before) for case in result.cases]
        title = "Milliseconds per update, medians" + ", a quick look" * result.quick
        print_table(title, tables.headings(before), rows, PRIORITY)
        for note in tables.notes(result):
            say.line(note, "dim")
    if result.cases and out is not None:
        files.write(out, lambda: tables.export(result, out, before), lambda: _drawn(result, out))
    if stopped:
        raise SystemExit(exit_codes.INTERRUPTED)


def _settings(
    architectures: Sequence[str], beside: str | None, threads: int | None, updates: int | None
) -> "BenchSettings":
    from core.benchmark.settings import BenchSettings
    from tui.cli import inputs

    return inputs.settings(
        BenchSettings,
        OPTIONS,
        architectures=tuple(architectures) or None,
        contenders=beside,
        threads=threads,
        updates=updates,
    )


def _earlier(name: str) -> "Benchmark":
    """Return the earlier benchmark to compare with."""
    from core.benchmark import saved_results
    from core.benchmark.results import BenchmarkError

    if name != LATEST:
        return saved_results.read(path(name))
    result = saved_results.latest()
    if result is None:
        looks = " but quick looks; name the file of one" if saved_results.paths() else ""
        raise BenchmarkError(f"there is no earlier benchmark in {saved_results.folder()}{looks}")
    return result


def _drawn(result: "Benchmark", folder: Path) -> list[Path]:
    from core.figures import benchmark as drawing

    return drawing.export(result, folder)

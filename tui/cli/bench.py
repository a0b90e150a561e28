"""`convsole bench`: how fast an update is, and beside whom."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui.cli import say
from tui.cli.options import DataOption, FilesOption, JsonOption, path
from tui.cli.table import print_table

if TYPE_CHECKING:
    from core.benchmark.results import Benchmark
    from core.benchmark.settings import BenchSettings

OPTIONS = {"architectures": "--arch", "contenders": "--beside"}
"""What the settings are called that have another name on the command line."""

LATEST = "latest"
"""Stands for the newest benchmark that was kept and is no quick look."""

PRIORITY = (
    "architecture", "this ms", "PyTorch ms", "x PyTorch", "earlier ms", "earlier ms (quick)",
    "change", "its best ms", "x its best", "floor ms", "over floor", "published s", "images/s",
    "GFLOP/s",
)  # fmt: skip
"""Columns of a benchmark: where a terminal has no room for all, the first come first."""


@say.faults_in_one_sentence()
def bench(
    arch: Annotated[
        list[str] | None,
        typer.Option(
            "--arch",
            metavar="NAME",
            help="arch-1 to arch-7, final, conv3x3 or deep; may be repeated.",
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
    from core.benchmark import kept, run, tables
    from core.benchmark.results import CaseResult
    from core.benchmark.run import Progress
    from core.runs.folder import refuse_beside_training
    from core.training.control import Control
    from tui.cli import files, inputs
    from tui.cli.progress_bar import Bar

    wanted = _settings(arch or [], beside, threads, updates)
    if out is not None:
        inputs.usable(out)
    before = _earlier(earlier) if earlier is not None else None
    refuse_beside_training()
    say.refuse_few_threads()
    control = Control()
    with inputs.signals(control) as stopped, Bar() as bar:

        def listen(event: Progress | CaseResult) -> None:
            if isinstance(event, Progress):
                bar.show(event.share, 1, f"{event.arch}: {event.doing}")

        found = run.run(wanted, data, listen=listen, cancelled=lambda: control.stopping)
    if found.cases:
        say.note(f"kept in {kept.keep(found)}")
    if as_json:
        say.json_line(found.as_dict())
    elif found.cases:
        rows = [tables.line(case, before) for case in found.cases]
        title = "Milliseconds per update, medians" + ", a quick look" * found.quick
        print_table(title, tables.headings(before), rows, PRIORITY)
        for note in tables.notes(found):
            say.line(note, "dim")
    if found.cases and out is not None:
        files.write(out, lambda: tables.export(found, out, before), lambda: _drawn(found, out))
    if stopped:
        raise SystemExit(say.INTERRUPTED)


def _settings(
    architectures: Sequence[str], beside: str | None, threads: int | None, updates: int | None
) -> "BenchSettings":
    from core.benchmark.settings import BenchSettings
    from core.settings import SettingError

    given: dict[str, Any] = {
        "architectures": tuple(architectures) or None,
        "contenders": beside,
        "threads": threads,
        "updates": updates,
    }
    try:
        return BenchSettings.of({name: value for name, value in given.items() if value is not None})
    except SettingError as error:
        raise SettingError(OPTIONS.get(error.field, error.field), error.reason) from None


def _earlier(name: str) -> "Benchmark":
    """Return the benchmark that is to be laid beside."""
    from core.benchmark import kept
    from core.benchmark.results import BenchmarkError

    if name != LATEST:
        return kept.read(path(name))
    found = kept.latest()
    if found is None:
        looks = " but quick looks; name the file of one" if kept.earlier() else ""
        raise BenchmarkError(f"there is no earlier benchmark in {kept.folder()}{looks}")
    return found


def _drawn(found: "Benchmark", folder: Path) -> list[Path]:
    from core.figures import benchmark as drawing

    return drawing.export(found, folder)

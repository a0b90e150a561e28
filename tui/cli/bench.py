"""`convsole bench` and `convsole profile`: how fast, beside whom, and where the time goes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from core.benchmark import kept, run, tables
from core.benchmark import profile as profiles
from core.benchmark.results import Benchmark, BenchmarkError, CaseResult
from core.benchmark.run import Progress
from core.benchmark.settings import BenchSettings
from core.config.experiment import Experiment
from core.runs.folder import refuse_beside_training
from core.settings import SettingError
from core.training.control import Control
from tui.cli import inputs, say
from tui.cli import out as files
from tui.cli import progress_bar as bar
from tui.cli.options import path

OPTIONS = {"architectures": "--arch", "contenders": "--beside"}
"""What the settings are called that have another name on the command line."""

GAP = 2
"""Columns of a terminal behind each of a table."""

LATEST = "latest"
"""Stands for the newest benchmark that was kept and is no quick look."""

PRIORITY = (
    "architecture", "this ms", "PyTorch ms", "x PyTorch", "earlier ms", "earlier ms (quick)",
    "change", "its best ms", "x its best", "floor ms", "over floor", "published s", "images/s",
    "GFLOP/s",
)  # fmt: skip
"""Columns of a benchmark: where a terminal has no room for all, the first come first."""


def settings(
    architectures: Sequence[str], beside: str | None, threads: int | None, updates: int | None
) -> BenchSettings:
    """Return the settings that the options describe.

    Raises:
        SettingError: if one of them cannot be had.
    """
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


def bench(
    wanted: BenchSettings,
    *,
    data: Path | None,
    earlier: str | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Measure, print a line for every architecture, and keep the result.

    Raises:
        BenchmarkError, DataError, SettingError, StoreError: for bad input.
    """
    if out is not None:
        inputs.usable(out)
    before = _earlier(earlier) if earlier is not None else None
    refuse_beside_training()
    say.refuse_few_threads()
    control = Control()
    with inputs.signals(control) as stopped, bar.Bar() as line:

        def listen(event: Progress | CaseResult) -> None:
            if isinstance(event, Progress):
                line.show(event.share, 1, f"{event.arch}: {event.doing}")

        found = run.run(wanted, data, listen=listen, cancelled=lambda: control.stopping)
    if found.cases:
        say.note(f"kept in {kept.keep(found)}")
    if as_json:
        say.json_line(found.as_dict())
    elif found.cases:
        rows = [tables.line(case, before) for case in found.cases]
        title = "Milliseconds per update, medians" + ", a quick look" * found.quick
        _print(title, tables.headings(before), rows, PRIORITY)
        for note in tables.notes(found):
            say.line(note, "dim")
    if found.cases and out is not None:
        files.write(out, lambda: tables.export(found, out, before), lambda: _drawn(found, out))
    if stopped:
        raise SystemExit(say.INTERRUPTED)


def profile(experiment: Experiment, *, data: Path | None, as_json: bool) -> None:
    """Time every layer of a network, and print the table.

    Raises:
        BenchmarkError, DataError, SettingError: for bad input.
    """
    refuse_beside_training()
    control = Control()
    with inputs.signals(control):
        found = profiles.profile(experiment, data, cancelled=lambda: control.stopping)
    if found is None:
        raise SystemExit(say.INTERRUPTED)
    if as_json:
        say.json_line(found.as_dict())
        return
    title = f"{found.name}: one update of {found.batch_size} images on one thread, medians"
    _print(title, tables.PROFILE_HEADINGS, tables.profile_lines(found))


def _earlier(name: str) -> Benchmark:
    """Return the benchmark that is to be laid beside."""
    if name != LATEST:
        return kept.read(path(name))
    found = kept.latest()
    if found is None:
        looks = " but quick looks; name the file of one" if kept.earlier() else ""
        raise BenchmarkError(f"there is no earlier benchmark in {kept.folder()}{looks}")
    return found


def _drawn(found: Benchmark, folder: Path) -> list[Path]:
    from core.figures import benchmark as drawing

    return drawing.export(found, folder)


def _print(
    title: str,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    priority: Sequence[str] = (),
) -> None:
    """Print a table; of the headings in `priority`, the last go where there is no room."""
    console = Console()
    shown = list(range(len(headings)))
    if console.is_terminal:
        wide = [max(map(len, column)) + GAP for column in zip(headings, *rows, strict=True)]
        for name in reversed(priority):
            if name in headings and sum(wide[place] for place in shown) > console.width:
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
    if left := [name for place, name in enumerate(headings) if place not in shown]:
        say.note(f"a wider terminal also shows {', '.join(left)}")

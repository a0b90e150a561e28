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
from core.experiment import Experiment
from core.runs.held import refuse_beside_training
from core.settings import SettingError
from core.training.control import Control
from tui.commands import bar, inputs, say
from tui.commands import out as files

OPTIONS = {"architectures": "--arch", "contenders": "--beside"}
"""What the settings are called that have another name on the command line."""

LATEST = "latest"
"""Stands for the newest benchmark that was kept."""


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
    with inputs.signals(control.stop) as stopped, bar.Bar() as line:

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
        _print("Milliseconds per update, medians", tables.headings(before), rows)
        for note in tables.notes(found):
            Console().print(note, highlight=False, style="dim", markup=False, soft_wrap=True)
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
    with inputs.signals(control.stop):
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
        return kept.read(Path(name))
    files = kept.earlier()
    if not files:
        raise BenchmarkError(f"there is no earlier benchmark in {kept.folder()}")
    return kept.read(files[0])


def _drawn(found: Benchmark, folder: Path) -> list[Path]:
    from core.figures import benchmark as drawing

    return drawing.export(found, folder)


def _print(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    console = Console()
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        show_edge=False,
    )
    for place, heading in enumerate(headings):
        table.add_column(heading, justify="right" if place else "left", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    if not console.is_terminal:
        console = Console(width=200)
    console.print(table, highlight=False)

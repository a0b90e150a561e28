"""`convsole data`: downloads CIFAR-10, and describes the data set found."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from tui import exit_codes
from tui.cli import say
from tui.cli.options import DataOption, JsonOption
from tui.cli.table import output

if TYPE_CHECKING:
    from core.data.source import SplitCounts

group = typer.Typer(help="Fetch CIFAR-10, or say what is there.", no_args_is_help=True)


@group.command()
@say.faults_in_one_sentence()
def fetch(
    url: Annotated[
        str | None,
        typer.Option("--url", metavar="URL", help="Another address of the same archive."),
    ] = None,
) -> None:
    """Download CIFAR-10 (162 MB) into the data folder.

    A download that broke off goes on where it was.
    """
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn
    from rich.progress import TransferSpeedColumn as Speed

    from core.data import download, home, source
    from core.data.dataset import DataError
    from core.data.unpack import FetchStoppedError
    from core.training.control import Control
    from tui.cli import inputs
    from tui.cli.progress_bar import RedrawTimer

    if url is None:
        there = source.describe()
        if there.problem is None:
            say.line(f"CIFAR-10 is there already: {there.found}")
            return
    control = Control()
    console = Console(stderr=True)
    columns = (BarColumn(), DownloadColumn(), Speed(), TimeRemainingColumn())
    redraw_timer = RedrawTimer()
    try:
        # After SIGTERM or Ctrl+C, the partial download stays, and the next attempt resumes it.
        with (
            inputs.signals(control),
            Progress(
                *columns, console=console, auto_refresh=False, disable=not console.is_terminal
            ) as progress,
        ):
            task = progress.add_task("CIFAR-10", total=None)
            folder = download.fetch(
                home.data_folder(),
                url or download.DEFAULT_URL,
                progress=lambda done, total: progress.update(
                    task, completed=done, total=total, refresh=redraw_timer.due()
                ),
                cancelled=lambda: control.stopping,
            )
    except FetchStoppedError as error:
        say.fail(str(error), exit_codes.INTERRUPTED)
    except DataError as error:
        say.fail(str(error), exit_codes.FAILED)
    say.line(f"CIFAR-10 is in {folder}")


@group.command()
@say.faults_in_one_sentence()
def info(
    name: Annotated[
        str,
        typer.Argument(metavar="SET", help="A data set as in settings, such as `synthetic`."),
    ] = "cifar10",
    data: DataOption = None,
    validation: Annotated[
        int,
        typer.Option(
            "--validation", metavar="N", min=0, help="Training images set aside for validation."
        ),
    ] = 1000,
    as_json: JsonOption = False,
) -> None:
    """Say which data are there: the images of every class and split.

    Of CIFAR-10, every file is read, so that damage is found.
    """
    from core.data import known
    from core.data.dataset import DataError

    if known.get(name).name == known.CIFAR10:
        _describe_cifar10(data, validation, as_json)
        return
    if data is not None:
        raise DataError(f"--data is for CIFAR-10, and {known.title(name)} is read without it")
    _describe(name, validation, as_json)


def _describe_cifar10(data: Path | None, validation: int, as_json: bool) -> None:
    from core.data import source
    from core.data.dataset import DataError
    from core.data.known import CIFAR10

    found = source.describe(data, validation)
    if data is not None and found.problem:
        raise DataError(found.problem)
    if as_json:
        say.json_line(
            {
                "name": CIFAR10,
                "looked_in": str(found.looked_in),
                "found": str(found.found) if found.found else None,
                "layout": found.layout,
                **_counted(CIFAR10, found.classes, found.splits),
                "problem": found.problem,
            }
        )
        return
    if found.problem:
        say.line(found.problem)
        say.line("The built-in shapes are always there: `convsole data info synthetic`.")
        return
    _print_counts(f"CIFAR-10, {found.layout}", found.classes, found.splits)
    say.line(f"{found.found}")


def _describe(name: str, validation: int, as_json: bool) -> None:
    """Describe a data set that is no file, or of one kind only."""
    from core.data import known, source

    dataset = source.load(name, None, validation)
    splits = source.counts(dataset)
    if as_json:
        where = {"looked_in": None, "found": dataset.source, "layout": None, "problem": None}
        say.json_line({"name": name, **where, **_counted(name, dataset.classes, splits)})
        return
    title = known.title(name)
    _print_counts(f"{title[:1].upper()}{title[1:]}", dataset.classes, splits)
    say.line(dataset.source)


def _counted(
    name: str, classes: Sequence[str], splits: Sequence["SplitCounts"]
) -> dict[str, object]:
    from core.data import known

    return {
        "shape": list(known.get(name).shape),
        "classes": list(classes),
        "splits": {
            split.name: {"images": split.images, "per_class": list(split.per_class)}
            for split in splits
        },
    }


def _print_counts(title: str, classes: Sequence[str], splits: Sequence["SplitCounts"]) -> None:
    table = Table(title=say.cell(title), title_justify="left")
    table.add_column("class")
    for split in splits:
        table.add_column(split.name, justify="right")
    for number, name in enumerate(classes):
        table.add_row(say.cell(name), *(f"{split.per_class[number]:,}" for split in splits))
    table.add_section()
    table.add_row("all", *(f"{split.images:,}" for split in splits))
    output(table)

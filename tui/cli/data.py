"""`convsole data`: downloads CIFAR-10, and describes the data set found."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from tui.cli import say
from tui.cli.options import DataOption, JsonOption
from tui.cli.table import output

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
        say.fail(str(error), say.INTERRUPTED)
    except DataError as error:
        say.fail(str(error), say.FAILED)
    say.line(f"CIFAR-10 is in {folder}")


@group.command()
@say.faults_in_one_sentence()
def info(data: DataOption = None, as_json: JsonOption = False) -> None:
    """Say which data are there."""
    from core.data import source
    from core.data.dataset import DataError

    found = source.describe(data)
    if data is not None and found.problem:
        raise DataError(found.problem)
    if as_json:
        say.json_line(
            {
                "looked_in": str(found.looked_in),
                "found": str(found.found) if found.found else None,
                "layout": found.layout,
                "classes": list(found.classes),
                "splits": {
                    split.name: {"images": split.images, "per_class": list(split.per_class)}
                    for split in found.splits
                },
                "problem": found.problem,
            }
        )
        return
    if found.problem:
        say.line(found.problem)
        say.line("The built-in shapes are always there.")
        return
    table = Table(title=f"CIFAR-10, {found.layout}", title_justify="left")
    table.add_column("class")
    for split in found.splits:
        table.add_column(split.name, justify="right")
    for number, name in enumerate(found.classes):
        table.add_row(name, *(f"{split.per_class[number]:,}" for split in found.splits))
    table.add_section()
    table.add_row("all", *(f"{split.images:,}" for split in found.splits))
    output(table)
    say.line(f"{found.found}")

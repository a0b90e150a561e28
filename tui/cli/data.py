"""`convsole data`: fetch CIFAR-10, and say what is there."""

from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn
from rich.progress import TransferSpeedColumn as Speed
from rich.table import Table

from core.data import download, home, source
from core.data.dataset import DataError
from core.data.unpack import FetchStoppedError
from core.training.control import Control
from tui.cli import inputs, say
from tui.cli import progress_bar as bar


def fetch(url: str | None) -> None:
    """Download CIFAR-10 into the data folder, with a progress bar on stderr.

    What is there already is left alone, unless an address is named.
    """
    if url is None:
        there = source.describe()
        if there.problem is None:
            say.line(f"CIFAR-10 is there already: {there.found}")
            return
    control = Control()
    console = Console(stderr=True)
    columns = (BarColumn(), DownloadColumn(), Speed(), TimeRemainingColumn())
    looks = bar.Looks()
    try:
        # A polite kill, like Ctrl+C, leaves what has arrived for the next try to go on from.
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
                    task, completed=done, total=total, refresh=looks.due()
                ),
                cancelled=lambda: control.stopping,
            )
    except FetchStoppedError as error:
        say.fail(str(error), say.INTERRUPTED)
    except DataError as error:
        say.fail(str(error), say.FAILED)
    say.line(f"CIFAR-10 is in {folder}")


def info(path: Path | None, as_json: bool) -> None:
    """Print what CIFAR-10 there is, how many images of each class, and what is missing.

    Raises:
        DataError: if a place was named and holds none.
    """
    found = source.describe(path)
    if path is not None and found.problem:
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
    Console().print(table, highlight=False)
    say.line(f"{found.found}")

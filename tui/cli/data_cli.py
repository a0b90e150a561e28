"""The commands about the data set."""

from typing import Annotated

import typer

from tui.cli import say
from tui.cli.options import DataOption, JsonOption

data_app = typer.Typer(help="Fetch CIFAR-10, or say what is there.", no_args_is_help=True)


@data_app.command()
def fetch(
    url: Annotated[
        str | None,
        typer.Option("--url", metavar="URL", help="Another address of the same archive."),
    ] = None,
) -> None:
    """Download CIFAR-10 (162 MB) into the data folder.

    A download that broke off goes on where it was.
    """
    from tui.cli import data as command

    with say.faults_in_one_sentence():
        command.fetch(url)


@data_app.command()
def info(data: DataOption = None, as_json: JsonOption = False) -> None:
    """Say which data are there."""
    from tui.cli import data as command

    with say.faults_in_one_sentence():
        command.info(data, as_json)

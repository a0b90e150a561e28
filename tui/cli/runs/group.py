"""The command group `convsole runs`."""

import typer

from tui.cli.runs.delete import delete
from tui.cli.runs.list import list_runs
from tui.cli.runs.show import show

group = typer.Typer(help="List, show or delete what was trained.", no_args_is_help=True)
group.command("list")(list_runs)
group.command()(show)
group.command()(delete)

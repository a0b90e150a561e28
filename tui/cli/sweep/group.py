"""The command group `convsole sweep`."""

import typer

from tui.cli.sweep.export import export
from tui.cli.sweep.list import list_studies
from tui.cli.sweep.new import new
from tui.cli.sweep.resume import resume
from tui.cli.sweep.run import run
from tui.cli.sweep.show import show
from tui.cli.sweep.stop import stop

group = typer.Typer(
    help="Search settings: many trials, the best of them found.", no_args_is_help=True
)
group.command()(run)
group.command("list")(list_studies)
group.command()(show)
group.command()(stop)
group.command()(resume)
group.command()(export)
group.command()(new)

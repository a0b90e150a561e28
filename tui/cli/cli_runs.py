"""The commands about runs that are there already."""

from typing import Annotated

import typer

from tui.cli import say
from tui.cli.options import DataOption, JsonOption, RunArgument

runs_app = typer.Typer(help="List, show or delete what was trained.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands that stand beside `runs`."""
    app.command()(doctor)


def doctor(
    mend: Annotated[bool, typer.Option("--repair", help="Mend what can be mended.")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say whether runs, weights and data are sound."""
    from tui.cli import doctor as command

    with say.faults_in_one_sentence():
        command.doctor(data=data, mend=mend, as_json=as_json)


@runs_app.command("list")
def runs_list(as_json: JsonOption = False) -> None:
    """List all runs, the newest first."""
    from tui.cli import runs as command

    with say.faults_in_one_sentence():
        command.show_all(as_json)


@runs_app.command("show")
def runs_show(run: RunArgument, as_json: JsonOption = False) -> None:
    """Show all that is known of a run: settings, edits, results."""
    from tui.cli import runs as command

    with say.faults_in_one_sentence():
        command.show(run, as_json)


@runs_app.command("delete")
def runs_delete(
    run: RunArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove a run, its points and its weights, for good."""
    from tui.cli import runs as command

    with say.faults_in_one_sentence():
        command.delete(run, yes)

"""The commands about runs that are there already."""

from pathlib import Path
from typing import Annotated

import typer

from tui.commands import say
from tui.options import DataOption, JsonOption, RunArgument

runs_app = typer.Typer(help="List, show or delete what was trained.", no_args_is_help=True)

BestOption = Annotated[
    bool, typer.Option("--best", help="The weights of the best validation accuracy, not the last.")
]


def register(app: typer.Typer) -> None:
    """Add the commands that stand beside `runs`."""
    for command in (evaluate, predict, doctor):
        app.command()(command)
    app.command("export")(export_run)


def evaluate(
    run: RunArgument,
    split: Annotated[str, typer.Option("--split", help="test, validation or train.")] = "test",
    best: BestOption = False,
    data: DataOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Also write figures, CSV and JSON here.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say how well a run does, class by class."""
    from tui.commands import predictions as command

    with say.faults_in_one_sentence():
        command.evaluate(run, split=split, best=best, data=data, out=out, as_json=as_json)


def predict(
    run: RunArgument,
    images: Annotated[
        list[Path], typer.Argument(metavar="IMAGE...", help="Pictures of any kind and size.")
    ],
    best: BestOption = False,
    top: Annotated[int, typer.Option("--top", min=1, max=10, help="Classes to name.")] = 5,
    as_json: JsonOption = False,
) -> None:
    """Say what a run takes pictures for."""
    from tui.commands import predictions as command

    with say.faults_in_one_sentence():
        command.predict(run, images, best=best, top=top, as_json=as_json)


def export_run(
    run: RunArgument,
    to: Annotated[
        Path,
        typer.Option(
            "--to", help="File to write: .safetensors, .npz or .onnx; .csv or .json for points."
        ),
    ],
    best: BestOption = False,
    force: Annotated[bool, typer.Option("--force", help="Write over a file.")] = False,
) -> None:
    """Write weights or history of a run for other programs."""
    from tui.commands import predictions as command

    with say.faults_in_one_sentence():
        command.export_run(run, to=to, best=best, force=force)


def doctor(
    mend: Annotated[bool, typer.Option("--repair", help="Mend what can be mended.")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say whether runs, weights and data are sound."""
    from tui.commands import doctor as command

    with say.faults_in_one_sentence():
        command.doctor(data=data, mend=mend, as_json=as_json)


@runs_app.command("list")
def runs_list(as_json: JsonOption = False) -> None:
    """List all runs, the newest first."""
    from tui.commands import runs as command

    with say.faults_in_one_sentence():
        command.show_all(as_json)


@runs_app.command("show")
def runs_show(run: RunArgument, as_json: JsonOption = False) -> None:
    """Show all that is known of a run: settings, edits, results."""
    from tui.commands import runs as command

    with say.faults_in_one_sentence():
        command.show(run, as_json)


@runs_app.command("delete")
def runs_delete(
    run: RunArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove a run, its points and its weights, for good."""
    from tui.commands import runs as command

    with say.faults_in_one_sentence():
        command.delete(run, yes)

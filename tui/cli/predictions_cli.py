"""The commands that ask a network which was trained, or hand it on."""

from pathlib import Path
from typing import Annotated

import typer

from tui.cli import say
from tui.cli.options import DataOption, JsonOption, RunArgument, path

app = typer.Typer()
"""Joined to the other commands by `tui.cli.app`."""

BestOption = Annotated[
    bool,
    typer.Option("--best", help="The network of the best validation accuracy, not the last."),
]


@app.command()
def evaluate(
    run: RunArgument,
    split: Annotated[
        str, typer.Option("--split", metavar="SET", help="test, validation or train.")
    ] = "test",
    best: BestOption = False,
    data: DataOption = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", parser=path, metavar="DIR", help="Also write figures, CSV and JSON here."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say how well a trained network does, class by class.

    And what it mixes up: the confusion matrix, and the classes most often taken for others.
    """
    from tui.cli import predictions as command

    with say.faults_in_one_sentence():
        command.evaluate(run, split=split, best=best, data=data, out=out, as_json=as_json)


@app.command()
def predict(
    run: RunArgument,
    images: Annotated[
        list[Path], typer.Argument(parser=path, metavar="IMAGE", help="Picture files, of any size.")
    ],
    best: BestOption = False,
    top: Annotated[
        int,
        typer.Option("--top", metavar="N", min=1, max=10, help="How many classes to tell of each."),
    ] = 5,
    as_json: JsonOption = False,
) -> None:
    """Say what a trained network takes pictures for."""
    from tui.cli import predictions as command

    with say.faults_in_one_sentence():
        command.predict(run, images, best=best, top=top, as_json=as_json)


@app.command()
def export(
    run: RunArgument,
    to: Annotated[
        Path,
        typer.Option(
            "--to",
            parser=path,
            metavar="PATH",
            help="Network: .safetensors, .npz or .onnx; history: .csv or .json.",
        ),
    ],
    best: BestOption = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite what is there.")] = False,
) -> None:
    """Write the network of a run, or its history, for other programs."""
    from tui.cli import predictions as command

    with say.faults_in_one_sentence():
        command.export(run, to, best=best, force=force)

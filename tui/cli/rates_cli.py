"""The command that looks for learning rates."""

from pathlib import Path
from typing import Annotated

import typer

from core.text_out import as_command
from tui.cli import say
from tui.cli.options import (
    ChangesOption,
    ConfigArgument,
    DataOption,
    JsonOption,
    PresetOption,
    ThreadsOption,
    path,
)

app = typer.Typer()
"""Joined to the other commands by `tui.cli.app`."""


@app.command("lr-find")
def lr_find(
    config: ConfigArgument = None,
    preset: PresetOption = None,
    changes: ChangesOption = None,
    low: Annotated[
        float | None,
        typer.Option("--low", metavar="RATE", help="Rate of the first update; 1e-5 by default."),
    ] = None,
    high: Annotated[
        float | None,
        typer.Option("--high", metavar="RATE", help="Rate of the last update; 1 by default."),
    ] = None,
    updates: Annotated[
        int | None,
        typer.Option("--updates", metavar="N", help="Of the whole test; 300 by default."),
    ] = None,
    data: DataOption = None,
    threads: ThreadsOption = None,
    plot: Annotated[
        Path | None,
        typer.Option("--plot", parser=path, metavar="FILE.png", help="Draw the curve here."),
    ] = None,
    write: Annotated[
        Path | None,
        typer.Option(
            "--write",
            parser=path,
            metavar="NEW.toml",
            help="Write the settings with the suggested rates here.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say between which learning rates the loss falls.

    The network is trained shortly under a rising rate: a learning-rate range test.
    """
    from tui.cli import inputs
    from tui.cli import lr_find as command

    words = ["convsole", "train"]
    words += [str(config)] if config else ["--preset", preset] if preset else []
    words += [word for change in changes or [] for word in ("--set", change)]
    words += ["--data", str(data)] if data else []
    with say.faults_in_one_sentence():
        command.find(
            inputs.experiment(config, preset, changes or []),
            command.settings(low, high, updates),
            start=as_command(words),
            data=data,
            threads=threads,
            plot=plot,
            write=write,
            as_json=as_json,
        )

"""Arguments and options that several commands take."""

from pathlib import Path
from typing import Annotated

import typer

from core import paths
from tui.cli import say


def path(text: str) -> Path:
    """Return the path that an argument denotes; exit with an error if it is invalid."""
    try:
        return paths.argument(text)
    except paths.PathError as error:
        say.fail(str(error))


ConfigArgument = Annotated[
    Path | None, typer.Argument(parser=path, metavar="CONFIG.toml", help="Settings to take.")
]
PresetOption = Annotated[
    str | None,
    typer.Option("--preset", metavar="NAME", help="A preset to take; see `convsole presets`."),
]
ChangesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="FIELD=VALUE",
        help="Change a setting, see `convsole settings`; may be repeated.",
    ),
]
DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data",
        parser=path,
        metavar="PATH",
        help="Folder or .tar.gz of CIFAR-10; else the data folder is searched.",
    ),
]
ThreadsOption = Annotated[
    int | None,
    typer.Option(
        "--threads",
        metavar="N",
        min=1,
        help="Threads at most; changes the time, not the result.",
    ),
]
RunArgument = Annotated[
    str, typer.Argument(metavar="RUN", help="An id, the beginning of one, a name, or `latest`.")
]
OutOption = Annotated[
    Path | None,
    typer.Option(
        "--out", parser=path, metavar="DIR", help="Also put figures and copies of the run here."
    ),
]
FilesOption = Annotated[
    Path | None,
    typer.Option(
        "--out", parser=path, metavar="DIR", help="Also write CSV, Markdown and PNG here."
    ),
]
BestOption = Annotated[
    bool,
    typer.Option("--best", help="The network of the best validation accuracy, not the last."),
]
UpdatesOption = Annotated[
    int | None,
    typer.Option(
        "--checkpoint", metavar="N", min=0, help="The checkpoint after N updates, not the last."
    ),
]
CheckpointOption = Annotated[
    float,
    typer.Option(
        "--checkpoint-every",
        metavar="SECONDS",
        min=0,
        help="From one checkpoint of the weights to the next.",
    ),
]
BellOption = Annotated[
    bool, typer.Option("--bell/--no-bell", help="Ring at the end of a long training.")
]
ThresholdOption = Annotated[
    list[str] | None,
    typer.Option(
        "--threshold",
        metavar="NAME=VALUE",
        help="When to warn, see `convsole settings health`; may be repeated.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one line of JSON on stdout.")]

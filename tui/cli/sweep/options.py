"""Arguments and options that several commands of `convsole sweep` take."""

from pathlib import Path
from typing import Annotated

import typer

from tui.cli.options import path

StudyArgument = Annotated[
    str,
    typer.Argument(metavar="STUDY", help="A name, the beginning of one, a number, or `latest`."),
]
SchedulerOption = Annotated[
    str | None,
    typer.Option(
        "--scheduler",
        metavar="ADDRESS",
        help="Train on the cluster of this scheduler, tcp://HOST:PORT or tls://HOST:PORT.",
    ),
]
WorkersOption = Annotated[
    int | None,
    typer.Option(
        "--workers",
        metavar="N",
        min=0,
        max=1000,
        help="Workers on this machine, one for each core by default; 0 trains in this process.",
    ),
]
WorkerThreadsOption = Annotated[
    int | None,
    typer.Option(
        "--threads",
        metavar="N",
        min=1,
        max=1000,
        help="Threads of each worker; without --workers as many as turn out to be fastest.",
    ),
]
TimeOption = Annotated[
    float | None,
    typer.Option(
        "--wall-seconds",
        metavar="S",
        min=0.0,
        help="Give the study so many seconds in all; 0 takes its limit away.",
    ),
]
RemoteOption = Annotated[
    bool,
    typer.Option(
        "--allow-remote-tcp",
        help="Connect to other machines without encryption, where anybody may listen.",
    ),
]
CaOption = Annotated[
    Path | None,
    typer.Option(
        "--tls-ca", parser=path, metavar="FILE", help="Certificate that signed those of a cluster."
    ),
]
CertOption = Annotated[
    Path | None,
    typer.Option("--tls-cert", parser=path, metavar="FILE", help="Certificate of this client."),
]
KeyOption = Annotated[
    Path | None,
    typer.Option("--tls-key", parser=path, metavar="FILE", help="Its key, if it is elsewhere."),
]

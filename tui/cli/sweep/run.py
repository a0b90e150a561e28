"""`convsole sweep run`: runs a study, or goes on with it."""

from pathlib import Path
from typing import Annotated

import typer

from tui.cli import say
from tui.cli.options import DataOption, JsonOption, path
from tui.cli.sweep.options import (
    CaOption,
    CertOption,
    KeyOption,
    RemoteOption,
    SchedulerOption,
    TimeOption,
    WorkersOption,
    WorkerThreadsOption,
)


@say.faults_in_one_sentence()
def run(
    file: Annotated[Path, typer.Argument(parser=path, metavar="STUDY.toml", help="What is tried.")],
    data: DataOption = None,
    scheduler: SchedulerOption = None,
    workers: WorkersOption = None,
    threads: WorkerThreadsOption = None,
    remote: RemoteOption = False,
    ca: CaOption = None,
    cert: CertOption = None,
    key: KeyOption = None,
    wall_seconds: TimeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run a study; the same command goes on with it.

    Every trial is a run: `convsole runs` lists it, and `convsole resume` goes on with it.
    """
    from core.sweeps.definition.study import Study
    from tui.cli.sweep.follow import Place, follow, with_time

    place = Place(scheduler, workers, threads, remote, ca, cert, key)
    follow(with_time(Study.read(file), wall_seconds), data, place, as_json=as_json)

"""`convsole sweep resume`: goes on with a study, without the file that defines it."""

from typing import Annotated

import typer

from tui.cli import say
from tui.cli.options import DataOption, JsonOption
from tui.cli.sweep.options import (
    CaOption,
    CertOption,
    KeyOption,
    RemoteOption,
    SchedulerOption,
    StudyArgument,
    TimeOption,
    WorkersOption,
    WorkerThreadsOption,
)


@say.faults_in_one_sentence()
def resume(
    study: StudyArgument,
    data: DataOption = None,
    scheduler: SchedulerOption = None,
    workers: WorkersOption = None,
    threads: WorkerThreadsOption = None,
    remote: RemoteOption = False,
    ca: CaOption = None,
    cert: CertOption = None,
    key: KeyOption = None,
    more_seeds: Annotated[
        int | None,
        typer.Option(
            "--more-seeds",
            metavar="N",
            min=1,
            max=100,
            help="Train the best trial, or that of --trial, with N further seeds.",
        ),
    ] = None,
    trial: Annotated[
        int | None,
        typer.Option("--trial", metavar="T", min=0, help="The trial that gets more seeds."),
    ] = None,
    wall_seconds: TimeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Go on with a study, or train more seeds of a trial."""
    from core.runs.session import store
    from core.runs.studies.records import StudyState
    from core.sweeps.definition.study import Study
    from core.sweeps.execution.more_seeds import add
    from tui.cli.sweep.follow import Place, follow, result, with_time

    if trial is not None and more_seeds is None:
        say.fail("--trial says which trial gets more seeds; add --more-seeds N")
    place = Place(scheduler, workers, threads, remote, ca, cert, key)
    place.check()
    found = store().study(study)
    definition = with_time(Study.of(found.definition), wall_seconds, found.seconds)
    # Nothing is refused from here on but what happens meanwhile.
    if more_seeds is not None:
        found = add(store(), found, more_seeds, trial)
        say.note(found.reason)
    elif store().is_at_work(found) and found.state is StudyState.PAUSED:
        found = store().change_study(found, state=StudyState.RUNNING, reason="")
        say.note(f"the process that works on {found.name} goes on with it")
        if as_json:
            say.json_line(result(store(), found))
        return
    follow(definition, data, place, as_json=as_json)

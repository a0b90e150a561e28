"""`convsole sweep resume`: goes on with a study, without the file that defines it."""

from tui.cli import say
from tui.cli.options import DataOption, JsonOption
from tui.cli.sweep.options import (
    CaOption,
    CertOption,
    KeyOption,
    RemoteOption,
    SchedulerOption,
    StudyArgument,
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
    as_json: JsonOption = False,
) -> None:
    """Go on with a study that was stopped or paused."""
    from core.runs.session import store
    from core.runs.studies.records import StudyState
    from core.sweeps.study import Study
    from tui.cli.sweep.follow import Place, follow, result

    found = store().study(study)
    if store().is_at_work(found) and found.state is StudyState.PAUSED:
        found = store().change_study(found, state=StudyState.RUNNING, reason="")
        say.note(f"the process that works on {found.name} goes on with it")
        if as_json:
            say.json_line(result(store(), found))
        return
    place = Place(scheduler, workers, threads, remote, ca, cert, key)
    follow(Study.of(found.definition), data, place, as_json=as_json)

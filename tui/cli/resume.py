"""`convsole resume`: resumes a run, or prints the result of a finished one."""

from tui.cli import say
from tui.cli.options import (
    BellOption,
    CheckpointOption,
    DataOption,
    JsonOption,
    OutOption,
    RunArgument,
    ThreadsOption,
    ThresholdOption,
)


@say.faults_in_one_sentence()
def resume(
    run: RunArgument,
    data: DataOption = None,
    threads: ThreadsOption = None,
    out: OutOption = None,
    checkpoint_every: CheckpointOption = 10.0,
    limits: ThresholdOption = None,
    as_json: JsonOption = False,
    bell: BellOption = True,
) -> None:
    """Go on with a run, to the bit as if it had never stopped."""
    from core.runs.records import RunState
    from core.runs.session import Session, store
    from tui.cli import health, inputs
    from tui.cli.follow_session import follow

    if out is not None:
        inputs.usable(out)
    thresholds = health.thresholds(limits)
    found = store().find(run)
    session = Session.resume(found, data, threads, checkpoint_every=checkpoint_every)
    finished = found.state is RunState.FINISHED
    if finished:
        say.note(f"{found.id} is finished; this is what it gave")
    ring = bell and not finished
    follow(session, out=out, as_json=as_json, bell=ring, thresholds=thresholds)

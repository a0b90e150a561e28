"""Why an action on the run that the Train pane shows is not possible now."""

from core.runs.session import Session
from tui.keymap.keys import fill
from tui.train.health_watch import HealthWatch
from tui.train.text import all_done
from tui.worker.messages import JobState
from tui.worker.runner import JobRunner


def edit(session: Session | None, runner: JobRunner) -> str:
    """Return why a training cannot be edited now, in a line; empty if it can."""
    if runner.state not in (JobState.RUNNING, JobState.PAUSED):
        return fill("nothing trains that could be changed; {start} starts a training")
    if session is not None and all_done(session):
        return "every update of this run is done: no change would take effect any more"
    return ""


def resume(session: Session | None, runner: JobRunner) -> str:
    """Return why the run that is shown cannot be resumed now, in a line; empty if it can."""
    if runner.busy:
        return runner.refusal
    if session is None or session.record is None:
        return fill("no run is shown that could be resumed; {start} starts one")
    if session.watched:
        return "another program trains this run"
    result = session.history.result
    if result is not None and result.updates >= session.history.total:
        return "this run has come to its end"
    return ""


def warnings(session: Session | None, watch: HealthWatch) -> str:
    """Return why there are no warnings to list, in a line; empty if there are some."""
    if watch.session is not session or watch.log is None:
        return "the training has not been judged yet"
    if not watch.log.warnings:
        return "there are no warnings: nothing was beyond a threshold so far"
    return ""

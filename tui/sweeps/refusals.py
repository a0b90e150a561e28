"""Why a study cannot go on now, or a trial cannot go to another pane."""

from core.runs.studies.records import StudyState
from core.sweeps.analysis.snapshot import Snapshot, TrialRow
from tui.keymap.keys import fill
from tui.worker.runner import JobRunner


def no_study() -> str:
    """Return that there is no study, and what makes one."""
    return fill("there is no study yet; {add} makes one")


def resume(snapshot: Snapshot | None, runner: JobRunner) -> str:
    """Return why a study cannot go on now, in a line; empty if it can."""
    if snapshot is None:
        return no_study()
    if runner.busy:
        return runner.refusal
    study = snapshot.study
    if study.state is StudyState.FINISHED:
        if study.reason:
            return f"{study.name}: {study.reason}; `convsole sweep resume` gives it more"
        return f"{study.name} has come to its end"
    at_work = study.state in (StudyState.RUNNING, StudyState.PAUSED)
    return f"another program runs {study.name}" if at_work else ""


def run_of(row: TrialRow | None, why: str, runner: JobRunner | None) -> str:
    """Return why there is nothing to do with the run of a trial; empty if there is.

    Args:
        row: the trial; None if there is none.
        why: why there is none.
        runner: of the job that would train it again; None if nothing is to be trained.
    """
    if row is None:
        return why
    if row.run is None:
        return f"trial {row.number} has not begun, and has no run yet"
    return runner.refusal if runner is not None else ""

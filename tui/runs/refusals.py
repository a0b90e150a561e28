"""Why a run cannot be resumed now."""

from core.runs.records import AT_WORK, Run, RunState
from tui.keymap.keys import fill
from tui.worker.runner import JobRunner


def resume(run: Run, runner: JobRunner) -> str:
    """Return why a run cannot be resumed now, in a line; empty if it can."""
    if runner.busy:
        return runner.refusal
    if run.state is RunState.FINISHED:
        return run.name + fill(" has come to its end; {take} takes its settings to Configure")
    return f"another program trains {run.name}" if run.state in AT_WORK else ""

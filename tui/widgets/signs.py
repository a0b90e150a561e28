"""Signs of the states of runs, which tell them apart without colour."""

from core.runs.records import RunState

RUNS = {
    RunState.RUNNING: "●",
    RunState.PAUSED: "‖",
    RunState.FINISHED: "✓",
    RunState.STOPPED: "■",
    RunState.FAILED: "✗",
    RunState.CRASHED: "!",
}

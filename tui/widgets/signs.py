"""Signs of the states of jobs and runs, which tell them apart without colour."""

from core.runs.records import RunState
from tui.worker.messages import JobState

JOBS = {
    JobState.IDLE: "○",
    JobState.LOADING: "…",
    JobState.FETCHING: "↓",
    JobState.CHECKING: "∂",
    JobState.MEASURING: "◔",
    JobState.REPRODUCING: "↻",
    JobState.RANGING: "↗",
    JobState.TRYING: "?",
    JobState.RUNNING: "●",
    JobState.PAUSED: "‖",
    JobState.STOPPING: "■",
}

RUNS = {
    RunState.RUNNING: "●",
    RunState.PAUSED: "‖",
    RunState.FINISHED: "✓",
    RunState.STOPPED: "■",
    RunState.FAILED: "✗",
    RunState.CRASHED: "!",
}

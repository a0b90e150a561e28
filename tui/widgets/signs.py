"""Signs of the states of jobs, runs, studies and trials, which tell them apart without colour."""

from core.runs.records import RunState
from core.runs.studies.records import StudyState, TrialState
from tui.worker.messages import JobState

JOBS = {
    JobState.IDLE: "○",
    JobState.LOADING: "…",
    JobState.FETCHING: "↓",
    JobState.CHECKING: "∂",
    JobState.MEASURING: "◔",
    JobState.REPRODUCING: "↻",
    JobState.SWEEPING: "∷",
    JobState.SWEEP_PAUSED: "‖",
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

STUDIES = {
    StudyState.RUNNING: "●",
    StudyState.PAUSED: "‖",
    StudyState.STOPPED: "■",
    StudyState.FINISHED: "✓",
    StudyState.FAILED: "✗",
}

TRIALS = {
    TrialState.WAITING: "○",
    TrialState.RUNNING: "●",
    TrialState.PAUSED: "‖",
    TrialState.PRUNED: "-",
    TrialState.FINISHED: "✓",
    TrialState.DIVERGED: "∞",
    TrialState.FAILED: "✗",
}

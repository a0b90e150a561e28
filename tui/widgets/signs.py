"""Signs of the states of runs, studies and trials, which tell them apart without colour."""

from core.runs.records import RunState
from core.runs.studies.records import StudyState, TrialState

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
    TrialState.PAUSED: "◐",
    TrialState.PARKED: "‖",
    TrialState.PRUNED: "-",
    TrialState.FINISHED: "✓",
    TrialState.DIVERGED: "∞",
    TrialState.FAILED: "✗",
}

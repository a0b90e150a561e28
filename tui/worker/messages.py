"""The states of the job, and the messages that the worker posts."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, ClassVar

from textual.message import Message

from tui.keymap.keys import fill

if TYPE_CHECKING:
    from core.benchmark.profile import Profile
    from core.benchmark.results import Benchmark, CaseResult
    from core.checks.report import Report, Row
    from core.reproduce.results import Findings
    from core.runs.session import Session
    from core.training.events import Event


class JobState(Enum):
    """State of the job; the value is the word that the header shows."""

    IDLE = "ready"
    LOADING = "loading"
    FETCHING = "fetching"
    CHECKING = "checks"
    MEASURING = "measures"
    REPRODUCING = "reproduces"
    SWEEPING = "sweeps"
    SWEEP_PAUSED = "sweep paused"
    RANGING = "tests rates"
    TRYING = "tries the start"
    RUNNING = "runs"
    PAUSED = "paused"
    STOPPING = "stopping…"

    @property
    def refusal(self) -> str:
        """Why no other job can begin now, with the key that changes it; empty if one can."""
        return fill(_REFUSALS.get(self, ""))

    @property
    def sign(self) -> str:
        """A sign that tells the state apart without colour."""
        return _SIGNS[self]


_SIGNS = {
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

_REFUSALS = {
    JobState.LOADING: "a training reads its images; {stop} stops it",
    JobState.FETCHING: "CIFAR-10 is being fetched; {stop} stops that",
    JobState.CHECKING: "gradients are being checked; {stop} stops that",
    JobState.MEASURING: "a measurement runs; {stop} stops it",
    JobState.REPRODUCING: "a reproduction runs; {stop} stops it",
    JobState.SWEEPING: "a study runs; {stop} stops it",
    JobState.SWEEP_PAUSED: "a study is paused; {stop} stops it",
    JobState.RANGING: "a range test runs; {stop} stops it",
    JobState.TRYING: "the start is being checked; {stop} stops that",
    JobState.RUNNING: "a training runs; {stop} stops it",
    JobState.PAUSED: "a training is paused; {stop} stops it",
    JobState.STOPPING: "what ran is coming to its end",
}


class JobStateChanged(Message):
    """The job has started, paused, resumed, begun to stop, or ended."""

    def __init__(self, state: JobState) -> None:
        super().__init__()
        self.state = state


class TrainingEvent(Message):
    """An event of a training other than a finished update."""

    def __init__(self, session: Session, event: Event) -> None:
        super().__init__()
        self.session = session
        self.event = event


class FetchEnded(Message):
    """The download of CIFAR-10 has ended; `reason` says why it failed, None if it did not."""

    def __init__(self, reason: str | None) -> None:
        super().__init__()
        self.reason = reason


class WorkReport(Message):
    """A partial result of a job, or its end."""

    title: ClassVar[str] = ""
    """Title of the notification that shows `reason`."""

    def __init__(self, reason: str | None = None) -> None:
        super().__init__()
        self.reason = reason
        """Why the job failed; None if it did not."""


class CheckRow(WorkReport):
    """A gradient check has compared one more tensor."""

    def __init__(self, row: Row) -> None:
        super().__init__()
        self.row = row


class CheckEnded(WorkReport):
    """A gradient check has finished, failed or been cancelled.

    Without report and reason it was cancelled before there was a result.
    """

    title = "Not checked"

    def __init__(self, report: Report | None, reason: str | None) -> None:
        super().__init__(reason)
        self.report = report


class BenchRow(WorkReport):
    """A benchmark has measured one more architecture."""

    def __init__(self, case: CaseResult) -> None:
        super().__init__()
        self.case = case


class BenchEnded(WorkReport):
    """A benchmark has finished, failed or been cancelled.

    Without benchmark and reason it was cancelled before there was a result.
    """

    title = "Not measured"

    def __init__(self, benchmark: Benchmark | None, reason: str | None) -> None:
        super().__init__(reason)
        self.benchmark = benchmark


class ProfileEnded(WorkReport):
    """A profile has ended; `profile` is None if it was cancelled or failed."""

    title = "Not measured"

    def __init__(self, profile: Profile | None, reason: str | None) -> None:
        super().__init__(reason)
        self.profile = profile


class StudyNews(WorkReport):
    """A part of a reproduction of the published results has begun or ended."""

    def __init__(self, findings: Findings) -> None:
        super().__init__()
        self.findings = findings


class StudyEnded(WorkReport):
    """A reproduction has finished, stopped or failed; `findings` is None if it failed."""

    title = "Not reproduced"

    def __init__(self, findings: Findings | None, reason: str | None) -> None:
        super().__init__(reason)
        self.findings = findings


class SweepEnded(WorkReport):
    """A study of settings has finished, stopped or failed."""

    title = "The study failed"

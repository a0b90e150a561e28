"""State of the latest training for the widgets, cheap to query often."""

from collections.abc import Callable
from math import nan

from core.data.progress import Reading
from core.runs.session import Session
from core.training.events import Event, Failed
from tui.train import text as run_text
from tui.train.pace import Pace
from tui.train.view import RunReader, RunView
from tui.worker.messages import JobState
from tui.worker.runner import JobRunner


class RunFollower:
    """Follows the runner from one training to the next.

    Args:
        runner: provides the training and its state.
        timer: a monotonic clock in seconds.
    """

    def __init__(self, runner: JobRunner, timer: Callable[[], float]) -> None:
        self._runner, self._timer = runner, timer
        self._pace = Pace()
        self._reader: RunReader | None = None
        self.session: Session | None = None
        """The latest training; None before the first."""
        self.failure: str | None = None
        """Why the training failed; None if it did not."""

    @property
    def state(self) -> JobState:
        """State of the job."""
        return self._runner.state

    @property
    def reading(self) -> Reading | None:
        """How far its images are read; None if that is unknown, or over."""
        return self._runner.reading if self.state is JobState.LOADING else None

    @property
    def started(self) -> bool:
        """Whether there is a training whose images are loaded, so that it has a view."""
        return self._reader is not None

    def look(self) -> None:
        """Update the state from the runner."""
        session = self._runner.session
        if session is not self.session:
            self.session, self._reader, self.failure = session, None, None
            self._pace.clear()
        if self._reader is None and session is not None and session.history.started is not None:
            self._reader = RunReader(session)
        if session is not None and self.state is JobState.RUNNING:
            self._pace.add(self._timer(), len(session.history.updates))
        else:
            self._pace.clear()

    def on_event(self, session: Session, event: Event) -> None:
        """Record what the history does not contain, which is the reason of a failure."""
        self.look()
        if session is self.session and isinstance(event, Failed):
            self.failure = event.reason

    def view(self) -> RunView | None:
        """Return the training as it is now; None before it has started."""
        return self._reader.view() if self._reader else None

    @property
    def standing(self) -> run_text.Standing:
        """A sign and a word for the state of the training."""
        if self.session is None:
            return "○", self.state.value
        return run_text.standing(self.state, self.session, self.failure is not None)

    @property
    def pace(self) -> float:
        """Current updates per second; the mean if the run has ended or another process trains it.

        NaN if unknown.
        """
        result = self.session.history.result if self.session else None
        if result is not None:
            return result.updates / result.seconds if result.seconds else nan
        # A run of another process, or an earlier one.
        if self.session is not None and self.session.past_events:
            updates = self.session.history.updates
            seconds = updates.last("seconds")
            return len(updates) / seconds if seconds > 0 else nan
        return self._pace.per_second

    @property
    def seconds(self) -> float:
        """Duration of the whole run in seconds; NaN before it has ended."""
        result = self.session.history.result if self.session else None
        return result.seconds if result else nan

"""What a picture of the latest training needs to know of it, asked for as often as one likes."""

from collections.abc import Callable
from math import nan

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
        runner: asked for the training and its state.
        timer: seconds that only ever rise.
    """

    def __init__(self, runner: JobRunner, timer: Callable[[], float]) -> None:
        self._runner, self._timer = runner, timer
        self._pace = Pace()
        self._reader: RunReader | None = None
        self.session: Session | None = None
        """The latest training; None before the first."""
        self.failure: str | None = None
        """Why it failed, if it did."""

    @property
    def state(self) -> JobState:
        """Where the job stands."""
        return self._runner.state

    @property
    def started(self) -> bool:
        """Whether there is a training that has got as far as its first update."""
        return self._reader is not None

    def look(self) -> None:
        """Look again."""
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
        """Take note of what cannot be read from the history."""
        self.look()
        if session is self.session and isinstance(event, Failed):
            self.failure = event.reason

    def view(self) -> RunView | None:
        """Return the training as it is now; None before it has started."""
        return self._reader.view() if self._reader else None

    @property
    def standing(self) -> run_text.Standing:
        """A sign and a word for where the training stands."""
        if self.session is None:
            return "○", self.state.value
        return run_text.standing(self.state, self.session, self.failure is not None)

    @property
    def pace(self) -> float:
        """Updates per second: lately, or over all of a run that is over or that others train.

        NaN if unknown.
        """
        result = self.session.history.result if self.session else None
        if result is not None:
            return result.updates / result.seconds if result.seconds else nan
        if (
            self.session is not None and self.session.past_events
        ):  # of another program, or of the past
            updates = self.session.history.updates
            seconds = updates.last("seconds")
            return len(updates) / seconds if seconds > 0 else nan
        return self._pace.per_second

    @property
    def seconds(self) -> float:
        """Seconds that the whole run took; NaN before it is over."""
        result = self.session.history.result if self.session else None
        return result.seconds if result else nan

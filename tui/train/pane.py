"""The Train pane: curves, state, progress and log of the latest training."""

from collections.abc import Callable
from datetime import datetime
from time import monotonic
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.reactive import reactive

from core.config.experiment import Experiment
from core.runs.session import Session
from core.training.events import Evaluated
from core.training.health_warnings import HealthWarning
from tui.train import text as run_text
from tui.train.curves import HEALTH, Curves
from tui.train.drawing_budget import DrawingBudget
from tui.train.follower import RunFollower
from tui.train.health_strip import HealthStrip
from tui.train.keys import TRAIN_KEYS
from tui.train.log import RunLog
from tui.train.shown_run import TRAINING, ShownRun
from tui.train.sparklines import Spark
from tui.train.status import RunStatus
from tui.train.view import RunView
from tui.train.welcome import Welcome
from tui.widgets.progress_line import ProgressLine
from tui.widgets.seen import seen
from tui.worker.messages import JobState, TrainingEvent
from tui.worker.runner import JobRunner

NARROW, LOW = 100, 34
"""Columns and rows below which the layout is more compact."""
LINE_EVERY, BOXES_EVERY = 0.2, 0.5
"""Least seconds between two redraws of the progress, and of everything else.

Drawing takes time from the training; more frequent redraws would not be noticed.
"""

FOLLOW_EVERY = 2.0
"""Seconds between two reads of a run that another process trains, and between two looks for
warnings."""

COLUMNS = 100
"""Approximate number of columns of a chart, and so of steps of progress that it can show."""


class TrainPane(ShownRun, can_focus=True):
    """Curves, sparklines, progress and log of the latest training.

    Args:
        runner: provides the training and its state.
        clock: returns the time of day, for the log.
        timer: a monotonic clock in seconds, for the speed.
    """

    BINDINGS: ClassVar[list[BindingType]] = TRAIN_KEYS

    experiment: reactive[Experiment | None] = reactive(None, init=False)
    """The experiment that the start key would run; None if not set."""

    dataset: reactive[str] = reactive("", init=False)
    """The data set that it would use, `cifar10` or `synthetic`; empty if not set."""

    frozen: reactive[bool] = reactive(False, init=False)
    """Whether the curves are frozen while the training continues."""

    def __init__(
        self,
        runner: JobRunner,
        clock: Callable[[], datetime] = datetime.now,
        timer: Callable[[], float] = monotonic,
    ) -> None:
        super().__init__(runner, RunFollower(runner, timer))
        self._clock = clock
        self._known: tuple[Session | None, bool] = None, False
        self._view: RunView | None = None
        self._drawn: int | None = None
        self._budget, self._next_boxes = DrawingBudget(), 0.0

    def compose(self) -> ComposeResult:
        """Lay out the welcome text and the boxes of a training."""
        yield Welcome()
        yield Curves()
        yield Spark(id="spark-loss")
        yield Spark(id="spark-validation")
        yield Spark(id="spark-rate")
        yield RunStatus()
        yield RunLog(self._clock)
        yield ProgressLine()

    def watch_has_focus(self, has_focus: bool) -> None:
        """Style the pane alone: what is in it looks the same, and has many widgets."""
        self.app.stylesheet.update_nodes([self])
        if has_focus and self.is_mounted:
            # The keys of the strip hold while it is shown, wherever the focus comes from.
            self.call_later(self._focus_view)

    def on_mount(self) -> None:
        """Start the timers that redraw the pane."""
        self.set_interval(LINE_EVERY, self.tick)
        self.set_interval(FOLLOW_EVERY, self.follow)
        self.set_interval(FOLLOW_EVERY, self.judge)
        self._refresh()

    def on_show(self) -> None:
        """Catch up with the events since the pane was last visible."""
        self._refresh()
        self.follow()
        self.judge()

    def on_resize(self, event: events.Resize) -> None:
        """Choose the layout of the boxes for the size."""
        self.set_class(event.size.width < NARROW, "narrow")
        self.set_class(event.size.height < LOW, "low")
        self.call_after_refresh(self._refresh)

    # Events from the app

    def take(self, message: TrainingEvent) -> None:
        """Show an event, and write it to the log."""
        if isinstance(message.event, Evaluated):
            return  # evaluations are frequent, and the history contains them
        self._follower.on_event(message.session, message.event)
        self._refresh()
        if message.event is not message.session.history.started:  # `_begin` logs the start
            self.say(*run_text.describe(message.session, message.event))

    def job_state(self, state: JobState) -> None:
        """Update the pane to the state of the job."""
        self._refresh()

    def watch_experiment(self) -> None:
        """Show which experiment would run."""
        self._refresh()

    def watch_dataset(self) -> None:
        """Show which data set would be used."""
        self._refresh()

    # Actions

    def refusal(self, action: str, parameters: tuple[object, ...]) -> str | None:
        """Return why an action is not possible now."""
        if action == "leave_cursor":
            stands = self._follower.started and self.query_one(Curves).standing
            return "" if stands else None
        if action == "freeze" and self._follower.started and not self.frozen and not self._goes_on:
            return "nothing is recorded any more that the curves could show"
        return super().refusal(action, parameters)

    @property
    def _goes_on(self) -> bool:
        """Whether the run that is shown is being trained, here or by another process."""
        session = self._follower.session
        return self._runner.state in TRAINING or (session is not None and session.watched)

    def action_next_chart(self) -> None:
        """Show the next view."""
        self.query_one(Curves).next()
        self._focus_view()

    def _focus_view(self) -> None:
        """Give the keys to the strip if it is shown, else to the pane, if they are here."""
        strip, here = self.query_one(HealthStrip), self.screen.focused
        if here is self and strip.display and self._follower.started:
            strip.focus(scroll_visible=False)
        elif here is strip and not strip.display:
            self.focus(scroll_visible=False)

    def show_evidence(self, warning: HealthWarning) -> None:
        """Show the values on the strip that a warning is about, or the curves where it began."""
        curves = self.query_one(Curves)
        if warning.quantity is None:
            curves.picked = "accuracy"
            curves.stand_at(float(warning.since))
        else:
            curves.picked = HEALTH
            at = warning.since if warning.worst is None else warning.worst
            self.query_one(HealthStrip).look_at(warning.quantity, warning.evidence, at)
        self.call_after_refresh(self._focus_view)

    def say(self, *words: str) -> None:
        """Write lines to the log."""
        self.query_one(RunLog).say(*words)

    def show_state(self) -> None:
        """Draw everything."""
        self._refresh()

    def show_warnings(self) -> None:
        """Show the latest warning above the strip."""
        if self._health.log is not None:
            self.query_one(HealthStrip).warn(self._health.log)

    def action_log_scale(self) -> None:
        """Switch between a linear and a logarithmic axis of the loss."""
        self.query_one(Curves).toggle_log_scale()

    def action_cursor(self, columns: int) -> None:
        """Move the cursor along the curves."""
        self.query_one(Curves).move_cursor(columns)

    def action_leave_cursor(self) -> None:
        """Take the cursor off the curves."""
        self.query_one(Curves).leave_cursor()

    def action_freeze(self) -> None:
        """Freeze or unfreeze the curves."""
        self.frozen = not self.frozen

    def watch_frozen(self) -> None:
        """Mark the charts as frozen, or catch up."""
        self.set_class(self.frozen, "frozen")
        self._refresh()

    def action_scroll_log(self, rows: int) -> None:
        """Scroll the log."""
        self.query_one(RunLog).scroll_relative(y=rows, animate=False)

    # Drawing

    def tick(self) -> None:
        """Redraw the progress, and the boxes if they are due.

        Nothing is drawn while earlier drawings have taken their share of time from a training.
        """
        if not self._budget.allows() and self._runner.state is JobState.RUNNING:
            return
        self.look()
        if (now := monotonic()) >= self._next_boxes:
            self._next_boxes = now + BOXES_EVERY
            self.draw()

    def look(self) -> None:
        """Redraw the progress, if the pane is visible."""
        if seen(self):
            self._look()

    def draw(self) -> None:
        """Redraw the boxes, if the pane is visible."""
        if seen(self):
            self._draw()

    def _refresh(self) -> None:
        if self.is_mounted:
            self._drawn = None
            self._look()
            self._draw()

    def _look(self) -> None:
        follower = self._follower
        follower.look()
        if self._known != (follower.session, follower.started):
            self._known = follower.session, follower.started
            self._begin()
        view, stands = follower.view(), follower.standing
        if view is None or follower.session is None:
            self._greet()
            return
        if not self.frozen or self._view is None:
            self._view = view
        line = self.query_one(ProgressLine)
        line.fraction, line.reserved = view.fraction, run_text.widest_progress(view)
        line.words = run_text.progress(view, stands, follower.pace, follower.seconds)

    def _begin(self) -> None:
        """Reset the pane for another training, or for its start."""
        session = self._follower.session
        self._view = self._drawn = None
        self._next_boxes = 0.0
        self._budget.begin()
        self.frozen = False
        self.set_class(self._follower.started, "started")
        self.query_one(Curves).leave_cursor()
        if session is not None and session.history.started is not None:
            self.say(*run_text.describe(session, session.history.started))
        self.refresh_bindings()

    def _greet(self) -> None:
        self.query_one(Welcome).show(self._follower, self.experiment, self.dataset)
        reading = self._follower.reading
        self.set_class(reading is not None, "reading")
        if reading is not None:
            line = self.query_one(ProgressLine)
            line.fraction, line.reserved = reading.fraction, run_text.READING_COLUMNS
            line.words = run_text.reading(reading)

    def _draw(self) -> None:
        follower, view = self._follower, self._view
        if view is None or follower.session is None:
            return
        self.query_one(RunStatus).show(follower.session, follower.standing, follower.pace)
        trained = self._goes_on
        self.query_one(HealthStrip).show(follower.session, not trained, self.frozen)
        # The axis grows with the run: progress of less than a column is not worth a redraw.
        if self._drawn is not None and view.done - self._drawn < max(1, view.done / COLUMNS):
            return
        self._drawn = view.done
        self.query_one(Curves).show(view, self.frozen)
        for name, glance in run_text.glances(view, self.frozen).items():
            self.query_one(f"#spark-{name}", Spark).show(glance)

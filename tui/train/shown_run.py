"""What can be done with the run that Train shows, and what is read of it beside the UI thread."""

from functools import partial
from typing import TYPE_CHECKING

from textual import work
from textual.containers import Container

from core.errors import StoreError
from core.runs.session import Session
from core.training.health_warnings import HealthWarning
from tui.exporting import Exporting
from tui.keymap.keys import fill
from tui.keymap.refusals import Refusing
from tui.messages import ExportDone, LookInside, RenameRun, ResumeRun
from tui.thread_results import deliver
from tui.train import export as run_export
from tui.train import refusals
from tui.train import text as run_text
from tui.train.follower import RunFollower
from tui.train.health_watch import HealthWatch
from tui.widgets.seen import seen
from tui.worker.messages import JobState
from tui.worker.runner import JobRunner

if TYPE_CHECKING:
    from tui.train.edit_dialog import Changes

TRAINING = (JobState.RUNNING, JobState.PAUSED)

NEED_RUN = (
    "next_chart", "freeze", "edit", "resume", "rename", "export", "log_scale", "scroll_log",
    "cursor", "warnings", "look_inside",
)  # fmt: skip
"""Actions on the run that is shown."""

NOTHING = "no run is shown; {start} starts one, {runs} lists all"


class ShownRun(Refusing, Exporting, Container):
    """The actions on one run; a subclass shows it.

    Args:
        runner: provides the training and its state.
        follower: follows it.
    """

    def __init__(self, runner: JobRunner, follower: RunFollower) -> None:
        super().__init__()
        self._runner, self._follower = runner, follower
        self._health = HealthWatch()
        self._following = self._judging = False

    def say(self, *words: str) -> None:
        """Write lines to the log."""
        raise NotImplementedError

    def show_state(self) -> None:
        """Show the run as it is now."""
        raise NotImplementedError

    def show_warnings(self) -> None:
        """Show that the warnings are others now."""
        raise NotImplementedError

    def show_evidence(self, warning: HealthWarning) -> None:
        """Show where a warning is seen."""
        raise NotImplementedError

    def refusal(self, action: str, parameters: tuple[object, ...]) -> str | None:
        """Return why an action is not possible now; most need a run that is shown."""
        if action not in NEED_RUN:
            return ""
        session, trains = self._follower.session, self._runner.state in TRAINING
        if action == "export" and parameters[0] != trains:
            return None
        if action == "resume":
            return refusals.resume(session, self._runner)
        if not self._follower.started:
            reads = self._runner.state is JobState.LOADING
            return "the images are being read" if reads else fill(NOTHING)
        if action == "edit":
            return refusals.edit(session, self._runner)
        if action == "warnings":
            return refusals.warnings(session, self._health)
        if action == "export" and self.export_refusal:
            return self.export_refusal
        if action == "rename" and (session is None or session.record is None):
            return "this run is not saved, so it has no name"
        return ""

    # Actions

    def action_resume(self) -> None:
        """Resume the run that is shown."""
        session = self._follower.session
        if session is not None and session.record is not None:
            self.post_message(ResumeRun(session.record))

    def action_rename(self) -> None:
        """Give the run that is shown another name."""
        session = self._follower.session
        if session is not None and session.record is not None:
            self.post_message(RenameRun(session.record))

    def action_look_inside(self) -> None:
        """Show the network of the run that is shown, value by value."""
        session = self._follower.session
        if session is not None and session.record is not None:
            self.post_message(LookInside(session.record))

    def read_again(self) -> None:
        """Catch up with a run that another program trains."""
        self.follow()

    def action_edit(self) -> None:
        """Open the dialog that edits settings of the running training."""
        from tui.train.edit_dialog import EditScreen

        session = self._follower.session
        if session is not None:
            self.app.push_screen(EditScreen(session), self._edit)

    def _edit(self, changes: "Changes | None") -> None:
        if changes:
            self._runner.edit(changes)

    def action_warnings(self) -> None:
        """List the warnings of the run, and show where the chosen one is seen."""
        from tui.train.warning_list import WarningScreen

        session, log = self._health.session, self._health.log
        if session is not None and log is not None and log.warnings:
            screen = WarningScreen(log, run_text.name(session))
            self.app.push_screen(screen, self._go_to_evidence)

    def _go_to_evidence(self, warning: HealthWarning | None) -> None:
        if warning is not None:
            self.show_evidence(warning)

    def action_export(self, running: bool) -> None:
        """Write the figures, and notify where; `running` only tells its two bindings apart."""
        if self._follower.session is not None:
            self.export(partial(run_export.export, self._follower.session))

    def on_export_done(self, message: ExportDone) -> None:
        """Log where the figures are; the app also shows a notification."""
        self.say(message.text if message.failed else f"wrote {message.text}")

    # What is read beside the UI thread

    def follow(self) -> None:
        """Catch up with a run that another process trains, if the pane is visible."""
        session = self._follower.session
        if seen(self) and session is not None and session.watched and not self._following:
            self._following = True
            self._follow(session)

    @work(thread=True)
    def _follow(self, session: Session) -> None:
        try:
            new = len(session.follow())
            words = run_text.describe_past(session)[len(session.past_events) - new :]
        except StoreError as error:
            session.watched = False
            words = [str(error)]
        else:
            words += [] if session.watched else run_text.left(session)
        deliver(self.app, self._followed, session, words)

    def _followed(self, session: Session, words: list[str]) -> None:
        self._following = False
        if session is self._follower.session:
            self.say(*words)
            if not session.watched:
                self.show_state()

    def judge(self) -> None:
        """Look for new warnings, if the pane is visible."""
        session, started = self._follower.session, self._follower.started
        if seen(self) and session is not None and started and not self._judging:
            self._judging = True
            self._judge(session)

    @work(thread=True)
    def _judge(self, session: Session) -> None:
        words = self._health.look(session)
        deliver(self.app, self._judged, session, words)

    def _judged(self, session: Session, words: list[str]) -> None:
        self._judging = False
        if session is self._follower.session:
            self.say(*words)
            self.show_warnings()
            self.refresh_bindings()

"""Handling of messages from the worker and from exports."""

from rich.console import RenderableType
from textual import on
from textual.app import App
from textual.message import Message
from textual.notifications import SeverityLevel
from textual.screen import Screen

from core import format as fmt
from core.training.events import EditRefused, Failed, Finished
from tui.frame.header import PaneHeader
from tui.keymap.refusals import Refusing
from tui.messages import ExportDone
from tui.panes import Panes
from tui.worker.messages import JobState, JobStateChanged, TrainingEvent, WorkReport
from tui.worker.runner import JobRunner

TOAST = 57
"""Columns of a notification's text, where the screen is wide enough."""

LONG_TRAINING = 10.0
"""Seconds of training from which its end rings the bell."""


class JobMessages(Refusing, App[None]):
    """An app with a worker, whose last messages may arrive after the screens are removed.

    Args:
        bell: whether to ring the bell at the end of a long training.
    """

    def __init__(self, bell: bool) -> None:
        super().__init__()
        self.bell_wanted = bell
        self.runner = JobRunner(self._from_worker)
        self._leaving = False
        """Whether the app exits as soon as the job has ended."""
        self.leaves_at_once = False
        """Whether a signal or the loss of the terminal has ended the app."""
        self.ends = False
        """Whether `exit` has been called."""

    @property
    def _main(self) -> Screen[object]:
        # Not `self.screen`, which may be a dialog; the panes behind it still take messages.
        return self.screen_stack[0]

    @property
    def _panes(self) -> Panes:
        return self._main.query_one(Panes)

    def _from_worker(self, message: Message) -> None:
        # The worker's last messages may arrive after the app has closed.
        if self.is_running:
            self.post_message(message)

    def exit(
        self, result: None = None, return_code: int = 0, message: RenderableType | None = None
    ) -> None:
        """Exit the app; an exit code set by an earlier failure is preserved."""
        self.ends = True
        super().exit(result, self.return_code or return_code, message)

    def on_job_state_changed(self, message: JobStateChanged) -> None:
        """Show the state of the job, and exit if the app was waiting for its end."""
        if not self.screen_stack:
            return
        for header in self._main.query(PaneHeader):
            header.refresh_status()
        for panes in self._main.query(Panes):
            panes.job_state(message.state)
        self.refresh_bindings()
        if self._leaving and message.state is JobState.IDLE:
            self.exit()

    def on_training_event(self, message: TrainingEvent) -> None:
        """Pass an event to the Train pane; show a notification of a failure on any pane."""
        if not self.screen_stack:
            return
        self._panes.take(message)
        event = message.event
        if isinstance(event, EditRefused):
            self.notify(event.reason, severity="warning", title="Not changed")
        if isinstance(event, Failed):
            title = "The training failed"
            self.notify(event.reason, severity="error", title=title, timeout=15)
        result = event.result if isinstance(event, Finished) else None
        if result is not None and result.seconds > LONG_TRAINING and self.bell_wanted:
            self.bell()

    @on(WorkReport)
    def _on_event(self, message: WorkReport) -> None:
        """Pass a report to its pane; show a notification of a failure on any pane."""
        if not self.screen_stack:
            return
        self._panes.take(message)
        if message.reason is not None:
            self.notify(message.reason, severity="error", title=message.title, timeout=15)

    def on_export_done(self, message: ExportDone) -> None:
        """Show where an export was written, or why it failed."""
        severity: SeverityLevel = "error" if message.failed else "information"
        self.notify(
            fmt.folded(message.text, min(TOAST, self.size.width * 9 // 10 - 3)),
            title="Not exported" if message.failed else "Exported",
            severity=severity,
        )

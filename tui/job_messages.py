"""What the worker and the exports say, told on the screen."""

from rich.console import RenderableType
from textual import on
from textual.app import App
from textual.message import Message
from textual.notifications import SeverityLevel
from textual.screen import Screen

from core import format as fmt
from core.training.events import EditRefused, Failed, Finished
from tui.frame.header import PaneHeader
from tui.messages import ExportDone
from tui.panes import Panes
from tui.worker.messages import JobState, JobStateChanged, TrainingEvent, WorkReport
from tui.worker.runner import JobRunner

TOAST = 57
"""Columns for the words of a notification, where the screen is wide enough."""

LONG_TRAINING = 10.0
"""Seconds of training after which its end is worth a bell."""


class JobMessages(App[None]):
    """An app with a worker. What that says last may arrive when the screens are gone already.

    Args:
        bell: whether the end of a long training rings.
    """

    def __init__(self, bell: bool) -> None:
        super().__init__()
        self.bell_wanted = bell
        self.runner = JobRunner(self._from_worker)
        self._leaving = False
        """Whether the app ends as soon as the job has."""
        self.leaves_at_once = False
        """Whether something outside has told it to end."""
        self.ends = False
        """Whether it is about to end."""

    @property
    def _main(self) -> Screen[object]:
        # Not `self.screen`: a question or help may stand before it, and the panes go on behind.
        return self.screen_stack[0]

    @property
    def _panes(self) -> Panes:
        return self._main.query_one(Panes)

    def _from_worker(self, message: Message) -> None:
        # The screen may already be gone when the last words arrive.
        if self.is_running:
            self.post_message(message)

    def exit(
        self, result: None = None, return_code: int = 0, message: RenderableType | None = None
    ) -> None:
        """End the app; what it has failed with stays its exit code."""
        self.ends = True
        super().exit(result, self.return_code or return_code, message)

    def on_job_state_changed(self, message: JobStateChanged) -> None:
        """Show where the job stands."""
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
        """Hand what happened to the Train pane; a failure is told wherever one is."""
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
        """Hand what the worker has found to its pane; a failure is told wherever one is."""
        if not self.screen_stack:
            return
        self._panes.take(message)
        if message.reason is not None:
            self.notify(message.reason, severity="error", title=message.title, timeout=15)

    def on_export_done(self, message: ExportDone) -> None:
        """Say where the figures are."""
        severity: SeverityLevel = "error" if message.failed else "information"
        self.notify(
            fmt.folded(message.text, min(TOAST, self.size.width * 9 // 10 - 3)),
            title="Not exported" if message.failed else "Exported",
            severity=severity,
        )

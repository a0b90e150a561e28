"""The modal screen of the check before a training of the network in Configure."""

from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from core.config.experiment import Experiment
from tui.frame.key_footer import KeyFooter
from tui.keymap.keys import fill
from tui.keymap.refusals import Refusing
from tui.start_check.finding_list import FindingList, detail
from tui.start_check.keys import START_CHECK_KEYS
from tui.widgets.modal import ClosesOnce
from tui.widgets.progress_line import ProgressLine
from tui.widgets.row_list import RowList
from tui.worker.jobs import StartCheck
from tui.worker.messages import JobState
from tui.worker.runner import BusyError, JobRunner

LOOK_EVERY = 0.2
"""Seconds between two redraws."""


class StartCheckScreen(Refusing, ModalScreen[None], ClosesOnce[None]):
    """Runs the check, and shows what it finds.

    Args:
        runner: runs the check.
        experiment: the experiment to check.
        data: a folder or archive of CIFAR-10; None searches the data folder.
    """

    AUTO_FOCUS = "FindingList"

    BINDINGS: ClassVar[list[BindingType]] = START_CHECK_KEYS

    def __init__(self, runner: JobRunner, experiment: Experiment, data: Path | None) -> None:
        super().__init__()
        self._runner, self._experiment, self._data = runner, experiment, data
        self._check = StartCheck()
        """The check of this screen."""
        self._checking = False
        self._drawn_state: tuple[object, ...] = ()
        """The state that was last drawn."""

    def compose(self) -> ComposeResult:
        """Lay out the questions, the answer under the cursor, the progress and the keys."""
        findings = FindingList(id="findings")
        findings.border_title = Content(f"Before the start ─ {self._experiment.name}")
        yield findings
        with VerticalScroll(id="finding", can_focus=False) as box:
            box.border_title = "Measured"
            yield Static(id="finding-text")
        yield ProgressLine()
        yield KeyFooter()

    def on_mount(self) -> None:
        """Start the redraw timer and the check."""
        self.set_interval(LOOK_EVERY, self.look)
        self.action_start()

    # Display

    def look(self) -> None:
        """Redraw, if the state has changed."""
        if self._checking and not self._runner.busy:
            self._checking = False
            self.refresh_bindings()
        check = self._check
        state = check.progress, check.findings, check.reason, self._checking, self._runner.state
        if state != self._drawn_state:
            self._drawn_state = state
            self._draw()

    def _draw(self) -> None:
        check = self._check
        self.query_one(FindingList).findings = check.findings
        self._show_finding()
        line, progress, report = self.query_one(ProgressLine), check.progress, check.report
        line.fraction = progress.done / progress.total if progress is not None else 0.0
        if self._checking:
            stopping = self._runner.state is JobState.STOPPING
            doing = progress.doing if progress is not None else "reads the images"
            line.words = ("stopping…" if stopping else f"{doing}…",)
        elif report is not None:
            line.fraction = 1.0 if report.complete else line.fraction
            ended = "" if report.complete else "stopped; "
            line.words = (f"{ended}{report.outcome()}", report.outcome())
        else:
            line.words = ("",)

    @on(RowList.Moved)
    def _show_finding(self) -> None:
        finding, words = self.query_one(FindingList).chosen, self.query_one("#finding-text", Static)
        if finding is not None:
            words.update(detail(finding))
        elif self._check.reason:
            words.update(Content(f"✗ {self._check.reason}"))
        else:
            words.update("measures…" if self._checking else "not measured")

    def refusal(self, action: str, parameters: tuple[object, ...]) -> str | None:
        """Return why an action is not possible now."""
        if action == "stop":
            return "" if self._checking else "the check is over"
        if action == "start" and self._checking:
            return fill("the check runs; {stop} ends it")
        return ""

    # Actions

    def action_start(self) -> None:
        """Start the check."""
        try:
            self._runner.check_start(self._experiment, self._data)
        except BusyError:
            # Another job is running, which this screen must not stop.
            self._check = StartCheck(
                reason=fill(
                    "something else is under way; {close} goes back, and {stop} there ends it"
                )
            )
        else:
            self._check, self._checking = self._runner.started, True
        self.refresh_bindings()
        self.look()

    def action_stop(self) -> None:
        """Stop the check, if this screen has started it."""
        if self._checking and self._runner.state is not JobState.STOPPING:
            self._runner.stop()

    def action_close(self) -> None:
        """Stop the check and close the screen."""
        if self.is_current:
            self.action_stop()
            self.dismiss(None)

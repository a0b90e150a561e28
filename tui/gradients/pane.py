"""The Gradients pane: compares analytical gradients with a reference."""

from pathlib import Path
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.reactive import reactive

from core.checks.report import Report, Row
from core.checks.settings import CHECK_FIELDS, CheckSettings
from core.config.experiment import Experiment
from tui.gradients import draft
from tui.gradients import export as check_export
from tui.gradients import text as check_text
from tui.gradients.check import CheckRun
from tui.gradients.keys import GRADIENT_KEYS
from tui.gradients.table import GradientTable
from tui.gradients.tensor_detail import TensorDetail
from tui.keymap.keys import fill
from tui.widgets.explanation import Explanation
from tui.widgets.field_list import FieldList
from tui.widgets.progress_line import ProgressLine
from tui.widgets.row_list import RowList
from tui.widgets.seen import seen
from tui.widgets.settings_draft import SettingsDraft
from tui.widgets.settings_pane import SettingsPane
from tui.worker.messages import CheckEnded, CheckRow, JobState
from tui.worker.runner import BusyError, JobRunner

NARROW, LOW, SLIM = 110, 30, 70
"""Columns and rows below which the worst entries are hidden; columns below which all detail is."""

LINE_EVERY = 0.2
"""Seconds between two redraws of the progress."""


class GradientsPane(SettingsPane[CheckSettings]):
    """Table, settings and detail of a gradient check of the network in Configure.

    Args:
        runner: runs the check.
        data: a folder or archive of CIFAR-10; None searches the data folder.
    """

    BINDINGS: ClassVar[list[BindingType]] = GRADIENT_KEYS

    experiment: reactive[Experiment | None] = reactive(None, init=False)
    """The experiment whose network is checked; None if not set."""

    dataset: reactive[str] = reactive("", init=False)
    """The data set of its images, `cifar10` or `synthetic`; empty if not set."""

    def __init__(self, runner: JobRunner, data: Path | None = None) -> None:
        super().__init__(SettingsDraft(CheckSettings(), CHECK_FIELDS))
        self._runner = runner
        self._data = data
        self._run: CheckRun | None = None
        self._scale: str | None = None
        self._ready = False

    def compose(self) -> ComposeResult:
        """Lay out the boxes."""
        yield GradientTable(self._open, id="gradients-table")
        with Horizontal(id="gradients-below"):
            values = self._draft.values
            fields = FieldList(
                CHECK_FIELDS, values, self._draft.reason, self.change, self.refuse, id="check"
            )
            fields.border_title = "Check"
            yield fields
            yield TensorDetail()
        yield Explanation()
        yield ProgressLine()

    def on_mount(self) -> None:
        """Start the timer that redraws the progress."""
        self.query_one(ProgressLine).reserved = check_text.LONGEST_PROGRESS
        self.set_interval(LINE_EVERY, self.look)
        self._ready = True
        self.show()

    def on_resize(self, event: events.Resize) -> None:
        """Choose the layout of the boxes for the size."""
        narrow, low = event.size.width < NARROW, event.size.height < LOW
        self.set_class(narrow or low, "short")
        self.set_class(low, "low")
        self.set_class(event.size.width < SLIM, "slim")
        self.query_one(GradientTable).short = narrow or low

    # Events from the app

    def take(self, message: CheckRow | CheckEnded) -> None:
        """Add the result of a tensor, or the end of the check, also while the pane is hidden."""
        if self._run is None:
            return
        if isinstance(message, CheckRow):
            self._run.add(message.row)
        else:
            self._run.end(message.report, message.reason)
            if self._run.running:  # cancelled before there was a result
                self._run = None
            if message.report is None:
                self._scale = None  # without rows, no key could restore the gradient
        self.show()

    def job_state(self, state: JobState) -> None:
        """Update the pane and its keys to the state of the job."""
        self.show()

    def watch_experiment(self) -> None:
        """Show what would be checked; the scaled tensor may no longer exist."""
        self._scale = None
        self.show()

    def watch_dataset(self) -> None:
        """Show which data set would be used."""
        self.show()

    # Display

    @property
    def checking(self) -> bool:
        """Whether a check is running."""
        return self._run is not None and self._run.running

    @property
    def report(self) -> Report | None:
        """The report to export; None if there is none."""
        report = self._run.report if self._run is not None else None
        return report if report is not None and report.rows else None

    @property
    def _eps(self) -> float:
        return (self._run.check if self._run is not None else self._draft.present).eps

    def look(self) -> None:
        """Redraw the progress, if the pane is visible."""
        if self._run is None or not seen(self):
            return
        done, words = check_text.progress(self._run, self._runner.state, self._runner.checked)
        line = self.query_one(ProgressLine)
        line.fraction, line.words = done, words

    def show(self) -> None:
        """Update all widgets."""
        if not self._ready:
            return
        run, check = self._run, self._draft.present
        self.set_class(run is not None, "begun")
        fields = self.query_one("#check", FieldList)
        fields.unused = draft.unused(check)
        fields.values = self._draft.values
        table = self.query_one(GradientTable)
        table.titles = tuple(check_text.titles(run)) if run is not None else ("Gradients",)
        table.greeting = check_text.greeting(run, self.experiment, self.dataset, check, self._scale)
        table.rows = run.rows if run is not None else ()
        self._show_detail()
        self.look()
        self.refresh_bindings()
        self.explain_focused()

    def _show_detail(self) -> None:
        self.query_one(TensorDetail).show(self.query_one(GradientTable).current, self._eps)

    @on(RowList.Moved)
    def _moved(self, message: RowList.Moved) -> None:
        if isinstance(message.rows, GradientTable):
            self._show_detail()
        if message.rows.has_focus:
            self.explain(message.rows)

    # Actions

    def refusal(self, action: str, parameters: tuple[object, ...]) -> str | None:
        """Return why an action is not possible now."""
        rows = self.query_one(GradientTable).rows if self._ready else ()
        if action in ("sort", "reverse", "break") and not rows:
            begins = "" if self.checking else "; {start} begins"
            return fill(f"no tensor has been checked yet{begins}")
        if action in ("start", "break"):
            return self._runner.refusal
        if action == "export" and self.report is None:
            return fill("there is no report to write yet; {start} checks")
        return super().refusal(action, parameters)

    def action_sort(self) -> None:
        """Sort by the next column."""
        self.query_one(GradientTable).sort_by_next()

    def action_reverse(self) -> None:
        """Reverse the order."""
        self.query_one(GradientTable).turn_round()

    def action_start(self) -> None:
        """Check the network in Configure with the current settings."""
        self._start(self._scale)

    def _start(self, scale: str | None) -> None:
        if self.experiment is None or self.checking:
            return
        check = self._draft.present
        try:
            self._runner.check(self.experiment, check, self._data, scale)
        except BusyError as error:
            self.notify(str(error), severity="warning", title="Busy")
            return
        self._run, self._scale = CheckRun(self.experiment.name, check, scale), scale
        self.show()

    def action_break(self) -> None:
        """Check again with the gradient of the tensor under the cursor scaled, or as it was."""
        row = self.query_one(GradientTable).current
        if row is not None:
            self._start(None if row.name == self._scale else row.name)

    def _open(self, row: Row) -> None:
        from tui.gradients.tensor_screen import TensorScreen

        self.app.push_screen(TensorScreen(row, self._eps))

    def action_export(self) -> None:
        """Write the report, and notify where."""
        report = self.report
        if report is not None:
            self.export(lambda: check_export.export(report))

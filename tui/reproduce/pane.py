"""The Reproduce pane: reproduces the published results, and judges the claims."""

from pathlib import Path
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content

from core.data.dataset import DataError
from core.errors import StoreError
from core.reproduce.claims import judge
from core.reproduce.plan import StudySettings
from core.reproduce.results import Findings, look
from core.runs.session import store
from core.settings import settings_of
from tui.keymap.keys import fill
from tui.reproduce import text as study_text
from tui.reproduce.claim_list import ClaimList
from tui.reproduce.keys import STUDY_KEYS
from tui.reproduce.table import StudyTable
from tui.thread_results import deliver
from tui.widgets.explanation import Explanation
from tui.widgets.progress_line import ProgressLine
from tui.widgets.row_list import RowList
from tui.widgets.seen import seen
from tui.widgets.settings_draft import SettingsDraft
from tui.widgets.settings_pane import SettingsPane
from tui.worker import report
from tui.worker.messages import JobState, StudyEnded, StudyNews
from tui.worker.runner import BusyError, JobRunner

FLAT, ROOMY = 22, 32
"""Rows below which the networks are hidden, and from which claims show their evidence."""

LINE_EVERY = 0.2
"""Seconds between two redraws of the progress."""

WORKING = (JobState.REPRODUCING, JobState.STOPPING)


class ReproducePane(SettingsPane[StudySettings]):
    """Table of the networks and list of the claims of a study.

    Args:
        runner: runs the study.
        data: a folder or archive of CIFAR-10; None searches the data folder.
        threads: threads for training; None uses all cores.
    """

    BINDINGS: ClassVar[list[BindingType]] = STUDY_KEYS

    def __init__(
        self, runner: JobRunner, data: Path | None = None, threads: int | None = None
    ) -> None:
        super().__init__(SettingsDraft(StudySettings(), settings_of(StudySettings)))
        self._runner = runner
        self._data = data
        self._threads = threads
        self._findings: Findings | None = None
        self._shown: StudySettings | None = None
        """The settings for which `_findings` are shown or being read."""
        self._working = False
        """Whether the running job was started by this pane."""
        self._reason: str | None = None

    def compose(self) -> ComposeResult:
        """Lay out the boxes."""
        yield StudyTable(id="study")
        yield ClaimList(id="claims")
        yield Explanation()
        yield ProgressLine()

    def on_mount(self) -> None:
        """Read the study, and start the progress timer."""
        self.query_one(ClaimList).border_title = "Published claims"
        self.set_interval(LINE_EVERY, self.look)
        self.show()

    def read_again(self) -> None:
        """Read the study and its runs again."""
        self.on_show()

    def on_show(self) -> None:
        """Read again: a command may have continued the study, or CIFAR-10 may have been fetched."""
        if not self._working:
            self._shown = None
            self.show()

    def on_resize(self, event: events.Resize) -> None:
        """Choose the layout of the boxes for the size."""
        self.set_class(event.size.height < FLAT, "flat")
        self.query_one(ClaimList).roomy = event.size.height >= ROOMY
        self.explain_focused()

    # Results

    def take(self, message: StudyNews | StudyEnded) -> None:
        """Take results from the worker, also while the pane is hidden."""
        if message.findings is not None:
            self._findings = message.findings
        if isinstance(message, StudyEnded):
            self._working, self._reason = False, message.reason
        self.show()

    def job_state(self, state: JobState) -> None:
        """Update the pane and its keys to the state of the job."""
        if state is JobState.IDLE:
            self._working = False
        self.show()

    @work(thread=True, exclusive=True, group="look")
    def _read(self, settings: StudySettings) -> None:
        """Read the results of a study so far."""
        found, reason = None, None
        try:
            found = look(settings, self._data, store())
        except (DataError, StoreError) as error:
            reason = str(error)
        deliver(self.app, self._loaded, settings, found, reason)

    def _loaded(self, settings: StudySettings, found: Findings | None, reason: str | None) -> None:
        if settings == self._draft.present and not self._working:
            self._findings = found
            self._reason = reason or self._reason
            self.show()

    # Display

    def look(self) -> None:
        """Redraw the progress, if the pane is visible."""
        if not seen(self):
            return
        state = self._runner.state if self._working else JobState.IDLE
        at = self._runner.reproduced if self._working else None
        line = self.query_one(ProgressLine)
        line.fraction, line.words = study_text.progress(self._findings, state, at)
        line.reserved = study_text.LONGEST_PROGRESS if self._working else 0
        claims = self.query_one(ClaimList)
        page = report.page(self._draft.present.length)
        where = Content(study_text.where(page, claims.size.width - 4))
        if where != claims._border_subtitle:  # every assignment causes a redraw
            claims.border_subtitle = where
        self.query_one(StudyTable).at = at

    def show(self) -> None:
        """Update all widgets, and read the study again if its settings have changed."""
        settings = self._draft.present
        if settings != self._shown and not self._working:
            self._shown, self._reason = settings, None
            self._read(settings)
        found, table = self._findings, self.query_one(StudyTable)
        if found is not None and found.settings != settings:
            found = self._findings = None
        table.findings = found
        table.titles = tuple(study_text.titles(found, settings, self._working))
        claims = self.query_one(ClaimList)
        claims.judged = judge(found) if found is not None else ()
        claims.trouble = self._reason or ""
        self.look()
        self.refresh_bindings()
        self.explain_focused()

    def explain(self, rows: RowList) -> None:
        """Explain the row under the cursor, or why the study failed if the claims do not say it."""
        if self._reason is not None and self.query_one(ClaimList).judged:
            self.refuse(self._reason)
        else:
            super().explain(rows)

    @on(RowList.Moved)
    def _moved(self, message: RowList.Moved) -> None:
        if message.rows.has_focus:
            self.explain(message.rows)

    # Actions

    def refusal(self, action: str, parameters: tuple[object, ...]) -> str | None:
        """Return why an action is not possible now."""
        if action == "start":
            done = self._findings is not None and self._findings.finished
            more = "" if self._draft.present.quick else fill("; {more} adds a seed")
            return f"all of it is done{more}" if done else self._runner.refusal
        if action == "length" and parameters[0] == self._draft.present.length:
            return None
        if action in ("length", "seeds", "undo", "redo") and self._working:
            return fill("the study runs as it is; {stop} stops it")
        if action == "seeds" and self._draft.present.quick:
            return fill("a quick look has one seed; {view} changes to the whole study")
        if action == "export" and self._findings is None:
            return self._reason or "the results are being read"
        return super().refusal(action, parameters)

    def action_start(self) -> None:
        """Run the remaining parts of the study."""
        try:
            self._runner.reproduce(self._draft.present, self._data, self._threads)
        except BusyError as error:
            self.notify(str(error), severity="warning", title="Busy")
            return
        self._working, self._reason = True, None
        self.show()

    def action_length(self, length: str) -> None:
        """Switch to the full study, or to a quick look; only the other one is available."""
        self.change({"length": length}, False)

    def action_seeds(self, step: int) -> None:
        """Change the number of seeds."""
        self.change({"seeds": self._draft.present.seeds + step}, True)

    def action_export(self) -> None:
        """Write the report, and notify where."""
        findings = self._findings
        if findings is not None:
            self.export(lambda: report.export(findings))

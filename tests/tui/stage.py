"""Base of the test apps with one pane, and a runner that only records its jobs."""

from pathlib import Path
from typing import Any, ClassVar

from textual.app import App, ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

import tui
from core.benchmark.settings import BenchSettings
from core.checks.settings import CheckSettings
from core.config.experiment import Experiment
from core.reproduce.plan import StudySettings
from tui.frame.key_footer import KeyFooter
from tui.messages import ExportDone
from tui.widgets.explanation import Explanation
from tui.widgets.progress_line import ProgressLine
from tui.widgets.row_list import RowList, Rows
from tui.worker.messages import JobState
from tui.worker.runner import BusyError, JobRunner
from tui.worker.sweeping import SweepOrder

STYLES = Path(tui.__file__).parent


class FakeRunner(JobRunner):
    """A runner that records jobs without running them."""

    def __init__(self) -> None:
        super().__init__(lambda message: None)
        self.asked: list[Any] = []
        """Settings of each job, or a tuple of all its arguments."""
        self.profiled: list[Experiment] = []

    def check(
        self,
        experiment: Experiment,
        check: CheckSettings,
        data: Path | None,
        scale: str | None = None,
    ) -> None:
        self._pretend(JobState.CHECKING)
        self.checked = None
        self.asked.append((experiment, check, data, scale))

    def bench(self, settings: BenchSettings, data: Path | None) -> None:
        self._pretend(JobState.MEASURING)
        self.measured = None
        self.asked.append(settings)

    def profile(self, experiment: Experiment, data: Path | None) -> None:
        self._pretend(JobState.MEASURING)
        self.measured = None
        self.profiled.append(experiment)

    def reproduce(
        self, settings: StudySettings, data: Path | None, threads: int | None = None
    ) -> None:
        self._pretend(JobState.REPRODUCING)
        self.reproduced = None
        self.asked.append(settings)

    def start_sweep(self, order: SweepOrder, data: Path | None, threads: int | None = None) -> None:
        self._pretend(JobState.SWEEPING)
        self.sweep = order
        self.asked.append(order)

    def _pretend(self, state: JobState) -> None:
        if self.busy:
            raise BusyError(f"a job is {self.state.value}; x stops it")
        self.state = state


class Stage(App[None]):
    """An app with one pane, between two lines in place of the header and the footer.

    Subclasses create `pane`, or push a screen.

    Args:
        area: folder of the pane, whose style sheet is loaded with the shared one; None for a
            screen, which has no style sheet of its own.
    """

    TITLE = "Stage"
    HEADER: ClassVar = "Convsole"
    """Text of the first line; empty for none."""

    pane: Any = None

    def __init__(self, area: str | None = None) -> None:
        own = [STYLES / area / "pane.tcss"] if area else []
        super().__init__(css_path=[STYLES / "convsole.tcss", *own])
        self.runner = FakeRunner()
        self.exports: list[ExportDone] = []
        self.notified: list[str] = []

    def compose(self) -> ComposeResult:
        if self.HEADER:
            yield Static(self.HEADER, id="header")
        if self.pane is not None:
            yield self.pane
        yield KeyFooter()

    def on_mount(self) -> None:
        for header in self.query("#header"):
            header.styles.height = 1
        if self.pane is not None:
            parts = self.pane.walk_children(Widget, with_self=True)
            self.set_focus(next(part for part in parts if part.focusable))

    def on_export_done(self, message: ExportDone) -> None:
        self.exports.append(message)

    def notify(self, message: str, **how: Any) -> None:
        self.notified.append(message)
        super().notify(message, **how)

    # Stand-ins for the runner

    def state(self, state: JobState) -> None:
        self.runner.state = state
        self.pane.job_state(state)

    # What the screen shows

    @property
    def table(self) -> RowList:
        """The main list of the pane."""
        raise NotImplementedError

    @property
    def title_text(self) -> str:
        """Title of the table."""
        return self.title_of(self.table)

    @property
    def heading(self) -> str:
        """Headings of the table."""
        header = self.table.header(self.table.query_one(Rows).size.width)
        return header.plain if header is not None else ""

    @property
    def line(self) -> str:
        """Text of the explanation on the top screen."""
        return str(self.screen.query_one(Explanation).content)

    @property
    def words(self) -> str:
        """Text of the progress line."""
        return self.query_one(ProgressLine).words[0]

    @staticmethod
    def title_of(box: Widget) -> str:
        return Content.from_markup(str(box.border_title)).plain

    @staticmethod
    def lines(rows: RowList) -> list[str]:
        return [line.plain.rstrip() for line in rows.lines(rows.query_one(Rows).size.width)]

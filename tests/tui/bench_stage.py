"""The Benchmark pane on a stage: a runner whose measurements are written by hand."""

from pathlib import Path
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.content import Content
from textual.widgets import Footer, Static

import tui
from core.benchmark.profile import Profile, ProfileRow
from core.benchmark.results import Benchmark
from core.benchmark.run import Progress
from core.benchmark.settings import BenchSettings
from core.config.experiment import Experiment
from tests.benchmark.made import benchmark, result
from tui.benchmark.pane import BenchmarkPane
from tui.benchmark.profile_table import ProfileTable
from tui.benchmark.table import BenchTable
from tui.messages import ExportDone
from tui.widgets.explanation import Explanation
from tui.widgets.progress_line import ProgressLine
from tui.widgets.row_list import RowList, Rows
from tui.worker.messages import BenchEnded, BenchRow, JobState, ProfileEnded
from tui.worker.runner import BusyError, JobRunner

STYLES = Path(tui.__file__).parent


def profile(name: str) -> Profile:
    """Return a network of two layers whose update takes 2 ms."""
    return Profile(
        name=name,
        batch_size=100,
        rows=(
            ProfileRow("normalise", (64, 48), 0.1, None, 0, 4_000_000),
            ProfileRow("conv1", (8, 8, 10), 0.5, 0.5, 12_300_000, 3_000_000),
            ProfileRow("linear1", (50,), 0.25, 0.45, 19_200_000, 1_200_000),
            ProfileRow("update", None, 0.2, None, 0, 530_000),
        ),
        update_ms=2.0,
    )


class ScriptedBridge(JobRunner):
    """Notes what it is asked to measure, and does nothing."""

    def __init__(self) -> None:
        super().__init__(lambda message: None)
        self.asked: list[BenchSettings] = []
        self.profiled: list[Experiment] = []

    def bench(self, settings: BenchSettings, data: Path | None) -> None:
        self._begin()
        self.asked.append(settings)

    def profile(self, experiment: Experiment, data: Path | None) -> None:
        self._begin()
        self.profiled.append(experiment)

    def _begin(self) -> None:
        if self.busy:
            raise BusyError(f"a job is {self.state.value}; x stops it")
        self.state, self.measured = JobState.MEASURING, None


class Stage(App[None]):
    """The pane alone, between two lines that stand for the header and the keys."""

    CSS_PATH: ClassVar = [STYLES / "convsole.tcss", STYLES / "panes/benchmark.tcss"]

    def __init__(self) -> None:
        super().__init__()
        self.runner = ScriptedBridge()
        self.exports: list[ExportDone] = []
        self.pane = BenchmarkPane(self.runner, Path("/data"))

    def compose(self) -> ComposeResult:
        yield Static("Convsole")
        yield self.pane
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        self.query_one(Static).styles.height = 1
        self.table.focus()

    def on_export_done(self, message: ExportDone) -> None:
        self.exports.append(message)

    # What the runner would do

    def say(self, arch: str, doing: str, share: float) -> None:
        self.runner.measured = Progress(arch, doing, share)
        self.pane.look()

    def tell(self, *names: str, ours: float = 0.5) -> None:
        for name in names:
            self.pane.take(BenchRow(result(name, ours)))

    def end(self, *names: str, ours: float = 0.5) -> Benchmark:
        made = benchmark(names, ours, started="2026-11-23T10:00:00+00:00")
        self.tell(*names, ours=ours)
        self.pane.take(BenchEnded(made, None))
        self.state(JobState.IDLE)
        return made

    def fail(self, reason: str) -> None:
        self.pane.take(BenchEnded(None, reason))
        self.state(JobState.IDLE)

    def profiled(self, name: str) -> None:
        self.pane.take(ProfileEnded(profile(name), None))
        self.state(JobState.IDLE)

    def state(self, state: JobState) -> None:
        self.runner.state = state
        self.pane.job_state(state)

    # What a person sees

    @property
    def table(self) -> BenchTable:
        return self.query_one(BenchTable)

    @property
    def layers(self) -> ProfileTable:
        return self.query_one(ProfileTable)

    @property
    def title_text(self) -> str:
        return Content.from_markup(str(self.table.border_title)).plain

    def lines(self, rows: RowList) -> list[str]:
        return [line.plain.rstrip() for line in rows.lines(rows.query_one(Rows).size.width)]

    @property
    def heading(self) -> str:
        header = self.table.header(self.table.query_one(Rows).size.width)
        return header.plain if header is not None else ""

    @property
    def told(self) -> str:
        return str(self.query_one(Explanation).render())

    @property
    def words(self) -> str:
        return self.query_one(ProgressLine).words[0]

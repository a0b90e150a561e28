"""A test app with the Sweeps pane alone, and made-up studies in place of a store."""

from collections.abc import Iterable
from dataclasses import replace

from textual import on

from core.config import presets
from core.errors import StoreError
from core.runs.compare import Compared
from core.runs.records import Run, new_run
from core.runs.session import store
from core.runs.studies.records import StudyState
from core.sweeps.analysis.snapshot import Snapshot, TrialRow
from tests.runs.made import FACTS
from tests.sweeps.made_snapshot import made
from tests.tui.stage import Stage
from tui.messages import RunMessage
from tui.sweeps.book import SweepBook
from tui.sweeps.pane import SweepsPane
from tui.sweeps.studies import StudyList
from tui.sweeps.table import TrialTable
from tui.sweeps.views import StudyViews
from tui.worker.messages import JobState
from tui.worker.sweeping import SweepOrder


class FakeBook(SweepBook):
    """Returns given studies, and runs made up for their trials."""

    def __init__(self, *studies: Snapshot) -> None:
        super().__init__(store())
        self.given = studies
        self.reads = 0

    def load(self) -> tuple[Snapshot, ...]:
        self.reads += 1
        return self.given

    def names(self) -> set[str]:
        return {each.study.name for each in self.given}

    def compared(self, rows: Iterable[TrialRow]) -> list[Compared]:
        return []

    def run_of(self, row: TrialRow) -> Run:
        if row.run is None:
            raise StoreError("it has no run")
        experiment = presets.load("arch-2").changed(seed=row.seed)
        facts = {**FACTS, "updates_per_epoch": 100, "batch_size": 100}
        return replace(new_run(row.run_id, experiment, **facts), number=row.run)


def several() -> tuple[Snapshot, ...]:
    """Return three studies in different states."""
    wide = made(40)
    narrow = made(12, StudyState.FINISHED)
    none = made(0, StudyState.STOPPED)
    return (
        wide,
        replace(narrow, study=replace(narrow.study, number=2, name="narrow", created=1.7147e9)),
        replace(
            none,
            study=replace(none.study, number=3, name="begun", reason="a key stopped it"),
        ),
    )


class SweepsStage(Stage):
    pane: SweepsPane

    def __init__(self, *studies: Snapshot) -> None:
        super().__init__("sweeps")
        self.pane = SweepsPane(self.runner)
        self.pane.set_reactive(
            SweepsPane.experiment, presets.load("arch-2").changed(dataset="synthetic")
        )
        self.book = FakeBook(*studies)
        self.pane.book = self.book
        self.sent: list[RunMessage] = []

    @on(RunMessage)
    def _keep(self, message: RunMessage) -> None:
        self.sent.append(message)

    def run_live(self, snapshot: Snapshot) -> None:
        """Pretend that this program runs a study."""
        self.runner.sweep = SweepOrder(snapshot.study.name, snapshot.study.definition)
        self.runner.swept = snapshot.live
        self.state(JobState.SWEEPING)

    @property
    def table(self) -> TrialTable:
        return self.query_one(TrialTable)

    @property
    def studies(self) -> StudyList:
        return self.query_one(StudyList)

    @property
    def views(self) -> StudyViews:
        return self.query_one(StudyViews)

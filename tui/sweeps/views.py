"""The pictures of a study: which of them is shown, and what each shows."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Container

from core.runs.compare import Compared
from core.sweeps.analysis.importance import Importance
from tui.keymap.keys import fill
from tui.sweeps.book import OpenStudy
from tui.sweeps.coordinates import Coordinates
from tui.sweeps.curves import TrialCurves, alive
from tui.sweeps.importance import ImportanceBars
from tui.sweeps.slice_plot import SlicePlot
from tui.sweeps.workers import WorkerTable

VIEWS = ("curves", "coordinates", "slice", "importance", "workers")
"""The pictures in the order in which the key shows them."""


class StudyViews(Container):
    """One of the pictures of the open study."""

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self.view = VIEWS[0]

    def compose(self) -> ComposeResult:
        """Lay out all pictures, of which one is shown."""
        yield TrialCurves("curves")
        yield Coordinates("coordinates")
        yield SlicePlot("slice")
        yield ImportanceBars(id="importance")
        yield WorkerTable(id="workers")

    def on_mount(self) -> None:
        """Hide all but the first."""
        self.query_one(ImportanceBars).border_title = "Importance"
        self.query_one(WorkerTable).border_title = "Workers"
        self.choose()

    def choose(self) -> None:
        """Show the chosen picture."""
        for name in VIEWS:
            self.query_one(f"#{name}").display = name == self.view

    def next(self) -> None:
        """Show the next picture."""
        self.view = VIEWS[(VIEWS.index(self.view) + 1) % len(VIEWS)]
        self.choose()

    @property
    def curves(self) -> TrialCurves:
        """The curves."""
        return self.query_one(TrialCurves)

    @property
    def coordinates(self) -> Coordinates:
        """The parallel coordinates."""
        return self.query_one(Coordinates)

    @property
    def slice(self) -> SlicePlot:
        """The picture of one setting."""
        return self.query_one(SlicePlot)

    def show_study(self, study: OpenStudy, compared: Sequence[Compared]) -> None:
        """Show a study, in the picture that is on the screen."""
        if self.view == "curves":
            self.curves.show_trials(
                study.snapshot, study.leading(), alive(study.snapshot), compared
            )
        elif self.view == "coordinates":
            self.coordinates.show_study(study)
        elif self.view == "slice":
            self.slice.show_study(study)
        elif self.view == "workers":
            workers = self.query_one(WorkerTable)
            workers.live, workers.state = study.snapshot.live, study.snapshot.study.state

    def show_importance(self, shares: Sequence[Importance], why: str) -> None:
        """Show the importance of the settings, or why there is none."""
        bars = self.query_one(ImportanceBars)
        bars.shares, bars.why = tuple(shares), why
        bars.border_subtitle = (
            "part of the differences between trials, with 90 % intervals" if shares else ""
        )

    def move(self, columns: int) -> None:
        """Move what the picture has a cursor for: a position, an axis, a setting."""
        if self.view == "curves":
            self.curves.action_cursor(columns)
        elif self.view == "coordinates":
            self.coordinates.move(1 if columns > 0 else -1)
        elif self.view == "slice":
            self.slice.move(1 if columns > 0 else -1)

    def refusal_of_brush(self) -> str:
        """Return why no range can be narrowed; empty if one can."""
        if self.view == "coordinates":
            return ""
        return fill("ranges are narrowed in the coordinates; {view} shows them")

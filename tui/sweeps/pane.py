"""The Sweeps pane: the studies, and one of them with its trials and pictures."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.theme import Theme
from textual.widget import Widget

from core.config import presets
from core.config.experiment import Experiment
from core.data import known
from core.errors import StoreError, UserError
from core.runs.compare import Compared
from core.runs.records import Run
from core.runs.session import store
from core.sweeps.importance import Importance
from core.sweeps.snapshot import Snapshot, TrialRow
from tui.exporting import Exporting
from tui.keymap.keys import fill
from tui.keymap.refusals import Refusing
from tui.messages import (
    InspectRun,
    LookInside,
    OpenRun,
    ShowInRuns,
    TakeSettings,
    TrainAgain,
)
from tui.sweeps import export, text
from tui.sweeps.book import OpenStudy, SweepBook
from tui.sweeps.coordinates import Coordinates
from tui.sweeps.curves import alive
from tui.sweeps.keys import SWEEP_KEYS
from tui.sweeps.studies import StudyList
from tui.sweeps.table import TrialTable
from tui.sweeps.views import StudyViews
from tui.thread_results import deliver
from tui.widgets.explanation import Explanation
from tui.widgets.filter_line import FilterLine
from tui.widgets.progress_line import ProgressLine
from tui.widgets.row_list import RowList
from tui.worker.messages import JobState
from tui.worker.runner import BusyError, JobRunner
from tui.worker.sweeping import SweepOrder

LOOK_EVERY = 1.0
"""Seconds between two reads of the store while the pane is visible."""

BESIDE, FLAT = 150, 20
"""Columns from which table and picture stand side by side; rows below which explanations go."""

EXAMPLE = "words, or fields: eta_max>0.01 state:pruned best>55"

OF_A_TRIAL = ("take", "another_seed", "find", "look_inside", "inspect")
"""Actions on the run of the trial under the cursor."""

OF_A_STUDY = (
    *OF_A_TRIAL, "leave", "next_view", "whole", "sort", "reverse", "filter", "next_axis", "brush",
    "unbrush", "best", "log_scale", "cursor", "export",
)  # fmt: skip
"""Actions that an open study has."""


class SweepsPane(Refusing, Exporting, Container):
    """List of all studies, or one study with its table and a picture.

    Args:
        runner: runs studies.
        data: a folder or archive of CIFAR-10; None searches the data folder.
        threads: threads for training; None uses all cores.
    """

    BINDINGS: ClassVar[list[BindingType]] = SWEEP_KEYS

    experiment: reactive[Experiment] = reactive(lambda: presets.load(presets.DEFAULT), init=False)
    """What Configure shows, around which a new study is made."""

    dataset: reactive[str] = reactive("", init=False)
    """The data set that `auto` stands for."""

    def __init__(
        self, runner: JobRunner, data: Path | None = None, threads: int | None = None
    ) -> None:
        super().__init__()
        self._runner = runner
        self._data, self._threads = data, threads
        self.book = SweepBook(store())
        self.open: OpenStudy | None = None
        """The study on the screen; None for the list."""
        self._list = StudyList(id="studies")
        self._table = TrialTable(id="table")
        self._views = StudyViews(id="views")
        self._shares: dict[int, tuple[int, Sequence[Importance], str]] = {}
        """Importance by the number of the study: for how many trials, and why there is none."""
        self._compared: Sequence[Compared] = ()
        self._wanted: str | None = None
        """Name of a new study to open as soon as it is there."""

    def compose(self) -> ComposeResult:
        """Lay out the list, and the boxes of one study."""
        yield self._list
        with Container(id="study"):
            with Vertical(id="left"):
                yield self._table
                yield FilterLine(EXAMPLE, self._narrow, lambda: self._table.focus())
            yield self._views
        yield Explanation()
        yield ProgressLine()

    def on_mount(self) -> None:
        """Start the timer that reads the store."""
        self._list.border_title = "Sweeps"
        self._arrange()
        self.app.theme_changed_signal.subscribe(self, self._restyle)
        self.set_interval(LOOK_EVERY, self.look)
        self.look()

    def _restyle(self, theme: Theme) -> None:
        self._table.draw()
        self._draw()

    def on_show(self) -> None:
        """Read the store."""
        self.look()

    def on_resize(self, event: events.Resize) -> None:
        """Choose the layout of the boxes for the size."""
        self.set_class(event.size.width >= BESIDE, "beside")
        self.set_class(event.size.height < FLAT, "flat")

    def _arrange(self) -> None:
        """Show the list, or the open study."""
        opened = self.open is not None
        target: Widget
        self._list.display = not opened
        self.query_one("#study").display = opened
        self.query_one(ProgressLine).display = opened
        target = self._list if not opened else self._table
        if opened and self.has_class("large"):
            target = self._views
        focused = self.screen.focused
        if self.is_on_screen and (focused is None or self in focused.ancestors):
            target.focus()
        self.refresh_bindings()

    # Reading

    @property
    def _has_boxes(self) -> bool:
        return self.is_mounted and self._table.is_attached

    def read_again(self) -> None:
        """Read the studies again."""
        self.book = SweepBook(store())
        self.look()

    def job_state(self, state: JobState) -> None:
        """Update the keys to the state of the job, and read what has changed."""
        self.look()
        self.refresh_bindings()

    def look(self) -> None:
        """Read the studies, if the pane is visible."""
        if self.is_on_screen:
            self._load()

    @work(thread=True, exclusive=True, group="studies")
    def _load(self) -> None:
        try:
            found = self.book.load()
        except StoreError as error:
            deliver(self.app, self._notify_error, str(error))
            return
        deliver(self.app, self.take, found)

    def take(self, found: tuple[Snapshot, ...]) -> None:
        """Show the studies as they are now."""
        if not self._has_boxes:
            return
        changed = found != self.book.studies
        self.book.studies = found
        if changed:
            self._list.shown = found
        if self._wanted is not None:
            name = self._wanted
            wanted = next((each for each in found if each.study.name == name), None)
            if wanted is not None:
                self._wanted = None
                self.show_study(wanted)
                return
        if self.open is not None:
            self._renew(found)
        self._explain()
        self.refresh_bindings()

    def _renew(self, found: Sequence[Snapshot]) -> None:
        """Show the open study as it is now."""
        assert self.open is not None
        before = self.open.snapshot
        number = before.study.number
        now = next((each for each in found if each.study.number == number), None)
        if now is None:
            self.open = None
            self._arrange()
            return
        live = self._runner.swept if self._is_at_work(now) else None
        if (now.study, now.rows, now.tells) != (before.study, before.rows, before.tells):
            self.open = OpenStudy(now, self.open)
            self.open.with_live(live)
            self._draw()
        elif live is not None and live != before.live:
            self.open.with_live(live)
            self._show_progress()
            self._views.show_study(self.open, self._compared)

    def _is_at_work(self, snapshot: Snapshot) -> bool:
        order = self._runner.sweep
        working = self._runner.state in (JobState.SWEEPING, JobState.SWEEP_PAUSED)
        return working and order is not None and order.name == snapshot.study.name

    # Display

    def show_study(self, snapshot: Snapshot) -> None:
        """Open a study."""
        self.open = OpenStudy(snapshot, self.open)
        if self._is_at_work(snapshot):
            self.open.with_live(self._runner.swept)
        self._compared = ()
        self._arrange()
        self._draw()

    def _draw(self) -> None:
        """Show table, picture and progress of the open study."""
        study = self.open
        if study is None:
            return
        rows = study.shown()
        self._table.why = fill("no trial fits; {filter} changes the filter, {reset_all} the ranges")
        if not study.snapshot.rows:
            self._table.why = "no trial yet"
        self._table.show_trials(study.snapshot, rows, study.leading())
        self._table.border_title = Content(text.title(study, len(rows)))
        self._table.border_subtitle = Content(f"/ {study.filter}") if study.filter else ""
        self._show_views()
        self._show_progress()
        self._explain()

    def _show_views(self) -> None:
        study = self.open
        if study is None:
            return
        self._views.show_study(study, self._compared)
        if self._views.view == "curves":
            self._read_curves([*study.leading(), *alive(study.snapshot)])
        elif self._views.view == "importance":
            self._show_importance(study.snapshot)

    def _show_progress(self) -> None:
        if self.open is not None:
            line = self.query_one(ProgressLine)
            line.fraction, line.words = text.progress(self.open.snapshot)
            line.reserved = text.LONGEST_PROGRESS if self.open.snapshot.live.workers else 0

    def _explain(self) -> None:
        line = self.query_one(Explanation)
        if self.open is None:
            line.explain(self._list.explanation())
        else:
            row = self._table.current
            line.explain(text.of_trial(row) if row is not None else "")

    @work(thread=True, exclusive=True, group="curves")
    def _read_curves(self, rows: Sequence[TrialRow]) -> None:
        try:
            found = self.book.compared(rows)
        except StoreError:
            return  # what the trials told is shown all the same
        deliver(self.app, self._show_curves, found)

    def _show_curves(self, found: Sequence[Compared]) -> None:
        if self._has_boxes and self.open is not None and self._views.view == "curves":
            self._compared = found
            self._views.show_study(self.open, found)

    def _show_importance(self, snapshot: Snapshot) -> None:
        number, over = snapshot.study.number, snapshot.over
        known = self._shares.get(number)
        if known is not None:
            self._views.show_importance(known[1], known[2])
        else:
            self._views.show_importance((), "is being computed …")
        if known is None or known[0] != over:
            self._compute_importance(snapshot)

    @work(thread=True, exclusive=True, group="importance")
    def _compute_importance(self, snapshot: Snapshot) -> None:
        shares: Sequence[Importance] = ()
        why = ""
        try:
            shares = export.found(snapshot)
        except UserError as error:
            why = str(error)
        except ImportError:
            why = "importance needs Optuna: pip install 'convsole[sweep]'"
        except ValueError as error:
            why = str(error)
        deliver(self.app, self._take_importance, snapshot, shares, why)

    def _take_importance(self, snapshot: Snapshot, shares: Sequence[Importance], why: str) -> None:
        self._shares[snapshot.study.number] = snapshot.over, shares, why
        if self.open is not None and self.open.snapshot.study.number == snapshot.study.number:
            self._views.show_importance(shares, why)

    # What the widgets say

    @on(RowList.Moved)
    def _moved(self) -> None:
        self._explain()
        self.refresh_bindings()

    @on(StudyList.Opened)
    @on(TrialTable.Opened)
    def _opened(self) -> None:
        self.action_open()

    @on(Coordinates.Brushed)
    def _brushed(self) -> None:
        self._draw()

    def _narrow(self, words: str) -> None:
        if self.open is not None and words != self.open.filter:
            self.open.narrow(words)
            self._draw()

    # Actions

    def refusal(self, action: str, parameters: tuple[object, ...]) -> str | None:
        """Return why an action is not possible now."""
        if not self._has_boxes:
            return None
        if action == "resume":
            return self._refusal_of_resume()
        if action == "new":
            return self._runner.refusal
        study = self.open
        if action in OF_A_STUDY and study is None:
            return None
        if study is None:
            if action == "leave_cursor":
                return None
            return self._no_study if action == "open" and not self._list.shown else ""
        if action in (*OF_A_TRIAL, "open"):
            return self._refusal_of_run(action)
        if action in ("brush", "unbrush"):
            return self._views.refusal_of_brush()
        if action == "next_axis" and self._views.view not in ("coordinates", "slice"):
            return fill("a setting is chosen in the coordinates and its picture; {view} shows them")
        if action == "log_scale" and self._views.view != "curves":
            return fill("the curves have a log scale; {view} shows them")
        if action == "leave_cursor":
            standing = self._views.view == "curves" and self._views.curves.standing is not None
            return "" if standing else None
        if action == "export":
            return self.export_refusal
        return ""

    @property
    def _no_study(self) -> str:
        return fill("there is no study yet; {add} makes one")

    def _refusal_of_resume(self) -> str:
        snapshot = self._chosen
        if snapshot is None:
            return self._no_study
        if self._runner.busy:
            return self._runner.refusal
        if snapshot.study.state.value == "finished":
            return f"{snapshot.study.name} has come to its end"
        if snapshot.study.state.value in ("running", "paused"):
            return f"another program runs {snapshot.study.name}"
        return ""

    def _refusal_of_run(self, action: str) -> str:
        row = self._table.current
        if row is None:
            return self._table.why
        if row.run is None:
            return f"trial {row.number} has not begun, and has no run yet"
        return self._runner.refusal if action == "another_seed" else ""

    @property
    def _chosen(self) -> Snapshot | None:
        """The open study, or that under the cursor."""
        return self.open.snapshot if self.open is not None else self._list.current

    def action_new(self) -> None:
        """Make a study around the settings in Configure."""
        from tui.sweeps.form import StudyForm

        names = {each.study.name for each in self.book.studies}
        experiment = self.experiment
        if experiment.dataset == known.AUTO and self.dataset:
            # A study keeps its images, whatever is fetched later.
            experiment = experiment.changed(dataset=self.dataset)
        self.app.push_screen(StudyForm(experiment, names), self._start)

    def _start(self, order: SweepOrder | None) -> None:
        if order is not None and self._launch(order):
            self._wanted = order.name
            self.look()

    def action_resume(self) -> None:
        """Go on with the study."""
        snapshot = self._chosen
        if snapshot is not None:
            study = snapshot.study
            if self._launch(SweepOrder(study.name, study.definition)):
                self.show_study(snapshot)

    def _launch(self, order: SweepOrder) -> bool:
        try:
            self._runner.start_sweep(order, self._data, self._threads)
        except BusyError as error:
            self.notify(str(error), severity="warning", title="Busy")
            return False
        return True

    def action_open(self) -> None:
        """Open the study under the cursor, or the run of the trial."""
        if self.open is None:
            if self._list.current is not None:
                self.show_study(self._list.current)
        else:
            self._with_run(lambda run: self.post_message(OpenRun(run)))

    def action_leave(self) -> None:
        """Go back to the list of studies."""
        self.open = None
        self._arrange()
        self._explain()

    def action_next_view(self) -> None:
        """Show the next picture."""
        self._views.next()
        self._show_views()
        self.refresh_bindings()

    def action_whole(self) -> None:
        """Show the picture alone, or with the table."""
        self.set_large(not self.has_class("large"))

    def set_large(self, large: bool) -> None:
        """Show the picture alone, which then has the keys, or with the table."""
        self.set_class(large, "large")
        self._views.can_focus = large
        if large:
            self._views.focus()
        else:
            self._table.focus()

    def action_sort(self) -> None:
        """Sort by the next column."""
        self._table.sort_by_next()

    def action_reverse(self) -> None:
        """Reverse the order."""
        self._table.turn_round()

    def action_filter(self) -> None:
        """Open the input of the filter."""
        if self.open is not None:
            self.set_large(False)
            self.query_one(FilterLine).open(self.open.filter)

    def action_next_axis(self) -> None:
        """Choose the next setting."""
        views = self._views
        if views.view == "coordinates" and self.open is not None:
            last = views.coordinates.axis == len(self.open.axes) - 1
            views.coordinates.move(-views.coordinates.axis if last else 1)
        else:
            views.slice.move(1)

    def action_brush(self, end: str, direction: int) -> None:
        """Move an end of the range of the chosen axis."""
        self._views.coordinates.brush(end, direction)

    def action_unbrush(self, every: bool) -> None:
        """Bring back all values of the chosen axis, or of all."""
        self._views.coordinates.whole(every)

    def action_best(self, step: int) -> None:
        """Colour more of the best trials, or fewer."""
        if self.open is not None and self.open.more(step):
            self._draw()

    def action_cursor(self, columns: int) -> None:
        """Move what the picture has a cursor for."""
        self._views.move(columns)

    def action_leave_cursor(self) -> None:
        """Take the cursor off the curves."""
        self._views.curves.action_leave_cursor()

    def action_log_scale(self) -> None:
        """Switch between a linear and a logarithmic axis."""
        self._views.curves.log_scale = not self._views.curves.log_scale

    def action_take(self) -> None:
        """Load the settings of the trial into Configure."""
        self._with_run(lambda run: self.post_message(TakeSettings(run)))

    def action_another_seed(self) -> None:
        """Train the trial with another seed."""
        row = self._table.current
        if self.open is not None and row is not None:
            seed = text.next_seed(self.open.snapshot, row)
            self._with_run(lambda run: self.post_message(TrainAgain(run, seed)))

    def action_find(self) -> None:
        """Show the run in the Runs pane."""
        self._with_run(lambda run: self.post_message(ShowInRuns(run)))

    def action_look_inside(self) -> None:
        """Show the network value by value."""
        self._with_run(lambda run: self.post_message(LookInside(run)))

    def action_inspect(self) -> None:
        """Show the predictions of the network."""
        self._with_run(lambda run: self.post_message(InspectRun(run)))

    def action_export(self) -> None:
        """Write all pictures and the table, and notify where."""
        if self.open is not None:
            snapshot = self.open.snapshot
            known = self._shares.get(snapshot.study.number)
            self.export(export.prepared(snapshot, self.open.best, known[1] if known else ()))

    # Helpers

    @work(thread=True, group="run")
    def _with_run(self, take: Callable[[Run], object]) -> None:
        """Read the run of the trial under the cursor, and call `take` with it."""
        row = self._table.current
        if row is None:
            return
        try:
            run = self.book.run_of(row)
        except StoreError as error:
            deliver(self.app, self._notify_error, str(error))
        else:
            deliver(self.app, take, run)

    def _notify_error(self, reason: str) -> None:
        self.app.notify(reason, severity="warning", title="Sweeps", timeout=10)

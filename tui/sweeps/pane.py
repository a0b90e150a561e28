"""The Sweeps pane: the studies, and one of them with its trials and pictures."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.reactive import reactive
from textual.theme import Theme
from textual.widget import Widget

from core.config import presets
from core.config.experiment import Experiment
from core.data import known
from core.errors import StoreError
from core.runs.session import store
from core.runs.studies.records import StudyState
from core.sweeps.analysis.snapshot import Live, Snapshot
from tui.keymap.keys import fill
from tui.messages import OpenRun
from tui.sweeps import refusals, text
from tui.sweeps.book import OpenStudy, SweepBook
from tui.sweeps.keys import SWEEP_KEYS
from tui.sweeps.open_pane import OpenStudyPane
from tui.sweeps.studies import StudyList
from tui.sweeps.table import TrialTable
from tui.thread_results import deliver
from tui.widgets.explanation import Explanation
from tui.widgets.filter_line import FilterLine
from tui.widgets.progress_line import ProgressLine
from tui.widgets.row_list import RowList
from tui.widgets.seen import seen
from tui.worker.messages import JobState
from tui.worker.runner import BusyError, JobRunner
from tui.worker.sweeping import SweepOrder

if TYPE_CHECKING:
    from tui.sweeps.draft import StudyDraft

LOOK_EVERY = 1.0
"""Seconds between two reads of the store while the pane is visible."""

BESIDE, FLAT = 150, 20
"""Columns from which table and picture stand side by side; rows below which explanations go."""

EXAMPLE = "words, or fields: eta_max>0.01 state:pruned mean>55"

STARTS = "starts"
"""What a study does of which nothing is known yet."""

OF_A_TRIAL = ("take", "another_seed", "find", "look_inside", "inspect")
"""Actions on the run of the trial under the cursor."""

OF_A_STUDY = (
    *OF_A_TRIAL, "leave", "next_view", "whole", "sort", "reverse", "filter", "next_axis", "brush",
    "unbrush", "best", "log_scale", "cursor", "export",
)  # fmt: skip
"""Actions that an open study has."""


class SweepsPane(OpenStudyPane):
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
        super().__init__(runner, data, threads)
        self._list = StudyList(id="studies")
        self._draft: StudyDraft | None = None
        """A study that was left before it was started; None if nothing in it was changed."""
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
        if seen(self) and (focused is None or self in focused.ancestors):
            target.focus()
        self.refresh_bindings()

    # Reading

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
        if seen(self):
            self._load()

    @work(thread=True, exclusive=True, group="studies")
    def _load(self) -> None:
        try:
            found = self.book.load()
        except StoreError as error:
            deliver(self.app, self._cannot_read, str(error))
            return
        deliver(self.app, self.take, found)

    def _cannot_read(self, reason: str) -> None:
        if self._list.instead:
            self._list.instead = reason
        self._notify_error(reason)

    def take(self, found: tuple[Snapshot, ...]) -> None:
        """Show the studies as they are now."""
        if not self._has_boxes:
            return
        self.book.studies = found
        self._list.instead = ""
        self._list.shown = tuple(map(self._as_here, found))
        self._list.starts = self._new_one(found)
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

    def _new_one(self, found: Sequence[Snapshot]) -> str:
        """Return what a study does that starts and is not recorded yet; empty if none is."""
        name = self._at_work
        if name is None or any(each.study.name == name for each in found):
            return ""
        return f"{name} {self._live.starting or STARTS}"

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
        now = self._as_here(now)
        live = self._live if self._is_at_work(now) else None
        if (now.study, now.rows, now.tells) != (before.study, before.rows, before.tells):
            self.open = OpenStudy(now, self.open)
            self.open.with_live(live)
            self._draw()
        elif (live or Live()) != before.live:
            self.open.with_live(live)
            self._show_progress()
            self._views.show_study(self.open, self._compared)

    def _is_at_work(self, snapshot: Snapshot) -> bool:
        return self._at_work == snapshot.study.name

    @property
    def _at_work(self) -> str | None:
        """Name of the study that this program runs; None if it runs none."""
        order = self._runner.sweep
        working = self._runner.state in (JobState.SWEEPING, JobState.SWEEP_PAUSED)
        return order.name if working and order is not None else None

    @property
    def _live(self) -> Live:
        """What this program does for the study that it runs."""
        return self._runner.swept or Live(starting=STARTS)

    def _as_here(self, snapshot: Snapshot) -> Snapshot:
        """Return a study in the state in which this program has it, which is recorded later."""
        if not self._is_at_work(snapshot):
            return snapshot
        waits = self._runner.state is JobState.SWEEP_PAUSED
        state = StudyState.PAUSED if waits else StudyState.RUNNING
        reason = snapshot.study.reason if state is snapshot.study.state else ""
        live = self._live
        return replace(
            snapshot, study=replace(snapshot.study, state=state, reason=reason), live=live
        )

    # Display

    def show_study(self, snapshot: Snapshot) -> None:
        """Open a study."""
        snapshot = self._as_here(snapshot)
        self.open = OpenStudy(snapshot, self.open)
        if self._is_at_work(snapshot):
            self.open.with_live(self._live)
        self._compared = ()
        self._arrange()
        self._draw()

    def _explain(self) -> None:
        line = self.query_one(Explanation)
        if self.open is None:
            line.explain(self._list.explanation())
        else:
            row = self._table.current
            line.explain(text.of_trial(row) if row is not None else "")

    # What the widgets say

    @on(RowList.Moved)
    def _moved(self) -> None:
        self._explain()
        self.refresh_bindings()

    @on(StudyList.Opened)
    @on(TrialTable.Opened)
    def _opened(self) -> None:
        self.action_open()

    # Actions

    def refusal(self, action: str, parameters: tuple[object, ...]) -> str | None:
        """Return why an action is not possible now."""
        if not self._has_boxes:
            return None
        if action == "resume":
            if self._chosen is None and self._list.instead:
                return self._list.instead
            return refusals.resume(self._chosen, self._runner)
        if action == "new":
            return self._runner.refusal
        study = self.open
        if action in OF_A_STUDY and study is None:
            return None
        if study is None:
            if action == "leave_cursor":
                return None
            none = action == "open" and not self._list.shown
            return self._list.instead or refusals.no_study() if none else ""
        if action in (*OF_A_TRIAL, "open"):
            runner = self._runner if action == "another_seed" else None
            return refusals.run_of(self._table.current, self._table.why, runner)
        if action in ("sort", "reverse") and self.has_class("large"):
            return fill("the picture has the room of the table; {whole} brings it back")
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
    def _chosen(self) -> Snapshot | None:
        """The open study, or that under the cursor."""
        return self.open.snapshot if self.open is not None else self._list.current

    def action_new(self) -> None:
        """Make a study around the settings in Configure."""
        from tui.sweeps.draft import StudyDraft
        from tui.sweeps.form import StudyForm

        names = self.book.names()
        experiment = self.experiment
        if experiment.dataset == known.AUTO and self.dataset:
            # A study keeps its images, whatever is fetched later.
            experiment = experiment.changed(dataset=self.dataset)
        draft = self._draft or StudyDraft(experiment, names)
        draft.opened_again(names)

        def take(order: SweepOrder | None) -> None:
            started = order is not None and self._launch(order)
            self._draft = draft if draft.changed and not started else None
            if order is None and self._draft is not None:
                words = fill("{add} opens it again as it was left")
                self.notify(f"no study is made, and the draft is kept; {words}", title="Sweeps")
            if order is not None and started:
                self._wanted = order.name
                self.look()

        self.app.push_screen(StudyForm(draft, experiment), take)

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

"""The open study of the Sweeps pane: its table, its pictures, and the keys that change them."""

from collections.abc import Callable, Sequence
from pathlib import Path

from textual import on, work
from textual.containers import Container
from textual.content import Content

from core import format as fmt
from core.errors import StoreError, UserError
from core.runs.compare import Compared
from core.runs.records import Run
from core.runs.session import store
from core.runs.studies.records import StudyRecord
from core.settings import SettingError, quoted
from core.sweeps.analysis.importance import Importance
from core.sweeps.analysis.snapshot import Snapshot, TrialRow
from core.sweeps.execution.more_seeds import MOST, add
from tui.dialogs.prompt import LineScreen
from tui.exporting import Exporting
from tui.keymap.keys import fill
from tui.keymap.refusals import Refusing
from tui.messages import InspectRun, LookInside, ShowInRuns, TakeSettings
from tui.sweeps import export, text
from tui.sweeps.book import OpenStudy, SweepBook
from tui.sweeps.coordinates import Coordinates
from tui.sweeps.curves import alive
from tui.sweeps.table import TrialTable
from tui.sweeps.views import StudyViews
from tui.thread_results import deliver
from tui.widgets.filter_line import FilterLine
from tui.widgets.progress_line import ProgressLine
from tui.worker.runner import JobRunner


class OpenStudyPane(Refusing, Exporting, Container):
    """A pane that shows one study at a time.

    Args:
        runner: runs studies.
        data: a folder or archive of CIFAR-10; None searches the data folder.
        threads: threads for training; None uses all cores.
    """

    def __init__(
        self, runner: JobRunner, data: Path | None = None, threads: int | None = None
    ) -> None:
        super().__init__()
        self._runner = runner
        self._data, self._threads = data, threads
        self.book = SweepBook(store())
        self.open: OpenStudy | None = None
        """The study on the screen; None for the list."""
        self._table = TrialTable(id="table")
        self._views = StudyViews(id="views")
        self._shares: dict[int, tuple[int, Sequence[Importance], str]] = {}
        """Importance by the number of the study: for how many trials, and why there is none."""
        self._compared: Sequence[Compared] = ()

    @property
    def _has_boxes(self) -> bool:
        return self.is_mounted and self._table.is_attached

    def _explain(self) -> None:
        """Explain the row under the cursor."""
        raise NotImplementedError

    # Display

    def _draw(self) -> None:
        """Show table, picture and progress of the open study."""
        study = self.open
        if study is None:
            return
        rows = study.shown()
        self._table.why = fill("no trial fits; {filter} changes the filter, {reset_all} the ranges")
        if not study.snapshot.rows:
            self._table.why = "no trial yet"
        self._table.filter = study.filter
        self._table.show_trials(study.snapshot, rows, study.leading())
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
            self._table.border_title = Content(text.title(self.open))
            line = self.query_one(ProgressLine)
            line.fraction, line.words = text.progress(self.open.snapshot)
            line.reserved = text.LONGEST_PROGRESS if self.open.snapshot.live.workers else 0

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

    # Actions on pictures and table

    @on(Coordinates.Brushed)
    def _brushed(self) -> None:
        self._draw()

    def _narrow(self, words: str) -> None:
        if self.open is not None and words != self.open.filter:
            self.open.narrow(words)
            self._draw()

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

    def action_export(self) -> None:
        """Write all pictures and the table, and notify where."""
        if self.open is not None:
            snapshot = self.open.snapshot
            known = self._shares.get(snapshot.study.number)
            shares = known[1] if known else ()
            folder = fmt.place(export.place())
            self.app.notify(
                f"the pictures and the table of {snapshot.study.name}, to {folder} …",
                title="Writing",
            )
            self.export(export.prepared(snapshot, self.open.best, shares, self.book.read))

    # Actions on the run of a trial

    def action_take(self) -> None:
        """Load the settings of the trial into Configure."""
        row = self._table.current
        if self.open is None or row is None:
            return
        study = self.open.snapshot

        def take(run: Run) -> None:
            self.post_message(TakeSettings(run))
            settings = text.settings(row)
            self.app.notify(
                f"{study.title(row)} of {study.study.name}: {settings}",
                title="Taken to Configure",
            )

        self._with_run(take)

    def action_another_seed(self) -> None:
        """Ask for a number, and train the trial with so many further seeds."""
        row = self._table.current
        if self.open is None or row is None:
            return
        study = self.open.snapshot.study

        def take(answer: str | None) -> None:
            if answer is not None:
                self._add_seeds(study, int(answer), row.number)

        self.app.push_screen(
            LineScreen(
                f"More seeds of trial {row.number}",
                "1",
                "Number of trainings with the same settings, each with a seed that it has not had; "
                "the study goes on with them",
                _no_number_of_seeds,
            ),
            take,
        )

    @work(thread=True, group="run")
    def _add_seeds(self, study: StudyRecord, more: int, number: int) -> None:
        try:
            add(store(), study, more, number)
        except (StoreError, SettingError) as error:
            deliver(self.app, self._notify_error, str(error))
        else:
            deliver(self.app, self._go_on, study.number)

    def _go_on(self, number: int) -> None:
        # Whoever has gone to another study goes on with this one by its key.
        if self.open is not None and self.open.snapshot.study.number == number:
            self.action_resume()

    def action_resume(self) -> None:
        """Go on with the study."""
        raise NotImplementedError

    def action_find(self) -> None:
        """Show the run in the Runs pane."""
        self._with_run(lambda run: self.post_message(ShowInRuns(run)))

    def action_look_inside(self) -> None:
        """Show the network value by value."""
        self._with_run(lambda run: self.post_message(LookInside(run)))

    def action_inspect(self) -> None:
        """Show the predictions of the network."""
        self._with_run(lambda run: self.post_message(InspectRun(run)))

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


def _no_number_of_seeds(text: str) -> str | None:
    """Return why a text is no number of seeds; None if it is one."""
    number = text.strip()
    if number.isdecimal() and len(number) < 4 and 1 <= int(number) <= MOST:
        return None
    return f"{quoted(text)} is not a whole number from 1 to {MOST}"

"""The Runs pane: a table of all runs, with curves and details of the marked ones."""

from collections.abc import Callable
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Horizontal
from textual.content import Content
from textual.theme import Theme

from core.errors import StoreError
from core.runs.compare import Compared
from core.runs.records import AT_WORK, Event, Run
from core.runs.session import store
from tui.dialogs.rename import rename
from tui.exporting import Exporting
from tui.keymap.keys import fill
from tui.keymap.refusals import Refusing
from tui.messages import InspectRun, LookInside, OpenRun, ResumeRun, TakeSettings
from tui.runs import dialogs, export, refusals
from tui.runs.compare import FIRST_QUANTITY, RunCompare
from tui.runs.details import RunDetails
from tui.runs.keys import RUN_KEYS
from tui.runs.table import RunTable
from tui.runs.view_model import RunBook
from tui.thread_results import deliver
from tui.widgets.filter_line import FilterLine
from tui.widgets.order import Order
from tui.widgets.seen import seen
from tui.widgets.undo import NOTHING_DONE
from tui.worker.runner import JobRunner

LOOK_EVERY = 2.0
"""Seconds between two reads of the store while the pane is visible."""

WIDE = 100
"""Columns from which curves and details stand side by side."""

VIEWS = ("curves", "details")

FILTER_EXAMPLE = "words, or fields: lambda<0.003 state:finished"

NEED_RUN = (
    "mark",
    "open",
    "inspect",
    "look_inside",
    "resume",
    "take",
    "rename",
    "note",
    "delete",
    "export",
)
"""Actions on the run under the cursor."""


class RunsPane(Refusing, Exporting, Container):
    """Table of all runs, and a comparison of the marked ones.

    Args:
        runner: tells whether a run can be resumed now.
    """

    BINDINGS: ClassVar[list[BindingType]] = RUN_KEYS

    def __init__(self, runner: JobRunner) -> None:
        super().__init__()
        self._runner = runner
        self.book = RunBook(store())
        self._table = RunTable()
        self._view = VIEWS[0]
        self._looked = False
        self._shown: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        """Lay out the table over curves and details."""
        yield self._table
        yield FilterLine(FILTER_EXAMPLE, self._narrow, lambda: self._table.focus())
        with Horizontal():
            yield RunCompare(id="curves")
            yield RunDetails(id="details")

    def on_mount(self) -> None:
        """Start the timer that reads the store."""
        self._table.border_title = "Runs"
        self._arrange()
        self.app.theme_changed_signal.subscribe(self, self._restyle)
        self.set_interval(LOOK_EVERY, self.look)
        self.look()

    def _restyle(self, theme: Theme) -> None:
        self._shown = ()
        self._table.restyle()

    def on_unmount(self) -> None:
        """Remove deleted runs for good."""
        self.book.close()

    def on_show(self) -> None:
        """Read the store."""
        self.look()

    def on_resize(self, event: events.Resize) -> None:
        """Choose the layout of the boxes for the size."""
        self.set_class(event.size.width < WIDE, "narrow")
        self._arrange()

    def _arrange(self) -> None:
        narrow = self.has_class("narrow")
        for name in VIEWS:
            self.query_one(f"#{name}").display = not narrow or name == self._view

    # Reading

    @property
    def _has_table(self) -> bool:
        """Whether the table still exists; on exit, it is removed before the pane."""
        # Not a query, which looks through the whole pane: every binding asks.
        return self.is_mounted and self._table.is_attached

    def read_again(self) -> None:
        """Read the runs again."""
        self._looked = False
        self.look()

    def point_at(self, run: Run) -> None:
        """Move the cursor to a run, as soon as it is read."""
        self._table.wanted = run.number
        self.read_again()

    def look(self) -> None:
        """Read the runs, if the pane is visible."""
        if seen(self):
            self._load()

    @work(thread=True, exclusive=True, group="runs")
    def _load(self) -> None:
        try:
            runs = self.book.load()
        except StoreError as error:
            deliver(self.app, self._notify_error, str(error))
            return
        if runs != self.book.runs or not self._looked:  # otherwise, the screen is up to date
            deliver(self.app, self._take, runs)

    def _take(self, runs: list[Run]) -> None:
        if self._has_table:
            self._looked = True
            self.book.take(runs)
            self._draw()

    def _draw(self) -> None:
        book, table = self.book, self._table
        shown = book.shown()
        table.show_runs(shown, book.marked(), book.order)
        count = f"{len(shown):,} of {len(book.runs):,}" if book.narrowed else f"{len(book.runs):,}"
        count += ", those of reproductions and studies folded away" if book.folded else ""
        table.border_title = f"Runs ─ {count}"
        table.border_subtitle = Content(f"/ {book.filter}") if book.filter else ""
        if not shown:
            self._shown = ()
            self.query_one(RunCompare).compare((), self._nothing)
            self.query_one(RunDetails).show_nothing(book.narrowed)
        self.refresh_bindings()

    @property
    def _nothing(self) -> str:
        """Why no run is shown."""
        if self.book.filter:
            return "no run fits the filter"
        folded = "all runs are folded away; {fold} shows them"
        return fill(folded if self.book.narrowed else "no runs yet; {start} starts the first")

    def _chosen(self) -> list[Run]:
        """Return the marked runs, or the one under the cursor if there are none."""
        current = self._table.current
        return self.book.marked() or ([current] if current else [])

    @on(RunTable.Moved)
    def _read_chosen(self) -> None:
        current = self._table.current
        chosen = self._chosen()
        # A comparison of several runs does not depend on the cursor.
        key = (current, *chosen) if len(chosen) < 2 else (*chosen,)
        if current is not None and key != self._shown:
            self._shown = key
            self._read(current, chosen)

    @work(thread=True, exclusive=True, group="points")
    def _read(self, current: Run, chosen: list[Run]) -> None:
        try:
            found = self.book.compared(chosen)
            run_events = self.book.store.events(current)
        except StoreError as error:
            deliver(self.app, self._notify_error, str(error))
            return
        deliver(self.app, self._show, current, found, run_events)

    def _show(self, current: Run, found: list[Compared], run_events: list[Event]) -> None:
        if not self._has_table or self._table.current is None:
            return
        self.query_one(RunCompare).compare(found)
        details = self.query_one(RunDetails)
        if len(found) > 1:
            details.show_difference(found)
        else:
            details.show_run(current, run_events)

    # Actions

    def refusal(self, action: str, parameters: tuple[object, ...]) -> str | None:
        """Return why an action is not possible now; those on a run need one."""
        if not self._has_table:
            return None
        run = self._table.current
        if run is None and action in NEED_RUN:
            return self._nothing
        if action == "resume" and run is not None:
            return refusals.resume(run, self._runner)
        if action == "delete" and run is not None:
            at_work = run.state in AT_WORK
            return f"{run.name} is being trained; stop it first" if at_work else ""
        if action == "leave_cursor":
            return "" if self.query_one(RunCompare).standing is not None else None
        if action == "export":
            return self.export_refusal
        if action == "unmark":
            return "" if self.book.marked() else fill("no run is marked; {mark} marks one")
        if action == "undo":
            return "" if self.book.undoable else NOTHING_DONE
        if action == "fold" and not self.book.studied:
            return "no run here comes from a reproduction, a quick look or a study"
        if action == "scroll_details" and not self.query_one(RunDetails).display:
            return fill("the details are not on the screen; {view} shows them")
        return ""

    def action_next_view(self) -> None:
        """Show the next quantity; where there is room for one box, also the details."""
        chart = self.query_one(RunCompare)
        if self.has_class("narrow") and self._view == "curves" and chart.over == FIRST_QUANTITY:
            self._view = "details"
        else:
            self._view = "curves"
            chart.next_quantity()
        self._arrange()

    def action_cursor(self, columns: int) -> None:
        """Move the cursor along the curves, where they are visible."""
        if self.query_one(RunCompare).display:
            self.query_one(RunCompare).action_cursor(columns)

    def action_leave_cursor(self) -> None:
        """Take the cursor off the curves."""
        self.query_one(RunCompare).action_leave_cursor()

    def action_scroll_details(self, rows: int) -> None:
        """Scroll the details."""
        self.query_one(RunDetails).scroll_relative(y=rows, animate=False)

    def action_mark(self) -> None:
        """Toggle the mark of the run."""
        self._with_run(lambda run: self._do(lambda: self.book.mark(run)))

    def action_unmark(self) -> None:
        """Remove all marks."""
        self._do(self.book.unmark)

    def action_open(self) -> None:
        """Show the run in the Train pane."""
        self._with_run(lambda run: self.post_message(OpenRun(run)))

    def action_look_inside(self) -> None:
        """Show the network value by value."""
        self._with_run(lambda run: self.post_message(LookInside(run)))

    def action_inspect(self) -> None:
        """Show the predictions of the network."""
        self._with_run(lambda run: self.post_message(InspectRun(run)))

    def action_resume(self) -> None:
        """Resume the run."""
        self._with_run(lambda run: self.post_message(ResumeRun(run)))

    def action_take(self) -> None:
        """Load the settings of the run into Configure."""
        self._with_run(lambda run: self.post_message(TakeSettings(run)))

    def action_sort(self) -> None:
        """Sort by the next column."""
        self._sort(self.book.order.after(self._table.columns_shown))

    def action_reverse(self) -> None:
        """Reverse the order."""
        self._sort(self.book.order.reversed())

    @on(RunTable.HeadingClicked)
    def _heading_clicked(self, message: RunTable.HeadingClicked) -> None:
        self._sort(self.book.order.clicked(message.column))

    def _sort(self, order: Order) -> None:
        self.book.order = order
        self._draw()

    @on(RunTable.Opened)
    def _opened(self) -> None:
        self.action_open()

    def action_fold(self) -> None:
        """Leave out the runs of reproductions, quick looks and studies, or show them again."""
        self.book.folded = not self.book.folded
        self._draw()

    def action_rename(self) -> None:
        """Rename the run."""
        self._with_run(lambda run: rename(self.app, run, self._changes(run, "name")))

    def action_note(self) -> None:
        """Write a note about the run."""
        self._with_run(lambda run: dialogs.note(self.app, run, self._changes(run, "note")))

    def action_delete(self) -> None:
        """Delete the run, after confirmation."""

        def ask(run: Run) -> None:
            dialogs.delete(self.app, run, lambda: self._do(lambda: self.book.delete(run)))

        self._with_run(ask)

    def action_undo(self) -> None:
        """Undo the last change."""

        def undo() -> None:
            if (undone := self.book.undo()) is not None:
                self._table.wanted = undone.run
                deliver(self.app, self.app.notify, f"took back {undone.words}")

        self._do(undo)

    def action_filter(self) -> None:
        """Open the input of the filter."""
        self.query_one(FilterLine).open(self.book.filter)

    def action_next_axis(self) -> None:
        """Switch to the next x-axis."""
        self.query_one(RunCompare).next_axis()

    def action_smooth(self) -> None:
        """Switch to the next weight of smoothing."""
        self.query_one(RunCompare).next_weight()

    def action_log_scale(self) -> None:
        """Switch between a linear and a logarithmic axis."""
        self.query_one(RunCompare).toggle_log_scale()

    def action_export(self) -> None:
        """Write picture, table and points, and notify where."""
        if chosen := self._chosen():
            self.export(export.prepared(self.book, chosen, self.query_one(RunCompare)))

    def _narrow(self, text: str) -> None:
        if text != self.book.filter:
            self.book.narrow(text)
            self._draw()

    # Helpers

    def _changes(self, run: Run, what: str) -> Callable[[str], object]:
        """Return a function that sets the name or the note of a run."""
        words = f"the {what} of {run.name}"
        return lambda text: self._do(lambda: self.book.change(run, words, **{what: text}))

    def _with_run(self, work: Callable[[Run], object]) -> None:
        run = self._table.current
        if run is not None:
            work(run)

    @work(thread=True, group="changes")
    def _do(self, change: Callable[[], object]) -> None:
        """Change the store, and read it again."""
        try:
            change()
        except StoreError as error:
            deliver(self.app, self._notify_error, str(error))
        deliver(self.app, self.look)

    def _notify_error(self, reason: str) -> None:
        self.app.notify(reason, severity="warning", title="Runs", timeout=10)

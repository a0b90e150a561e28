"""The Runs pane: a table of all runs, with curves and details of the marked ones."""

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Horizontal
from textual.content import Content

from core.data import home
from core.errors import StoreError
from core.runs import compare
from core.runs.compare import Compared
from core.runs.records import Event, Run
from core.runs.session import store
from tui import file_export
from tui.messages import ExportDone, InspectRun, OpenRun, ResumeRun, TakeSettings
from tui.runs import dialogs
from tui.runs.columns import COLUMNS
from tui.runs.compare import RunCompare
from tui.runs.details import RunDetails
from tui.runs.filter import RunFilter
from tui.runs.keys import RUN_KEYS
from tui.runs.table import RunTable
from tui.runs.view_model import RunBook
from tui.thread_results import deliver
from tui.worker.runner import JobRunner

LOOK_EVERY = 2.0
"""Seconds between two reads of the store while the pane is visible."""

WIDE = 100
"""Columns from which curves and details stand side by side."""

VIEWS = ("curves", "details")


class RunsPane(Container):
    """Table of all runs, and a comparison of the marked ones.

    Args:
        runner: tells whether a run can be resumed now.
    """

    BINDINGS: ClassVar[list[BindingType]] = RUN_KEYS

    def __init__(self, runner: JobRunner) -> None:
        super().__init__()
        self._runner = runner
        self.book = RunBook(store())
        self._view = VIEWS[0]
        self._exporting = self._looked = False
        self._shown: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        """Lay out the table over curves and details."""
        yield RunTable()
        yield RunFilter(self._narrow, lambda: self.query_one(RunTable).focus())
        with Horizontal():
            yield RunCompare(id="curves")
            yield RunDetails(id="details")

    def on_mount(self) -> None:
        """Start the timer that reads the store."""
        self.query_one(RunTable).border_title = "Runs"
        self._arrange()
        self.set_interval(LOOK_EVERY, self.look)
        self.look()

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
        return self.is_mounted and bool(self.query(RunTable))

    def look(self) -> None:
        """Read the runs, if the pane is visible."""
        if self.is_on_screen:
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
        book, table = self.book, self.query_one(RunTable)
        shown = book.shown()
        table.show_runs(shown, book.marked(), (book.sort, book.descending))
        count = f"{len(shown):,} of {len(book.runs):,}" if book.filter else f"{len(book.runs):,}"
        table.border_title = f"Runs ─ {count}"
        table.border_subtitle = Content(f"/ {book.filter}") if book.filter else ""
        if not shown:
            self._shown = ()
            words = "no run fits the filter" if book.filter else "no runs yet; s starts the first"
            self.query_one(RunCompare).compare((), words)
            self.query_one(RunDetails).show_nothing(bool(book.filter))
        self.refresh_bindings()

    def _chosen(self) -> list[Run]:
        """Return the marked runs, or the one under the cursor if there are none."""
        current = self.query_one(RunTable).current
        return self.book.marked() or ([current] if current else [])

    @on(RunTable.Moved)
    def _read_chosen(self) -> None:
        current = self.query_one(RunTable).current
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
        if not self._has_table or self.query_one(RunTable).current is None:
            return
        self.query_one(RunCompare).compare(found)
        details = self.query_one(RunDetails)
        if len(found) > 1:
            details.show_difference(found)
        else:
            details.show_run(current, run_events)

    # Actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether an action is available now; those on a run need one."""
        if not self._has_table or (action == "resume" and self._runner.busy):
            return False
        if action == "leave_cursor":
            return self.query_one(RunCompare).standing is not None
        needs = ("mark", "open", "inspect", "resume", "take", "rename", "note", "delete", "export")
        return action not in needs or self.query_one(RunTable).current is not None

    def action_next_view(self) -> None:
        """Switch between curves and details, if only one of them fits."""
        self._view = VIEWS[(VIEWS.index(self._view) + 1) % len(VIEWS)]
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
        names = [name for name in COLUMNS if name in self.query_one(RunTable).columns_shown]
        at = names.index(self.book.sort) if self.book.sort in names else -1
        self.book.sort = names[(at + 1) % len(names)]
        self._draw()

    def action_reverse(self) -> None:
        """Reverse the order."""
        self.book.descending = not self.book.descending
        self._draw()

    def action_rename(self) -> None:
        """Rename the run."""
        self._with_run(lambda run: dialogs.name(self.app, run, self._changes(run, "name")))

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
            words = self.book.undo()
            self.app.call_from_thread(
                self.app.notify, f"took back {words}" if words else "There is nothing to take back"
            )

        self._do(undo)

    def action_filter(self) -> None:
        """Open the input of the filter."""
        self.query_one(RunFilter).open(self.book.filter)

    def action_next_quantity(self) -> None:
        """Compare the next quantity."""
        self.query_one(RunCompare).next_quantity()

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
        chosen = self._chosen()
        if chosen and not self._exporting:
            self._exporting = True
            self._export(chosen)

    @work(thread=True)
    def _export(self, chosen: list[Run]) -> None:
        folder, chart = home.saved_models_folder() / "reports", self.query_one(RunCompare)

        found: list[Compared] = []
        stem: list[str] = []

        def write() -> list[Path]:
            found.extend(self.book.compared(chosen))
            files = compare.export_comparison(found, folder, chart.over, chart.along, chart.weight)
            stem.append(files[0].stem)
            return files

        def draw() -> list[Path]:
            # Imported here because it imports Matplotlib.
            from core.figures import compare as figures

            return figures.export(
                found, folder, stem[0], chart.over, chart.along, chart.weight, chart.log_scale
            )

        self.post_message(file_export.write("the comparison", folder, draw, write))

    def on_export_done(self, message: ExportDone) -> None:
        """Enable the key again; the app notifies where the files are."""
        self._exporting = False

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
        run = self.query_one(RunTable).current
        if run is not None:
            work(run)

    @work(thread=True, group="changes")
    def _do(self, change: Callable[[], object]) -> None:
        """Change the store, and read it again."""
        try:
            change()
        except StoreError as error:
            self.app.call_from_thread(self._notify_error, str(error))
        self.app.call_from_thread(self.look)

    def _notify_error(self, reason: str) -> None:
        self.app.notify(reason, severity="warning", title="Runs", timeout=10)

"""The Benchmark pane: update times, comparisons, and the time of every layer."""

from pathlib import Path
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal

from core.benchmark import cases, saved_results
from core.benchmark.results import Benchmark, BenchmarkError
from core.benchmark.settings import BENCH_FIELDS, BenchSettings
from tui.benchmark import export as bench_export
from tui.benchmark import text as bench_text
from tui.benchmark.keys import BENCH_KEYS
from tui.benchmark.measurement import BenchRun, Profiles
from tui.benchmark.profile_table import ProfileTable
from tui.benchmark.table import BenchTable
from tui.keymap.keys import fill
from tui.widgets.explanation import Explanation
from tui.widgets.field_list import FieldList
from tui.widgets.progress_line import ProgressLine
from tui.widgets.row_list import RowList
from tui.widgets.seen import seen
from tui.widgets.settings_draft import SettingsDraft
from tui.widgets.settings_pane import SettingsPane
from tui.widgets.sorted_list import SortedList
from tui.worker.messages import BenchEnded, BenchRow, JobState, ProfileEnded
from tui.worker.runner import BusyError, JobRunner

LOW, SLIM = 36, 70
"""Rows below which only one architecture shows bars; columns below which the layers are hidden."""

LINE_EVERY = 0.2
"""Seconds between two redraws of the progress."""


class BenchmarkPane(SettingsPane[BenchSettings]):
    """Table, settings and layer profile of a benchmark.

    Args:
        runner: runs benchmarks and profiles.
        data: a folder or archive of CIFAR-10; None searches the data folder.
    """

    BINDINGS: ClassVar[list[BindingType]] = BENCH_KEYS

    def __init__(self, runner: JobRunner, data: Path | None = None) -> None:
        super().__init__(SettingsDraft(BenchSettings(), BENCH_FIELDS))
        self._runner = runner
        self._data = data
        self._run: BenchRun | None = None
        self._profiles = Profiles()
        self._earlier: Benchmark | None = None

    def compose(self) -> ComposeResult:
        """Lay out the boxes."""
        yield BenchTable(self._mark, id="bench-table")
        with Horizontal(id="bench-below"):
            fields = FieldList(
                BENCH_FIELDS,
                self._draft.values,
                self._draft.reason,
                self.change,
                self.refuse,
                id="bench",
            )
            fields.border_title = "Benchmark"
            yield fields
            yield ProfileTable()
        yield Explanation()
        yield ProgressLine()

    def on_mount(self) -> None:
        """Load the latest result that is not a quick look, and start the progress timer."""
        self.query_one(ProgressLine).reserved = bench_text.LONGEST_PROGRESS
        self.set_interval(LINE_EVERY, self.look)
        try:
            latest = saved_results.latest()
            self._run = None if latest is None else BenchRun.of(latest)
        except BenchmarkError as error:
            self.notify(str(error), severity="warning", title="Not shown")
        self.show()

    def on_resize(self, event: events.Resize) -> None:
        """Choose the layout of the boxes for the size."""
        low = event.size.height < LOW
        self.set_class(low, "low")
        self.set_class(event.size.width < SLIM, "slim")
        self.query_one(BenchTable).low = low

    # Events from the app

    def take(self, message: BenchRow | BenchEnded | ProfileEnded) -> None:
        """Add the result of an architecture, or the end of a job, also while the pane is hidden."""
        if isinstance(message, ProfileEnded):
            self._profiles.end(message.profile, message.reason)
        elif self._run is not None and isinstance(message, BenchRow):
            self._run.add(message.case)
        elif self._run is not None and isinstance(message, BenchEnded):
            self._run.end(message.benchmark, message.reason)
            if self._run.running:  # cancelled before there was a result
                self._run = None
        self.show()

    def job_state(self, state: JobState) -> None:
        """Update the pane and its keys to the state of the job."""
        self.show()

    # Display

    @property
    def benchmark(self) -> Benchmark | None:
        """The benchmark to export; None if there is none."""
        benchmark = self._run.benchmark if self._run is not None else None
        return benchmark if benchmark is not None and benchmark.cases else None

    @property
    def _table(self) -> BenchTable:
        return self.query_one(BenchTable)

    def look(self) -> None:
        """Redraw the progress, if the pane is visible."""
        if not seen(self):
            return
        line, at = self.query_one(ProgressLine), self._runner.measured
        line.fraction, line.words = bench_text.progress(
            self._run, self._profiles.making, self._runner.state, at
        )
        running = self.measuring
        self._table.measuring = at.arch if running and at is not None else ""

    def show(self) -> None:
        """Update all widgets."""
        run, settings = self._run, self._draft.present
        self.set_class(run is not None or self._profiles.making is not None, "begun")
        fields = self.query_one("#bench", FieldList)
        fields.values = self._draft.values
        table = self._table
        table.chosen = settings.architectures
        benchmark = run.benchmark if run is not None else None
        table.peak = benchmark.peak if benchmark is not None else None
        table.found = run.cases if run is not None else {}
        earlier = self._earlier
        table.before = None if earlier is None else {case.arch: case for case in earlier.cases}
        table.titles = tuple(bench_text.titles(run, settings, earlier))
        self._show_layers()
        self.look()
        self.refresh_bindings()
        self.explain_focused()

    def _show_layers(self) -> None:
        name, profiles = self._table.current, self._profiles
        layers = self.query_one(ProfileTable)
        layers.profile = profiles.found.get(name)
        reason = f"✗ {profiles.reason}\n" if profiles.reason else ""
        making = profiles.making == name
        layers.greeting = (
            f"The layers of {name} are being timed." if making
            else reason + fill(f"{{inspect}} times every layer of {name}, forward and backward.")
        )  # fmt: skip

    def explain(self, rows: RowList) -> None:
        """Explain the row under the cursor, or why the benchmark failed."""
        if self._run is not None and self._run.reason is not None:
            self.refuse(self._run.reason)
        else:
            super().explain(rows)

    @on(RowList.Moved)
    def _moved(self, message: RowList.Moved) -> None:
        if isinstance(message.rows, BenchTable):
            self._show_layers()
        if message.rows.has_focus:
            self.explain(message.rows)

    # Actions

    @property
    def measuring(self) -> bool:
        """Whether a measurement is running."""
        return self._run is not None and self._run.running

    def refusal(self, action: str, parameters: tuple[object, ...]) -> str | None:
        """Return why an action is not possible now."""
        if action in ("start", "profile"):
            return self._runner.refusal
        if action == "compare" and self.benchmark is None:
            return self._nothing_to("compare")
        if action == "export" and self.benchmark is None:
            return self._nothing_to("write")
        return super().refusal(action, parameters)

    def _nothing_to(self, what: str) -> str:
        begins = "" if self.measuring else "; {start} measures"
        return fill(f"there is no result to {what} yet{begins}")

    def action_start(self) -> None:
        """Measure the chosen architectures."""
        settings = self._draft.present
        try:
            self._runner.bench(settings, self._data)
        except BusyError as error:
            self._notify_busy(error)
            return
        self._run = BenchRun(settings)
        self.show()

    def action_mark(self) -> None:
        """Let the architecture under the cursor be measured, or leave it out."""
        self._mark(self._table.current)

    def _mark(self, name: str) -> None:
        chosen = self._draft.present.architectures
        marked = tuple(one for one in cases.CASES if (one in chosen) != (one == name))
        self.change({"architectures": marked}, False)

    def action_mark_all(self) -> None:
        """Mark all architectures; if all are, only that under the cursor."""
        every = len(self._draft.present.architectures) == len(cases.CASES)
        marked = (self._table.current,) if every else cases.CASES
        self.change({"architectures": marked}, False)

    @property
    def _sorted(self) -> SortedList:
        """The table that the sort keys concern."""
        layers = self.query_one(ProfileTable)
        return layers if layers.has_focus and layers.profile is not None else self._table

    def action_sort(self) -> None:
        """Sort by the next column."""
        self._sorted.sort_by_next()

    def action_reverse(self) -> None:
        """Reverse the order."""
        self._sorted.turn_round()

    def action_profile(self) -> None:
        """Time every layer of the architecture under the cursor."""
        name = self._table.current
        try:
            self._runner.profile(cases.case(name), self._data)
        except BusyError as error:
            self._notify_busy(error)
            return
        self._profiles.making, self._profiles.reason = name, None
        self.show()

    def _notify_busy(self, error: BusyError) -> None:
        self.notify(str(error), severity="warning", title="Busy")

    def action_compare(self) -> None:
        """Compare with the next older result, and with none after the oldest."""
        shown = self.benchmark
        older = self._earlier or shown
        while older is not None and shown is not None:
            older = saved_results.before(older.started)
            # One that was cancelled early may have nothing to lay beside this one.
            if older is not None and any(shown.case(case.arch) for case in older.cases):
                break
        if older is None and self._earlier is None:
            self.refuse("there is no earlier result")
            return
        self._earlier = older
        self.show()

    def action_export(self) -> None:
        """Write the result, and notify where."""
        benchmark, earlier = self.benchmark, self._earlier
        if benchmark is not None:
            self.export(lambda: bench_export.export(benchmark, earlier))

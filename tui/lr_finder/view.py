"""The view of a learning-rate range test: curve, settings, progress and suggestion."""

from pathlib import Path
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from core import format as fmt
from core.config.experiment import Experiment
from core.data import home
from core.training import edit_text
from core.training.lr_curve import RateCurve, Suggestion
from core.training.lr_finder import RANGE_FIELDS, RangeSettings
from tui import file_export
from tui.keymap.keys import fill
from tui.lr_finder.keys import RANGE_KEYS
from tui.widgets.chart import Chart
from tui.widgets.cursor_keys import HOW
from tui.widgets.explanation import Explanation
from tui.widgets.field_list import FieldList
from tui.widgets.picture import Curve, Picture
from tui.widgets.progress_line import ProgressLine
from tui.widgets.row_list import RowList
from tui.widgets.settings_draft import SettingsDraft
from tui.widgets.settings_pane import SettingsPane
from tui.worker.messages import JobState
from tui.worker.runner import BusyError, JobRunner

LOOK_EVERY = 0.2
"""Seconds between two redraws."""


class RangeView(SettingsPane[RangeSettings]):
    """Chart, settings and progress of a range test, which starts when the view is mounted.

    Args:
        runner: runs the test.
        experiment: the experiment to test.
        data: a folder or archive of CIFAR-10; None searches the data folder.
        threads: largest number of threads; None uses all cores.
    """

    BINDINGS: ClassVar[list[BindingType]] = RANGE_KEYS

    class Chosen(Message):
        """The user has accepted the suggested rates."""

        def __init__(self, suggestion: Suggestion) -> None:
            super().__init__()
            self.suggestion = suggestion

    def __init__(
        self, runner: JobRunner, experiment: Experiment, data: Path | None, threads: int | None
    ) -> None:
        super().__init__(SettingsDraft(RangeSettings(), RANGE_FIELDS))
        self._runner, self._experiment = runner, experiment
        self._data, self._threads = data, threads
        self._tested: RangeSettings | None = None
        """Settings of the latest test of this view; None before the first."""
        self._measuring = False
        self._drawn_state: tuple[object, ...] = ()
        """The state that was last drawn."""
        self._reason: str | None = None
        """Why the latest test failed; None if it did not."""

    def compose(self) -> ComposeResult:
        """Lay out the boxes."""
        yield Chart("Loss against the learning rate", "loss", "range-curve", focusable=True)
        with Horizontal(id="range-below"):
            fields = FieldList(
                RANGE_FIELDS,
                self._draft.values,
                self._draft.reason,
                self.change,
                self.refuse,
                id="range-settings",
            )
            fields.border_title = "Test"
            yield fields
            words = Static(id="range-words")
            words.border_title = "Suggestion"
            yield words
        yield Explanation()
        yield ProgressLine()

    def on_mount(self) -> None:
        """Start the redraw timer and the test."""
        self.set_interval(LOOK_EVERY, self.look)
        self.show()
        self.action_start()

    @property
    def curve(self) -> RateCurve | None:
        """The curve of the latest test so far; None before its first update."""
        found = self._runner.ranged if self._tested is not None else None
        return found if found is not None and len(found.rates) else None

    # Display

    def look(self) -> None:
        """Redraw the view, if its state has changed."""
        if self._measuring and not self._runner.busy:
            self._measuring = False
            self._reason = self._runner.not_ranged
            self.refresh_bindings()
        width = self.query_one("#range-words").content_size.width
        state = self.curve, self._measuring, self._runner.state, width
        if state != self._drawn_state:
            self._drawn_state = state
            self._draw()

    def show(self) -> None:
        """Update all widgets."""
        self.query_one("#range-settings", FieldList).values = self._draft.values
        self._draw()
        self.refresh_bindings()
        self.explain_focused()

    def _draw(self) -> None:
        curve, tested = self.curve, self._tested
        chart, line = self.query_one(Chart), self.query_one(ProgressLine)
        words = self.query_one("#range-words", Static)
        done = len(curve.rates) if curve is not None else 0
        if tested is not None:
            line.fraction = done / tested.updates
            line.words = (
                f"{self._ending}{done:,} of {tested.updates:,} updates",
                f"{done:,} of {tested.updates:,}",
            )
            line.reserved = len(f"exploded after {tested.updates:,} of {tested.updates:,} updates")
            chart.show(_picture(curve, tested, self._measuring))
        if curve is None:
            chart.entitle("Loss against the learning rate")
            words.update(Content(f"✗ {self._reason}") if self._reason else "")
            return
        rate, loss = fmt.rate(float(curve.rates[-1])), fmt.loss(float(curve.smoothed[-1]))
        title = f"Loss against the learning rate ─ {self._experiment.name}"
        now = f"{title} ─ rate {rate}, loss {loss}"
        chart.entitle(*([now, title] if self._measuring else [title]), "Loss over rate")
        if self._reason:
            words.update(Content(f"✗ {self._reason}"))
        elif self._measuring:
            stopping = self._runner.state is JobState.STOPPING
            words.update("stopping…" if stopping else "measures…")
        else:
            words.update(_suggestion_text(curve, words.content_size.width))

    @property
    def _ending(self) -> str:
        """Prefix of the progress text that says how the test ended; empty while it runs."""
        if self._measuring:
            return ""
        curve = self.curve
        if curve is not None and curve.exploded:
            return "exploded after "
        return "" if curve is not None and len(curve.rates) == curve.planned else "stopped after "

    def refusal(self, action: str, parameters: tuple[object, ...]) -> str | None:
        """Return why an action is not possible now."""
        if action == "stop":
            return "" if self._measuring else "the test is over"
        if action in ("start", "export", "take_over") and self._measuring:
            return fill("the test runs; {stop} ends it")
        if action == "export" and self.curve is None:
            return "nothing was measured"
        if action == "take_over":
            found = self.curve.suggestion if self.curve is not None else None
            return "" if self._reason is None and found is not None else "no rates are suggested"
        return super().refusal(action, parameters)

    # Actions

    def action_start(self) -> None:
        """Start the test with the current settings."""
        settings = self._draft.present
        try:
            self._runner.find_rates(self._experiment, settings, self._data, self._threads)
        except BusyError:
            # Another job is running, which this screen must not stop.
            self._reason = fill(
                "something else is under way; {close} goes back, and {stop} there ends it"
            )
            self.show()
            return
        self._tested, self._measuring, self._reason = settings, True, None
        self.show()

    def action_stop(self) -> None:
        """Stop the test, if this view has started it."""
        if self._measuring and self._runner.state is not JobState.STOPPING:
            self._runner.stop()

    def action_take_over(self) -> None:
        """Accept the suggested rates."""
        curve = self.curve
        if curve is not None and curve.suggestion is not None:
            self.post_message(self.Chosen(curve.suggestion))

    def action_export(self) -> None:
        """Write the curve as a PNG file."""
        curve = self.curve
        if curve is None:
            return
        folder = home.saved_models_folder() / "reports" / f"{self._experiment.name}-rates"

        def draw() -> list[Path]:
            # Imported here because it imports Matplotlib.
            from core.figures.lr_finder import export

            return [export(curve, folder / "range-test.png", self._experiment.name)]

        self.export(lambda: file_export.write("the curve", folder, draw))

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Say what the keys do on the curve; the settings explain themselves."""
        if isinstance(event.widget, Chart):
            self.query_one(Explanation).explain(f"Loss: {fill(HOW)}")

    def on_row_list_moved(self, message: RowList.Moved) -> None:
        """Explain the setting under the cursor."""
        if message.rows.has_focus:
            self.explain(message.rows)


def _picture(curve: RateCurve | None, tested: RangeSettings, running: bool) -> Picture:
    waiting = "reads the images…" if running else "nothing was measured"
    if curve is None:
        return Picture((), tested.high, waiting, first=tested.low)
    smoothed, highest = curve.smoothed, curve.ceiling
    shown = smoothed <= highest
    lines = [
        Curve("smoothed loss", curve.rates[shown], smoothed[shown], "validation"),
        Curve("each update", curve.rates, curve.losses.clip(max=highest), uncut=curve.losses),
    ]
    found = None if running else curve.suggestion
    marks = () if found is None else (found.eta_min, found.eta_max)
    return Picture(tuple(lines), tested.high, waiting, marks, first=tested.low, meaning="suggested")


def _suggestion_text(curve: RateCurve, width: int) -> Content:
    found = curve.suggestion
    if found is None:
        return Content(f"none: {curve.words}")
    rates = (("eta_min", found.eta_min), ("eta_max", found.eta_max))
    # If it fits, both the name in settings files and the label in Configure.
    names = [f"{name}, {edit_text.label(name)}" for name, _ in rates]
    if max(map(len, names)) + len(" 0.00012") > width:
        names = [edit_text.label(name) for name, _ in rates]
    widest = max(map(len, names))
    lines = [
        Content.assemble(f"{name:{widest}} ", (f"{fmt.number(value)}", "bold"))
        for name, (_, value) in zip(names, rates, strict=True)
    ]
    if curve.exploded:
        lines.append(Content("above, the loss explodes"))
    if found.note:
        lines.append(Content(found.note))
    return Content("\n").join(lines)

"""A learning-rate range test on the screen: the curve, its settings, and what follows from it."""

from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
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
from tui.widgets.chart import Chart, Curve, Picture
from tui.widgets.explanation import Explanation
from tui.widgets.field_list import FieldList
from tui.widgets.progress_line import ProgressLine
from tui.widgets.row_list import RowList
from tui.widgets.settings_draft import SettingsDraft
from tui.widgets.settings_pane import SettingsPane
from tui.worker.messages import JobState
from tui.worker.runner import BusyError, JobRunner

LOOK_EVERY = 0.2
"""Seconds from one drawing to the next."""


class RangeView(SettingsPane[RangeSettings]):
    """Chart, settings and progress of a range test, which begins at once.

    Args:
        runner: runs the test.
        experiment: what is to be trained.
        data: where CIFAR-10 is; None looks in the data folder.
        threads: how many at most.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "t", "take_over", "Take over", id="range.take_over",
            tooltip="Let Configure have the suggested rates; u takes it back there",
        ),
        Binding("m", "measure", "Measure", id="range.measure", tooltip="Begin the test anew"),
        Binding("x", "stop", "Stop", id="range.stop", tooltip="End the test; the curve stays"),
        Binding("e", "export", "Export", id="range.export", tooltip="Write the curve as a picture"),
        Binding(
            "u", "undo", "Undo", show=False, id="range.undo",
            tooltip="Take the last change of a setting back",
        ),
        Binding(
            "U,ctrl+y", "redo", "Redo", show=False, id="range.redo",
            tooltip="Bring back what was undone",
        ),
    ]  # fmt: skip

    class Chosen(Message):
        """The person takes the suggested rates over."""

        def __init__(self, suggestion: Suggestion) -> None:
            super().__init__()
            self.suggestion = suggestion

    def __init__(
        self, runner: JobRunner, experiment: Experiment, data: Path | None, threads: int | None
    ) -> None:
        super().__init__(SettingsDraft(RangeSettings(), RANGE_FIELDS))
        self._runner, self._experiment = runner, experiment
        self._data, self._threads = data, threads
        self._asked: RangeSettings | None = None
        """Of the test that runs or has run here."""
        self._measuring = False
        self._seen: tuple[object, ...] = ()
        """What the last look has drawn."""
        self._reason: str | None = None
        """Why nothing could be measured."""

    def compose(self) -> ComposeResult:
        """Lay out the boxes."""
        yield Chart("Loss against the learning rate", "loss", id="range-curve")
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
        """Begin."""
        self.set_interval(LOOK_EVERY, self.look)
        self.show()
        self.action_measure()

    @property
    def curve(self) -> RateCurve | None:
        """What has been measured here so far; None for nothing."""
        found = self._runner.ranged if self._asked is not None else None
        return found if found is not None and len(found.rates) else None

    # What is shown

    def look(self) -> None:
        """Draw what is new."""
        if self._measuring and not self._runner.busy:
            self._measuring = False
            self._reason = self._runner.not_ranged
            self.refresh_bindings()
        width = self.query_one("#range-words").content_size.width
        seen = self.curve, self._measuring, self._runner.state, width
        if seen != self._seen:
            self._seen = seen
            self._draw()

    def show(self) -> None:
        """Draw everything as it stands."""
        self.query_one("#range-settings", FieldList).values = self._draft.values
        self._draw()
        self.refresh_bindings()
        self.explain_focused()

    def _draw(self) -> None:
        curve, asked = self.curve, self._asked
        chart, line = self.query_one(Chart), self.query_one(ProgressLine)
        words = self.query_one("#range-words", Static)
        done = len(curve.rates) if curve is not None else 0
        if asked is not None:
            line.fraction = done / asked.updates
            line.words = (f"{self._ending}{done:,} of {asked.updates:,} updates", f"{done:,}")
            line.reserved = len(f"exploded after {asked.updates:,} of {asked.updates:,} updates")
            chart.show(_picture(curve, asked, self._measuring))
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
            words.update(_said(curve, words.content_size.width))

    @property
    def _ending(self) -> str:
        """How the test came out, as far as it has."""
        if self._measuring:
            return ""
        curve = self.curve
        if curve is not None and curve.exploded:
            return "exploded after "
        return "" if curve is not None and len(curve.rates) == curve.planned else "stopped after "

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Say which keys work now."""
        over = not self._measuring
        if action == "stop":
            return self._measuring
        if action == "measure":
            return over
        if action == "export":
            return over and self.curve is not None and not self._exporting
        if action == "take_over":
            found = self.curve.suggestion if self.curve is not None else None
            return over and self._reason is None and found is not None
        return True

    # What the person does

    def action_measure(self) -> None:
        """Begin the test, with the settings as they stand."""
        settings = self._draft.present
        try:
            self._runner.find_rates(self._experiment, settings, self._data, self._threads)
        except BusyError:
            # What runs is not this screen's to stop.
            self._reason = "something else is under way; Esc goes back, and x there ends it"
            self.show()
            return
        self._asked, self._measuring, self._reason = settings, True, None
        self.show()

    def action_stop(self) -> None:
        """End the test, if it is the one that runs here."""
        if self._measuring and self._runner.state is not JobState.STOPPING:
            self._runner.stop()

    def action_take_over(self) -> None:
        """Hand the suggested rates on."""
        curve = self.curve
        if curve is not None and curve.suggestion is not None:
            self.post_message(self.Chosen(curve.suggestion))

    def action_export(self) -> None:
        """Write the curve as a picture."""
        curve = self.curve
        if curve is None:
            return
        folder = home.saved_models_folder() / "reports" / f"{self._experiment.name}-rates"

        def draw() -> list[Path]:
            # Here, because Matplotlib comes with it.
            from core.figures.lr_finder import export

            return [export(curve, folder / "range-test.png", self._experiment.name)]

        self.export(lambda: file_export.write("the curve", folder, draw))

    def on_row_list_moved(self, message: RowList.Moved) -> None:
        """Explain the setting under the cursor."""
        if message.rows.has_focus:
            self.explain(message.rows)


def _picture(curve: RateCurve | None, asked: RangeSettings, running: bool) -> Picture:
    waiting = "reads the images…" if running else "nothing was measured"
    if curve is None:
        return Picture((), asked.high, waiting, first=asked.low)
    smoothed, highest = curve.smoothed, curve.ceiling
    shown = smoothed <= highest
    lines = [
        Curve("smoothed loss", curve.rates[shown], smoothed[shown], "validation"),
        Curve("each update", curve.rates, curve.losses.clip(max=highest)),
    ]
    found = None if running else curve.suggestion
    marks = () if found is None else (found.eta_min, found.eta_max)
    return Picture(tuple(lines), asked.high, waiting, marks, first=asked.low, meaning="suggested")


def _said(curve: RateCurve, width: int) -> Content:
    found = curve.suggestion
    if found is None:
        return Content(f"none: {curve.words}")
    rates = (("eta_min", found.eta_min), ("eta_max", found.eta_max))
    # Both what files call a rate and what Configure does, where there is room.
    names = [f"{name}, {edit_text.label(name)}" for name, _ in rates]
    if max(map(len, names)) + len(" 0.00012") > width:
        names = [edit_text.label(name) for name, _ in rates]
    widest = max(map(len, names))
    lines = [
        Content.assemble(f"{name:{widest}} ", (f"{value:g}", "bold"))
        for name, (_, value) in zip(names, rates, strict=True)
    ]
    if curve.exploded:
        lines.append(Content("above, the loss explodes"))
    if found.note:
        lines.append(Content(found.note))
    return Content("\n").join(lines)

"""The charts of a run, side by side, stacked, or one at a time; and the strip of its health."""

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Container
from textual.reactive import reactive

from core import format as fmt
from tui.train.health_strip import HealthStrip
from tui.train.text import last, titles
from tui.train.view import RunView
from tui.widgets.axis import updates_shown
from tui.widgets.chart import Chart
from tui.widgets.picture import Curve, Picture

SIDE_BY_SIDE = 100
"""Columns from which two charts stand side by side."""
HEALTH = "health"
"""Id of the strip, which is shown alone."""

STACKED = 20
"""Rows from which two charts are stacked."""


class Curves(Container):
    """Loss, accuracy, learning rate and the health of the layers against the updates."""

    NAMES: ClassVar = ("loss", "accuracy", "rate", HEALTH)

    picked: reactive[str] = reactive("loss", init=False)
    """Id of the view that is shown; if two charts fit, the other one is the loss."""

    _shown: tuple[RunView, bool] | None = None

    def compose(self) -> ComposeResult:
        """Lay out the charts."""
        yield Chart("Loss", "loss", id="loss")
        yield Chart("Accuracy", "percent", id="accuracy")
        yield Chart("Learning rate", "rate", id="rate")
        yield HealthStrip(id=HEALTH)

    def on_mount(self) -> None:
        """Show as many charts as fit."""
        self._arrange()

    def on_resize(self, event: events.Resize) -> None:
        """Show as many charts as fit."""
        wide = event.size.width >= SIDE_BY_SIDE
        self.set_class(wide, "beside")
        self.set_class(not wide and event.size.height >= STACKED, "stacked")
        self._arrange()

    def watch_picked(self) -> None:
        """Show the picked chart."""
        self._arrange()

    def next(self) -> None:
        """Show the next chart."""
        names = self.NAMES[1:] if self._room_for_two else self.NAMES
        at = names.index(self.picked) if self.picked in names else 0
        self.picked = names[(at + 1) % len(names)]

    def toggle_log_scale(self) -> None:
        """Switch between a linear and a logarithmic axis of the loss."""
        chart = self.query_one("#loss", Chart)
        chart.log_scale = not chart.log_scale
        self.draw()

    @property
    def standing(self) -> bool:
        """Whether there is a cursor that keys have set."""
        return any(chart.standing is not None for chart in self.query(Chart))

    def move_cursor(self, columns: int) -> None:
        """Move the cursor in the first visible chart; the others follow to the same update."""
        first = next((chart for chart in self.query(Chart) if chart.display), None)
        at = first.stepped(columns) if first is not None else None
        for chart in self.query(Chart):
            chart.standing = at

    def stand_at(self, update: float) -> None:
        """Set the cursor of the charts to an update."""
        for chart in self.query(Chart):
            chart.standing = update

    def leave_cursor(self) -> None:
        """Take the cursor away."""
        for chart in self.query(Chart):
            chart.standing = None

    def show(self, view: RunView, frozen: bool) -> None:
        """Draw another view of the run.

        Args:
            view: the view.
            frozen: whether to mark the charts as frozen.
        """
        self._shown = view, frozen
        self.draw()

    @property
    def _room_for_two(self) -> bool:
        return self.has_class("beside") or self.has_class("stacked")

    def _arrange(self) -> None:
        names = {self.picked}
        if self._room_for_two and self.picked != HEALTH:
            names = {"loss", self.picked if self.picked != "loss" else "accuracy"}
        for chart in self.query(Chart):
            chart.display = chart.id in names
        strip = self.query_one(HealthStrip)
        strip.display = strip.id in names
        strip.draw()
        self.draw()

    def draw(self) -> None:
        """Draw the visible charts."""
        if self._shown is None:
            return
        view, frozen = self._shown
        at = view.done if frozen else None
        for chart in self.query(Chart):
            if chart.display:
                heading, picture = self._picture(chart, view, at)
                chart.entitle(*heading)
                chart.show(picture)

    def _picture(
        self, chart: Chart, view: RunView, frozen: int | None
    ) -> tuple[list[str], Picture]:
        stop = ""
        curves: tuple[Curve, ...]
        end = updates_shown(view.done, view.total)
        wait = f"the first evaluation comes after {view.evaluate_every:,} updates"
        if chart.id == "loss":
            smoothed = view.span > 1
            name = f"training, smoothed over {view.span}" if smoothed else "training"
            short = "training, smoothed" if smoothed else ""
            curves = (
                Curve(name, view.update, view.loss, short=short),
                Curve("validation", view.evaluated, view.validation_loss, "validation"),
            )
            what = "Loss, log scale" if chart.log_scale else "Loss"
            numbers = [
                ("training", fmt.loss(last(view.loss))),
                ("validation", fmt.loss(last(view.validation_loss))),
            ]
            stop = fmt.loss(view.at_stop["validation_loss"]) if view.at_stop else ""
            wait = "the first update comes soon"
        elif chart.id == "accuracy":
            training, validation = view.train_accuracy, view.validation_accuracy
            curves = (
                Curve("training sample", view.evaluated, 100 * training),
                Curve("validation", view.evaluated, 100 * validation, "validation"),
            )
            what = "Accuracy"
            numbers = [
                ("training", fmt.percent(last(training))),
                ("validation", fmt.percent(last(validation))),
            ]
            stop = fmt.percent(view.at_stop["validation_accuracy"]) if view.at_stop else ""
        else:
            what, numbers = "Learning rate", [(view.cycle, f"at {fmt.rate(last(view.rate))}")]
            curves, wait = (Curve("learning rate", view.update, view.rate),), ""
        epoch = view.updates_per_epoch
        picture = Picture(curves, end, wait, view.edits, updates_per_epoch=epoch)
        return titles(what, *numbers, frozen=frozen, at_stop=stop), picture

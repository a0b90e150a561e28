"""The chart that compares the curves of runs."""

from collections.abc import Sequence
from typing import TypeVar

from core.runs import compare
from core.runs.compare import AXES, QUANTITIES, Axis, Compared, Quantity
from core.training.health_summary import SUMMARIES
from tui.widgets import axis as axes
from tui.widgets.chart import Chart
from tui.widgets.digits import DIGITS, colours
from tui.widgets.picture import Curve, Picture

T = TypeVar("T")

FIRST_QUANTITY: Quantity = "validation_accuracy"
"""What is shown first."""

WEIGHTS = (0.0, 0.6, 0.9, 0.98)
"""Weights of smoothing that the key cycles through."""

LABELS: dict[Quantity, axes.Quantity] = {
    "loss": "loss",
    "validation_loss": "loss",
    "validation_accuracy": "percent",
    "train_accuracy": "percent",
    "rate": "rate",
    "largest_ratio": "rate",
    "gradient_norm": "loss",
    "most_silent": "percent",
}


class RunCompare(Chart):
    """A chart of one quantity of up to ten runs."""

    def __init__(self, id: str) -> None:
        super().__init__("Curves", "percent", id)
        self._runs: Sequence[Compared] = ()
        self._waiting = ""
        self.over = FIRST_QUANTITY
        self.along: Axis = "update"
        self.weight = WEIGHTS[0]

    def compare(self, runs: Sequence[Compared], waiting: str = "no points yet") -> None:
        """Show the curves of `runs`, or the text `waiting` if there are no points."""
        self._runs, self._waiting = runs, waiting
        self.draw()

    def next_quantity(self) -> None:
        """Show the next quantity."""
        self.over = _next(list(QUANTITIES), self.over)
        self.draw()

    def next_axis(self) -> None:
        """Switch to the next x-axis."""
        self.along = _next(list(AXES), self.along)
        self.standing = None  # it was a position on the other axis
        self.draw()

    def next_weight(self) -> None:
        """Switch to the next weight of smoothing."""
        self.weight = _next(list(WEIGHTS), self.weight)
        self.draw()

    def toggle_log_scale(self) -> None:
        """Switch between a linear and a logarithmic axis."""
        self.log_scale = not self.log_scale

    def watch_log_scale(self) -> None:
        """Redraw on the other axis, with another title."""
        self.draw()

    def draw(self) -> None:
        """Draw chart and title."""
        self.quantity = LABELS[self.over]
        scale = 100 if self.quantity == "percent" else 1
        found = compare.curves(self._runs, self.over, self.along, self.weight)
        curves = tuple(
            Curve(
                line.run.name,
                line.x,
                scale * line.y,
                colour=colours(self.app)[slot],
                marker=DIGITS[slot],
                marks=line.edits,
            )
            for slot, line in enumerate(found)
        )
        last = max((float(line.x[-1]) for line in found if len(line.x)), default=1.0)
        smoothed = f", smoothed {self.weight:g}" if self.weight else ""
        log = ", log scale" if self.log_scale else ""
        what = QUANTITIES[self.over]
        what = f"{what[0].upper()}{what[1:]}"
        self.entitle(f"{what} over {AXES[self.along]}{smoothed}{log}", what)
        waiting = self._waiting
        if self._runs and self.over in SUMMARIES and not any(len(line.x) for line in found):
            waiting = "none of these runs has recorded it"
        # Curves of another quantity, axis or weight may have the same last point as the old ones.
        self.show_anew(Picture(curves, max(last, 1e-3), waiting, unit=AXES[self.along]))


def _next(values: list[T], value: T) -> T:
    return values[(values.index(value) + 1) % len(values)]

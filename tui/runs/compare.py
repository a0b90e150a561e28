"""The curves of runs in one picture."""

from collections.abc import Sequence
from typing import TypeVar

from core.runs import compare
from core.runs.compare import AXES, QUANTITIES, Axis, Compared, Quantity
from tui.runs.table import COLOURS, DIGITS
from tui.widgets import axis as axes
from tui.widgets.chart import Chart, Curve, Picture

T = TypeVar("T")

WEIGHTS = (0.0, 0.6, 0.9, 0.98)
"""Smoothing that the key goes through."""

LABELS: dict[Quantity, axes.Quantity] = {
    "loss": "loss",
    "validation_loss": "loss",
    "validation_accuracy": "percent",
    "train_accuracy": "percent",
    "rate": "rate",
}


class RunCompare(Chart):
    """One quantity of up to ten runs."""

    def __init__(self, id: str) -> None:
        super().__init__("Curves", "percent", id)
        self._runs: Sequence[Compared] = ()
        self._waiting = ""
        self.over: Quantity = "validation_accuracy"
        self.along: Axis = "update"
        self.weight = WEIGHTS[0]

    def compare(self, runs: Sequence[Compared], waiting: str = "no points yet") -> None:
        """Show these, or what is waited for where there are no points."""
        self._runs, self._waiting = runs, waiting
        self.draw()

    def next_quantity(self) -> None:
        """Show another quantity."""
        self.over = _next(list(QUANTITIES), self.over)
        self.draw()

    def next_axis(self) -> None:
        """Draw over something else."""
        self.along = _next(list(AXES), self.along)
        self.draw()

    def next_weight(self) -> None:
        """Smooth more, or not at all again."""
        self.weight = _next(list(WEIGHTS), self.weight)
        self.draw()

    def toggle_log_scale(self) -> None:
        """Change between a linear and a logarithmic axis."""
        self.log_scale = not self.log_scale

    def watch_log_scale(self) -> None:
        """Draw on the other axis, and say so."""
        self.draw()

    def draw(self) -> None:
        """Draw everything as it stands."""
        self.quantity = LABELS[self.over]
        scale = 100 if self.quantity == "percent" else 1
        found = compare.curves(self._runs, self.over, self.along, self.weight)
        curves = tuple(
            Curve(
                line.run.name,
                line.x,
                scale * line.y,
                colour=COLOURS[slot],
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
        # Another quantity, axis or weight can end at the same point and look different before.
        self.show_anew(Picture(curves, max(last, 1e-3), self._waiting, unit=AXES[self.along]))


def _next(values: list[T], value: T) -> T:
    return values[(values.index(value) + 1) % len(values)]

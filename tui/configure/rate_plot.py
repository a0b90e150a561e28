"""The plot of a schedule; imported when first shown, because it imports a plotting library."""

import numpy as np
from textual import events
from textual.geometry import Size

from core.optim.schedule import Schedule
from tui.widgets import axis
from tui.widgets.plot import Plot


def points(schedule: Schedule, updates: int) -> tuple[list[int], list[float]]:
    """Return the updates between which the rate is linear, and the rate at each."""
    last = max(0, updates - 1)
    at = [corner for corner in schedule.corners if corner < last] + [last]
    return at, [schedule.rate(update) for update in at]


class RatePlot(Plot):
    """A plot of a schedule from its first update to its last."""

    # If the app closes before the plot's children are mounted, no error may be raised.

    def on_mount(self, event: events.Mount) -> None:  # type: ignore[override]
        """Skip the base classes' setup if there are no children."""
        if not self.children:
            event.prevent_default()

    def _update_margin_sizes(self) -> None:
        if self.children:
            super()._update_margin_sizes()

    def show(self, schedule: Schedule, updates: int, size: Size, style: str) -> None:
        """Draw `schedule` in a box of `size`."""
        if not self.children:
            return
        at, rates = points(schedule, updates)
        values = axis.values(0, max(rates), self.rows(size.height), "rate")
        self.set_axes(axis.updates(updates, self.columns(size.width, values)), values)
        self.line(np.asarray(at, float), np.asarray(rates), style)

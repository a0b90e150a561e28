"""The plot of a schedule; imported when first shown, because it brings a plotting library."""

import numpy as np
from textual import events
from textual.geometry import Size

from core.optim.schedule import Schedule
from tui.widgets import axis
from tui.widgets.plot import MARGIN, Plot


def points(schedule: Schedule, updates: int) -> tuple[list[int], list[float]]:
    """Return the updates between which the rate is a straight line, and the rate at each."""
    last = max(0, updates - 1)
    at = [corner for corner in schedule.corners if corner < last] + [last]
    return at, [schedule.rate(update) for update in at]


class RatePlot(Plot):
    """Draws a schedule from its first update to its last."""

    # An app that ends before the parts of the plot are there must end quietly.

    def on_mount(self, event: events.Mount) -> None:  # type: ignore[override]
        """Keep the classes above from preparing what is not there."""
        if not self.children:
            event.prevent_default()

    def _update_margin_sizes(self) -> None:
        if self.children:
            super()._update_margin_sizes()

    def show(self, schedule: Schedule, updates: int, size: Size, style: str) -> None:
        """Draw `schedule` in as much room as `size`."""
        if not self.children:
            return
        at, rates = points(schedule, updates)
        self.set_axes(
            axis.updates(updates, max(1, size.width - MARGIN - 2)),
            # A little more than the highest, which would otherwise be lost in the frame.
            axis.values(0, 1.02 * max(rates), size.height, "rate"),
        )
        self.line(np.asarray(at, float), np.asarray(rates), style)

"""The plot of a schedule; imported when first shown, because it brings a plotting library."""

import numpy as np
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.containers import Grid
from textual.geometry import Size
from textual.strip import Strip
from textual_plot.plot_widget import Legend

from core.optim.schedule import Schedule
from tui.widgets import axis
from tui.widgets.plot import MARGIN, PARTS, Plot, Sheet


def points(schedule: Schedule, updates: int) -> tuple[list[int], list[float]]:
    """Return the updates between which the rate is a straight line, and the rate at each."""
    last = max(0, updates - 1)
    at = [corner for corner in schedule.corners if corner < last] + [last]
    return at, [schedule.rate(update) for update in at]


class StyledSheet(Sheet):
    """A canvas whose empty lines have a style as well, which a screen without colours asks for."""

    def render_line(self, y: int) -> Strip:
        """Return a line."""
        strip = super().render_line(y)
        segments = [Segment(text, style or Style()) for text, style, _ in strip]
        return Strip(segments, strip.cell_length)


class RatePlot(Plot):
    """Draws a schedule from its first update to its last."""

    def compose(self) -> ComposeResult:
        """Lay out what the plot draws on."""
        with Grid():
            yield from (StyledSheet(1, 1, id=part) for part in PARTS)
        yield Legend(id="legend")

    # An app that ends in this very moment has composed none of that, and must end quietly.

    def on_mount(self, event: events.Mount) -> None:  # type: ignore[override]
        """Prepare, where there is something to prepare."""
        if self.children:
            super().on_mount()
        else:
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

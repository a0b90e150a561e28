"""The plot of a chart; imported when it is first shown, because it brings a plotting library."""

from collections.abc import Sequence
from contextlib import ExitStack
from math import floor

import numpy as np
from rich.style import Style
from textual.app import ComposeResult, RenderResult
from textual.containers import Grid
from textual.strip import Strip
from textual_hires_canvas import Canvas
from textual_plot import HiResMode, PlotWidget
from textual_plot.axis_formatter import AxisFormatter
from textual_plot.plot_widget import Legend

from core.training.history import Column
from tui.widgets.axis import Axis

MARGIN = 7
"""Columns left of the frame for the labels, at least."""

FRAME = 2
"""Rows, and columns, that the frame takes."""

PARTS = ("margin-top", "margin-left", "plot", "margin-bottom")
"""The canvases of a PlotWidget, in the order of its grid."""


UNKNOWN = Axis(0, 1, (), ())


class Labels(AxisFormatter):
    """Ticks that have been chosen before."""

    def __init__(self, axis: Axis) -> None:
        self._axis = axis

    def get_ticks(self, min_: float, max_: float, max_ticks: int = 8) -> list[float]:
        """Return them."""
        return list(self._axis.ticks)

    def get_labels_for_ticks(self, ticks: Sequence[float]) -> list[str]:
        """Return their labels."""
        return list(self._axis.labels)


class Sheet(Canvas):
    """A canvas that works out its own style once, not once a line: a sixth of all the drawing.

    Where a canvas has not taken its new size yet it gives lines without any style, which Textual
    cannot paint where colours are switched off; these are blank here.
    """

    _style: Style | None = None

    @property
    def rich_style(self) -> Style:
        """The style of what is drawn in none."""
        if self._style is None:
            self._style = super().rich_style
        return self._style

    def render_line(self, y: int) -> Strip:
        """Return one line, with a style in any case."""
        strip = super().render_line(y)
        return strip if strip.cell_length else Strip.blank(self.size.width, self.rich_style)

    def notify_style_update(self) -> None:
        """Forget the style of the old theme."""
        super().notify_style_update()
        self._style = None


class Plot(PlotWidget, can_focus=False):
    """Lines between two axes."""

    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__(allow_pan_and_zoom=False)
        # Until there are axes there are no ticks, which would stand at limits that nobody chose.
        self.set_x_formatter(Labels(UNKNOWN))
        self.set_y_formatter(Labels(UNKNOWN))

    def compose(self) -> ComposeResult:
        """Lay out what PlotWidget looks for, on sheets."""
        with Grid():
            yield from (Sheet(1, 1, id=part) for part in PARTS)
        yield Legend(id="legend")

    def on_mount(self) -> None:
        """Leave no room for titles: the box has them."""
        self.margin_top = 0
        self.margin_bottom = 1
        self.margin_left = MARGIN

    def on_canvas_resize(self, message: Canvas.Resize) -> None:
        """Draw in the new sizes: those of the plot have changed, or the room for its labels."""
        message.stop()
        self.refresh(layout=True)

    def render(self) -> RenderResult:
        """Draw; each sheet asks to be painted once, not once for each of its characters."""
        with ExitStack() as batch:
            for sheet in self.query(Sheet):
                batch.enter_context(sheet.batch_refresh())
            return super().render()

    def set_axes(self, x: Axis, y: Axis) -> None:
        """Begin a new picture, over axes that were made for as many `columns` and `rows`."""
        self.margin_left = _margin(y)
        self.clear()
        self.set_xlimits(x.low, x.high)
        self.set_ylimits(y.low, y.high)
        self.set_x_formatter(Labels(x))
        self.set_y_formatter(Labels(y))

    def rows(self, height: int) -> int:
        """Return how many rows of such a height are left for lines, beside frame and labels."""
        return height - FRAME - 1

    def columns(self, width: int, y: Axis) -> int:
        """Return how many columns of such a width are left for lines, beside frame and labels."""
        return width - FRAME - _margin(y)

    def get_pixel_from_coordinate(
        self, x: float | np.floating, y: float | np.floating
    ) -> tuple[int, int]:
        """Return the cell in which a line is drawn at this point, for ticks and markers as well.

        The library rounds these another way, a row off where a line runs along the edge of one.
        """
        column, row = self.get_hires_pixel_from_coordinate(x, y)
        return floor(column), floor(row)

    def line(self, x: Column, y: Column, style: str) -> None:
        """Draw a line; a single point becomes a dot."""
        if len(x) == 1:
            self.marks(x, y, "•", style)
        else:
            self.plot(x, y, style, HiResMode.BRAILLE)

    def upright(self, x: float, style: str) -> None:
        """Draw a line from the lower axis to the top."""
        self.add_v_line(x, style)

    def marks(self, x: Column, y: Column, marker: str, style: str) -> None:
        """Put a marker on every point."""
        self.scatter(x, y, marker, style)


def _margin(y: Axis) -> int:
    return max(MARGIN, 1 + max(map(len, y.labels)))

"""The plot of a chart; imported when first shown, because it imports a plotting library."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from math import floor

import numpy as np
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.app import ComposeResult, RenderResult
from textual.containers import Grid
from textual.geometry import Region
from textual.strip import Strip
from textual_hires_canvas import Canvas
from textual_plot import HiResMode, PlotWidget
from textual_plot.axis_formatter import AxisFormatter
from textual_plot.plot_widget import Legend

from core.training.history import Column
from tui.widgets.axis import Axis

MARGIN = 7
"""Columns for labels to the left of the frame, at least."""

FRAME = 2
"""Rows and columns that the frame takes."""

PARTS = ("margin-top", "margin-left", "plot", "margin-bottom")
"""The canvases of a PlotWidget, in the order of its grid."""

UNKNOWN = Axis(0, 1, (), ())

UPRIGHT, POINT = "┃", "●"
"""The cursor, heavier than the lines that belong to curves, and a point on it without a sign."""

Point = tuple[float, str, str]
"""Height of a point in coordinates, its sign (empty for none) and its style."""


class Labels(AxisFormatter):
    """Formatter for ticks and labels that `tui.widgets.axis` has chosen."""

    def __init__(self, axis: Axis) -> None:
        self._axis = axis

    def get_ticks(self, min_: float, max_: float, max_ticks: int = 8) -> list[float]:
        """Return the ticks, whatever the limits."""
        return list(self._axis.ticks)

    def get_labels_for_ticks(self, ticks: Sequence[float]) -> list[str]:
        """Return the labels of the ticks."""
        return list(self._axis.labels)


class Sheet(Canvas):
    """A canvas that computes its own style once, not once per line: a sixth of all drawing time.

    A canvas that has not been resized yet renders lines without a style, on which Textual fails
    when colours are switched off; these lines are blank here.
    """

    _style: Style | None = None
    _cursor: int | None = None
    _cells: dict[int, Segment]

    @property
    def rich_style(self) -> Style:
        """The style of cells that have none of their own."""
        if self._style is None:
            self._style = super().rich_style
        return self._style

    def render_line(self, y: int) -> Strip:
        """Return one line, which always has a style."""
        strip = super().render_line(y)
        if not strip.cell_length:
            return Strip.blank(self.size.width, self.rich_style)
        cell = self._cells.get(y) if self._cursor is not None else None
        if self._cursor is None or cell is None or self._cursor >= strip.cell_length:
            return strip
        left, right = strip.crop(0, self._cursor), strip.crop(self._cursor + 1)
        return Strip.join([left, Strip([cell], 1), right])

    def stand(self, column: int | None, cells: dict[int, Segment]) -> None:
        """Lay other cells over a column, or over none, without drawing the curves again."""
        if (column, cells) == (self._cursor, self._cells if self._cursor is not None else {}):
            return
        changed = {each for each in (self._cursor, column) if each is not None}
        self._cursor, self._cells = column, cells
        self.refresh(*(Region(each, 0, 1, self.size.height) for each in changed))

    def notify_style_update(self) -> None:
        """Drop the style of the old theme."""
        super().notify_style_update()
        self._style = None


class Plot(PlotWidget, can_focus=False):
    """Lines between two axes."""

    ALLOW_SELECT = False

    _cursor: tuple[float, tuple[Point, ...], str] | None = None
    _held = False

    def __init__(self) -> None:
        super().__init__(allow_pan_and_zoom=False)
        # No ticks before `set_axes`: they would belong to the default limits of the library.
        self.set_x_formatter(Labels(UNKNOWN))
        self.set_y_formatter(Labels(UNKNOWN))

    def compose(self) -> ComposeResult:
        """Lay out the parts that PlotWidget queries, with `Sheet` for its canvases."""
        with Grid():
            yield from (Sheet(1, 1, id=part) for part in PARTS)
        yield Legend(id="legend")

    def on_mount(self, event: events.Mount) -> None:  # type: ignore[override]
        """Leave no room for titles, which are on the border of the chart."""
        if not self.children:  # the app has ended in the meantime
            event.prevent_default()
            return
        self.margin_top = 0
        self.margin_bottom = 1
        self.margin_left = MARGIN

    def _update_margin_sizes(self) -> None:
        if self.children:
            super()._update_margin_sizes()

    def on_canvas_resize(self, message: Canvas.Resize) -> None:
        """Draw again after a resize of the plot or of the margin for its labels."""
        message.stop()
        self.refresh(layout=True)

    def render(self) -> RenderResult:
        """Draw, with one refresh per canvas instead of one per character."""
        with ExitStack() as batch:
            for sheet in self.query(Sheet):
                batch.enter_context(sheet.batch_refresh())
            rendered = super().render()
            if self._cursor is not None:
                self._lay_cursor()
            return rendered

    @contextmanager
    def drawn_at_once(self) -> Iterator[None]:
        """Draw at the end of the context what is set in it.

        Otherwise the library draws on its canvases when the plot itself is painted, and these are
        painted a frame later, together with all that stands beside them once more.
        """
        self._held = True
        try:
            yield
        finally:
            self._held = False
        self.render()

    def _rerender(self) -> None:
        if self._held:
            self._needs_rerender = True
        else:
            super()._rerender()

    def stand(self, x: float, points: Sequence[Point], style: str) -> None:
        """Show a vertical line at a coordinate, with points on it, the first on top."""
        self._cursor = x, tuple(points), style
        self._lay_cursor()

    def leave(self) -> None:
        """Show no vertical line."""
        if self._cursor is not None:
            self._cursor = None
            for sheet in self.query("#plot").results(Sheet):
                sheet.stand(None, {})

    def _lay_cursor(self) -> None:
        if self._cursor is None or not self._scale_rectangle.area:
            return
        x, points, style = self._cursor
        sheet = self.query_one("#plot", Sheet)
        base = sheet.rich_style
        line = Segment(UPRIGHT, base + Style.parse(style))
        cells = dict.fromkeys(range(1, self._scale_rectangle.height + 1), line)
        for y, sign, colour in reversed(points):
            _, row = self.get_pixel_from_coordinate(x, y)
            if row in cells:
                cells[row] = Segment(sign or POINT, base + Style.parse(colour))
        sheet.stand(self.get_pixel_from_coordinate(x, self._y_min)[0], cells)

    def set_axes(self, x: Axis, y: Axis) -> None:
        """Clear the plot and set axes that were made for its `columns` and `rows`."""
        self.margin_left = _margin(y)
        self.clear()
        self.set_xlimits(x.low, x.high)
        self.set_ylimits(y.low, y.high)
        self.set_x_formatter(Labels(x))
        self.set_y_formatter(Labels(y))

    @property
    def inside(self) -> Region:
        """The cells within the frame, on the screen."""
        return self.query_one("#plot", Sheet).region.shrink((1, 1, 1, 1))

    def rows(self, height: int) -> int:
        """Return the rows that frame and labels leave for lines, of `height` in all."""
        return height - FRAME - 1

    def columns(self, width: int, y: Axis) -> int:
        """Return the columns that frame and labels leave for lines, of `width` in all."""
        return width - FRAME - _margin(y)

    def get_pixel_from_coordinate(
        self, x: float | np.floating, y: float | np.floating
    ) -> tuple[int, int]:
        """Return the cell of a point, for ticks and markers the same as for lines.

        The library rounds ticks and markers differently, so that they are one row off where a line
        runs along the edge of a row.
        """
        column, row = self.get_hires_pixel_from_coordinate(x, y)
        return floor(column), floor(row)

    def line(self, x: Column, y: Column, style: str) -> None:
        """Draw a line, or a dot for a single point."""
        if len(x) == 1:
            self.scatter(x, y, "•", style)
        else:
            self.plot(x, y, style, HiResMode.BRAILLE)


def _margin(y: Axis) -> int:
    return max(MARGIN, 1 + max(map(len, y.labels)))

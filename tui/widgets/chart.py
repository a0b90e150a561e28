"""A chart: curves with axes and a legend, in a box whose border shows title and latest values."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.content import Content
from textual.geometry import Region
from textual.reactive import reactive
from textual.widgets import Static

from core.format import first_fitting
from tui.widgets import axis, curve_drawing
from tui.widgets.cursor_keys import CURSOR_KEYS
from tui.widgets.legend import legend, readout
from tui.widgets.picture import Curve, Picture
from tui.widgets.reading import Reader, Reading

if TYPE_CHECKING:
    from tui.widgets.plot import Plot

SMALLEST = (24, 5)
"""Columns and rows inside the border below which a curve is not legible."""


class Chart(Container):
    """A chart over the updates of a run, which shows the values under the pointer or a cursor.

    Args:
        name: name of the quantity.
        quantity: decides how the values are labelled.
        id: id of the widget.
        focusable: whether it takes the focus, and with it the keys of the cursor; where no other
            widget needs these keys, they are bound by the pane.
    """

    BINDINGS: ClassVar[list[BindingType]] = CURSOR_KEYS

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "chart--training",
        "chart--validation",
        "chart--former",
        "chart--edit",
        "chart--cursor",
    }

    log_scale: reactive[bool] = reactive(False, init=False)
    """Whether the axis of values is logarithmic."""

    standing: reactive[float | None] = reactive(None, init=False)
    """Position of the cursor that keys move; None for none."""

    _border_row: int | None = None
    """The only row to paint, where nothing but a text on the border changes."""

    def __init__(
        self, name: str, quantity: axis.Quantity, id: str, *, focusable: bool = False
    ) -> None:
        super().__init__(id=id)
        self.can_focus = focusable
        self.quantity = quantity
        self._plot: Plot | None = None
        self._picture: Picture | None = None
        self._titles: tuple[str, ...] = (name,)
        self._legend = Content("")
        self._reader: Reader | None = None
        self._pointer: int | None = None
        """The column under the pointer."""

    def compose(self) -> ComposeResult:
        """Lay out the text that is shown while there is nothing to draw."""
        yield Static(markup=False)

    def on_mount(self) -> None:
        """Import and mount the plot after the first paint of the screen."""
        self.call_after_refresh(self._begin)

    async def _begin(self) -> None:
        from tui.widgets.plot import Plot

        if not self.is_attached:
            return  # the app has ended in the meantime
        plot = Plot()
        plot.display = False
        await self.mount(plot)
        if not self.is_attached or not plot.children:
            return  # it has ended while the plot was mounted
        self._plot = plot
        self._draw()

    def on_resize(self) -> None:
        """Draw again at the new size."""
        self.entitle(*self._titles)
        self._draw()

    def notify_style_update(self) -> None:
        """Draw in the colours of the new theme."""
        super().notify_style_update()
        if self.is_attached and self._plot is not None:
            self.call_later(self._draw)  # the component styles are updated after this call

    def watch_log_scale(self) -> None:
        """Draw on the other axis."""
        self._draw()

    def show(self, picture: Picture) -> None:
        """Show a picture; draw it only if it looks different."""
        if self._picture is None or self._picture.key != picture.key:
            self.show_anew(picture)
        else:
            self._picture = picture

    def show_anew(self, picture: Picture) -> None:
        """Show a picture and draw it in any case."""
        self._picture = picture
        self._draw()

    def entitle(self, *titles: str) -> None:
        """Write on the border the first of `titles` that fits."""
        self._titles = titles
        title = Content(first_fitting(self.content_size.width - 4, *titles))
        if title != self._border_title:
            self._border_row = -1
            self.border_title = title
            self._border_row = None

    def refresh(
        self,
        *regions: Region,
        repaint: bool = True,
        layout: bool = False,
        recompose: bool = False,
    ) -> Self:
        """Paint again; after a change of a text on the border only that, a quarter of the work."""
        if self._border_row is not None:
            regions = (Region(-1, self._border_row, self.size.width + 2, 1),)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    # Reading

    def stepped(self, columns: int) -> float | None:
        """Return where the cursor is after a step, from the pointer if it stands nowhere yet."""
        if self._reader is None:
            return None
        reading = self._reading()
        return self._reader.moved(reading.x if reading is not None else None, columns)

    def action_cursor(self, columns: int) -> None:
        """Move the cursor; beyond the first or the last point it disappears."""
        self.standing = self.stepped(columns)

    def action_leave_cursor(self) -> None:
        """Take the cursor away."""
        self.standing = None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether an action is available now."""
        return action != "leave_cursor" or self.standing is not None

    def watch_standing(self) -> None:
        """Show the values at the cursor, also where the pointer rests on the chart."""
        self._pointer = None
        self._read()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Show the values under the pointer."""
        inside = self._plot.inside if self._plot is not None else Region()
        column = event.screen_x - inside.x
        self._point(column if inside.contains(event.screen_x, event.screen_y) else None)

    def on_leave(self, event: events.Leave) -> None:
        """Show no values where no pointer is; other parts of the chart have none anyway."""
        if event.node.id == "plot" or not self.is_mouse_over:
            self._point(None)

    def on_hide(self) -> None:
        """Forget the pointer, of which a hidden widget hears no more."""
        self._pointer = None

    def _point(self, column: int | None) -> None:
        if column != self._pointer:
            self._pointer = column
            self._read()

    def _reading(self) -> Reading | None:
        if self._reader is None:
            return None
        x = self._reader.under(self._pointer) if self._pointer is not None else self.standing
        if x is None or self._reader.column(x) is None:
            return None
        return self._reader.at(x)

    def _read(self) -> None:
        """Show the cursor and the values there, or the legend."""
        reading, picture, plot = self._reading(), self._picture, self._plot
        line = self._legend
        if reading is not None and picture is not None and plot is not None:
            line = readout(reading, picture, self.quantity, self.content_size.width)
            points = [
                (curve_drawing.height(value.y, self.log_scale), curve.sign, self._style(curve))
                for curve, value in zip(reading.curves, reading.values, strict=True)
                if value is not None and not value.aside
            ]
            [x] = picture.across(np.asarray([reading.x], float)).tolist()
            plot.stand(x, points, str(self.get_component_rich_style("chart--cursor")))
        elif plot is not None:
            plot.leave()
        # Texts of other colours are equal, too.
        if self._border_subtitle is None or not line.is_same(self._border_subtitle):
            self._border_row = self.size.height
            self.border_subtitle = line
            self._border_row = None

    # Drawing

    def _draw(self) -> None:
        picture, plot = self._picture, self._plot
        if picture is None or plot is None or not self.display:
            return
        self._reader = None
        room = self.content_size
        if room.width < SMALLEST[0] or room.height < SMALLEST[1]:
            plot.display = False
            self._show_text("")
            self._read()
            return
        curves = curve_drawing.visible(picture, room.width, self.log_scale)
        plot.display = bool(curves)
        self._show_text("" if curves else picture.waiting)
        self._legend = self.legend(curves, picture)
        if curves:
            line = str(self.get_component_rich_style("chart--edit"))
            scales = curve_drawing.scales(
                plot, picture, curves, room, self.quantity, self.log_scale
            )
            with plot.drawn_at_once():
                curve_drawing.draw(plot, picture, curves, scales, self._style, line)
            self._reader = Reader(picture, scales.along, scales.columns)
        self._read()

    def subtitle(self, line: Content) -> None:
        """Write what stands below the curves while no values are read."""
        self._legend = line
        self._read()

    def legend(self, curves: Sequence[Curve], picture: Picture) -> Content:
        """Return the text below the curves while no values are read."""
        sign = "│" if picture.marks else curve_drawing.DASH if any(c.marks for c in curves) else ""
        return legend(curves, sign and f"{sign} {picture.meaning}", self.content_size.width)

    def _style(self, curve: Curve) -> str:
        return curve.colour or str(self.get_component_rich_style(f"chart--{curve.role}"))

    def _show_text(self, text: str) -> None:
        line = self.query_one(Static)
        line.display = bool(text)
        if text and line.content != text:
            line.update(text)

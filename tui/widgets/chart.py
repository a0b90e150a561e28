"""A chart: curves with axes and a legend, in a box whose border shows title and latest values."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Literal, Self

import numpy as np
from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.geometry import Region
from textual.reactive import reactive
from textual.widgets import Static

from core.format import cut, first_fitting
from core.training.history import Column
from core.training.thinning import thinned
from tui.widgets import axis

if TYPE_CHECKING:
    from tui.widgets.plot import Plot

SMALLEST = (24, 5)
"""Columns and rows inside the border below which a curve is not legible."""

MARKER = "◆"
DASH = "┊"
"""Vertical lines that belong to one curve; dots would look like a part of it."""
LETTERS = 6
"""Characters of a name in the legend below which its sign alone is clearer."""

MARKER_GAP = 8
"""Columns between the markers on a line."""


@dataclass(frozen=True, eq=False)
class Curve:
    """One curve of a chart."""

    name: str
    x: Column
    y: Column
    role: Literal["training", "validation"] = "training"
    """Decides the look: a plain line, or one with markers in another colour."""
    short: str = ""
    """A shorter name, used where the full one does not fit."""
    colour: str = ""
    """Colour of its own, where there are more curves than roles."""
    marker: str = ""
    """Marker at intervals on the line, so that its colour is not the only difference."""
    marks: tuple[float, ...] = ()
    """Positions of its own vertical lines, in its colour and with its sign at the top."""

    @property
    def sign(self) -> str:
        """The marker at intervals on the line; empty for none."""
        return self.marker or (MARKER if self.role == "validation" else "")


@dataclass(frozen=True, eq=False)
class Picture:
    """Everything that a chart shows."""

    curves: tuple[Curve, ...]
    last: float
    """End of the horizontal axis."""
    waiting: str = ""
    """Text shown while there is nothing to draw."""
    marks: tuple[float, ...] = ()
    """Positions of vertical lines."""
    unit: str = "updates"
    """Unit of the horizontal axis."""
    first: float | None = None
    """Start of a logarithmic axis; None for a linear one, which starts at 0."""
    meaning: str = "edited"
    """Legend of the vertical lines: by default, updates after which settings changed."""

    def across(self, x: Column) -> Column:
        """Return positions in the coordinates of the horizontal axis."""
        return x if self.first is None else np.asarray(np.log10(x))

    @property
    def key(self) -> tuple[object, ...]:
        """A key that is equal for pictures that look the same, since curves only ever grow."""
        ends = (
            (c.name, len(c.x), *c.x[-1:].tolist(), *c.y[-1:].tolist(), c.marks) for c in self.curves
        )
        return self.last, self.unit, self.waiting, self.marks, *ends


class Chart(Container):
    """A chart over the updates of a run.

    Args:
        name: name of the quantity.
        quantity: decides how the values are labelled.
        id: id of the widget.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "chart--training",
        "chart--validation",
        "chart--edit",
    }

    log_scale: reactive[bool] = reactive(False, init=False)
    """Whether the axis of values is logarithmic."""

    _title_only = False

    def __init__(self, name: str, quantity: axis.Quantity, id: str) -> None:
        super().__init__(id=id)
        self.quantity = quantity
        self._plot: Plot | None = None
        self._picture: Picture | None = None
        self._titles: tuple[str, ...] = (name,)

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
            self._draw()

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
            self._title_only = True
            self.border_title = title
            self._title_only = False

    def refresh(
        self,
        *regions: Region,
        repaint: bool = True,
        layout: bool = False,
        recompose: bool = False,
    ) -> Self:
        """Paint again; after a change of title only the top border, a quarter of the work."""
        if self._title_only:
            regions = (Region(-1, -1, self.size.width + 2, 1),)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def _draw(self) -> None:
        picture, plot = self._picture, self._plot
        if picture is None or plot is None or not self.display:
            return
        room = self.content_size
        if room.width < SMALLEST[0] or room.height < SMALLEST[1]:
            plot.display = False
            self._show_text("")
            return
        curves = [self._thinned(curve, room.width) for curve in picture.curves]
        curves = [curve for curve in curves if len(curve.x)]
        plot.display = bool(curves)
        self._show_text("" if curves else picture.waiting)
        sign = "│" if picture.marks else DASH if any(c.marks for c in curves) else ""
        self._write_legend(curves, sign and f"{sign} {picture.meaning}")
        if not curves:
            return
        low = min(float(curve.y.min()) for curve in curves)
        high = max(float(curve.y.max()) for curve in curves)
        inside = plot.rows(room.height)
        values = axis.values(low, high, inside, self.quantity, self.log_scale)
        along = _along(picture, plot.columns(room.width, values))
        plot.set_axes(along, values)
        for at in picture.across(np.asarray(picture.marks, float)).tolist():
            plot.add_v_line(at, str(self.get_component_rich_style("chart--edit")))
        heights = values.high - (np.arange(inside) + 0.5) * (values.high - values.low) / inside
        owners = [curve for curve in curves if curve.marks]
        for curve in reversed(owners):
            for at in picture.across(np.asarray(curve.marks, float)).tolist():
                plot.scatter(np.full_like(heights, at), heights, DASH, self._style(curve))
        for curve in reversed(curves):  # the first one on top
            y = np.log10(curve.y) if self.log_scale else curve.y
            plot.line(picture.across(curve.x), y, self._style(curve))
        for curve in curves:
            if curve.sign:
                y = np.log10(curve.y) if self.log_scale else curve.y
                x = picture.across(curve.x)
                rows = spaced(x, (along.high - along.low) * MARKER_GAP / room.width)
                plot.scatter(x[rows], y[rows], curve.sign, self._style(curve))
        for lane, curve in enumerate(owners):
            # One row for the sign of each curve, to distinguish lines in the same column.
            x = picture.across(np.asarray(curve.marks, float))
            y = np.full_like(x, heights[lane % len(heights)])
            plot.scatter(x, y, curve.sign, self._style(curve))

    def _thinned(self, curve: Curve, width: int) -> Curve:
        x, y = curve.x, curve.y
        if self.log_scale:
            x, y = x[y > axis.SMALLEST_MAGNITUDE], y[y > axis.SMALLEST_MAGNITUDE]
        x, y = thinned(x, y, width)
        return replace(curve, x=x, y=y.clip(-axis.LARGEST_MAGNITUDE, axis.LARGEST_MAGNITUDE))

    def _style(self, curve: Curve) -> str:
        return curve.colour or str(self.get_component_rich_style(f"chart--{curve.role}"))

    def _write_legend(self, curves: Sequence[Curve], marked: str) -> None:
        """Write the legend on the lower border."""
        names = [curve.name for curve in curves]
        room = self.content_size.width - 1 - 7 * len(names) - (len(marked) + 3 if marked else 0)
        if sum(map(len, names)) > room:
            names = [curve.short or curve.name for curve in curves]
        longest = max(map(len, names), default=0)
        letters = next(
            (
                most
                for most in range(longest, min(LETTERS, longest) - 1, -1)
                if sum(min(most, len(name)) for name in names) <= room
            ),
            0,
        )
        names = [cut(name, letters) if letters else "" for name in names]
        gap = "   " if any(names) else " "  # signs alone stand closer together
        parts: list[Content] = []
        for name, curve in zip(names, curves, strict=True):
            sign = f"─{curve.sign}─" if curve.sign else "⠒⠒⠒"
            colour = "$text-accent" if curve.role == "validation" else "$text-primary"
            colour = curve.colour or colour
            parts += [Content.styled(sign, colour), Content(f" {name}".rstrip() + gap)]
        if marked and parts:
            parts += [Content.styled(marked[0], "$foreground 45%"), Content(marked[1:])]
        legend = Content("").join(parts).rstrip() if parts else Content("")
        if legend != self._border_subtitle:
            self.border_subtitle = legend

    def _show_text(self, text: str) -> None:
        line = self.query_one(Static)
        line.display = bool(text)
        if text and line.content != text:
            line.update(text)


def _along(picture: Picture, width: int) -> axis.Axis:
    if picture.first is None:
        return axis.along(picture.last, width, picture.unit)
    return axis.powers(picture.first, picture.last, width)


def spaced(x: Column, gap: float) -> list[int]:
    """Return indices of points at least `gap` apart; points added later do not change them."""
    rows: list[int] = []
    for row in range(len(x)):
        if not rows or x[row] - x[rows[-1]] >= gap:
            rows.append(row)
    return rows

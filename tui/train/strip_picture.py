"""The picture of a strip for one size of its box: names, cells and updates, line by line."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rich.segment import Segment
from rich.style import Style

from core.format import cut
from core.runs.session import Session
from core.training import health_limits, health_strip
from core.training.health_columns import owners
from core.training.health_strip import QUANTITIES, Quantity, Strip
from core.training.health_thresholds import HealthThresholds
from tui.train import health_text, strip_paint
from tui.train.strip_layout import Layout, left_of
from tui.train.strip_paint import Palette
from tui.train.strip_scale import Scale, Values

Cell = tuple[int, int]
"""Row and column of a value."""


@dataclass(frozen=True, eq=False)
class StripPicture:
    """The values of a strip with all that is drawn of them."""

    strip: Strip
    scale: Scale
    shares: Values
    """The values as shares of the scale."""
    outside: npt.NDArray[np.bool_]
    limits: str
    """Words for what is outside; empty if there is no threshold."""

    @classmethod
    def of(
        cls, session: Session, quantity: Quantity, width: int, thresholds: HealthThresholds
    ) -> "StripPicture":
        """Return the picture of what is recorded of a run, for so many columns of the screen."""
        history = session.history
        names = tuple(owners(history.health.columns, quantity))
        strip = health_strip.strip(history, quantity, max(1, width - left_of(width, names)))
        scale = Scale.of(quantity, strip.values[_scaled(quantity, strip.names)])
        return cls(
            strip,
            scale,
            scale.shares(strip.values),
            health_limits.outside(strip, history, session.experiment, thresholds),
            health_limits.described(quantity, thresholds),
        )

    @property
    def empty(self) -> bool:
        """Whether there is no value."""
        return not self.strip.values.size

    def cell_of(self, name: str, update: int) -> Cell:
        """Return the cell of a tensor or layer and an update.

        Of another quantity, in which the name is not a row, it is the first row of the same layer,
        or else of the strip.
        """
        names = self.strip.names
        layer = name.removesuffix(".weight").removesuffix(".bias")
        near = [row for row, each in enumerate(names) if each == name]
        near += [row for row, each in enumerate(names) if each.startswith(layer)]
        return (near or [0])[0], self.strip.column(update)

    def nearest(self, row: int, column: int) -> Cell:
        """Return the cell that is nearest to a place inside or outside of the strip."""
        rows, columns = self.strip.values.shape
        return max(0, min(row, rows - 1)), max(0, min(column, columns - 1))

    # Texts on the border

    def titles(self, frozen: bool) -> list[str]:
        """Return forms of the title, the longest first."""
        titles = self.scale.titles(QUANTITIES[self.strip.quantity])
        sign = "FROZEN ─ " if frozen else ""
        return [*(f"{sign}Health ─ {title}" for title in titles), *(sign + each for each in titles)]

    def foot(self, cell: Cell | None) -> tuple[str, ...]:
        """Return forms of the value in a cell, or of the legend, the longest first."""
        if self.empty:
            return ("",)
        if cell is not None:
            beyond = (self.limits or "not a number") if self.outside[cell] else ""
            return health_text.reading(self.strip, self.scale, *cell, beyond)
        legend = strip_paint.legend(self.signed, *self.scale.ends())
        marks = (f"{legend}   ! {self.limits}", f"{legend}   ! outside") if self.limits else ()
        return *marks, legend

    @property
    def signed(self) -> bool:
        """Whether the scale has two signs."""
        return self.scale.kind == "signed"

    # Lines of the box

    def row(
        self,
        layout: Layout,
        row: int,
        y: int,
        cell: Cell | None,
        style: Style,
        palette: Palette | None,
    ) -> list[Segment]:
        """Return a line of a row: its name, and its cells.

        Args:
            layout: where everything is.
            row: the row.
            y: the line, one of those of the row.
            cell: where the cursor is; None for nowhere.
            style: the style of the name.
            palette: the colours of the cells; None for signs alone.
        """
        at = cell[1] if cell is not None and cell[0] == row else None
        name, first = "", y == layout.lines_of(row)[0]
        if first:
            more = " "
            if row == layout.top > 0:
                more = "↑"
            elif row == layout.top + layout.rows - 1 < len(self.strip.names) - 1:
                more = "↓"
            name = f"{more if at is None else '▸'} {cut(self.strip.names[row], layout.left - 3)}"
        label = Segment(name[: layout.left].ljust(layout.left), style + Style(bold=at is not None))
        # A mark on one of several lines is enough, and leaves the shade on the others.
        marks = self.outside[row] & first
        return [
            label,
            *strip_paint.line(self.shares[row], marks, layout.edges, at, self.signed, palette),
        ]

    def updates(self, layout: Layout, cell: Cell | None, width: int) -> str:
        """Return the line below the cells: the first and the last update, and the cursor's."""
        across = layout.edges[-1]
        begin, end = f"{int(self.strip.at[0, 0]):,}", f"{int(self.strip.updates[-1]):,}"
        fits = across > len(begin) + len(end)
        words = begin + end.rjust(across - len(begin)) if fits else end
        line = list("update"[: layout.left].ljust(layout.left) + words.ljust(width))[:width]
        if cell is not None:
            first, last = layout.edges[cell[1] : cell[1] + 2]
            at = layout.left + first + (last - first) // 2
            if at < width and line[at] == " ":
                line[at] = "▲"
        return "".join(line)


def _scaled(quantity: Quantity, names: tuple[str, ...]) -> npt.NDArray[np.bool_]:
    """Return which rows the scale is of: no bias, which begins at 0 and moves by much of itself."""
    weights = np.array([name.endswith(".weight") for name in names], bool)
    return weights if quantity == "ratio" and weights.any() else np.ones(len(names), bool)

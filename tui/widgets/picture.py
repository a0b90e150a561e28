"""What a chart shows: its curves, and the extent of its axes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.training.history import Column

MARKER = "◆"


@dataclass(frozen=True, eq=False)
class Curve:
    """One curve of a chart."""

    name: str
    x: Column
    """Positions, ascending."""
    y: Column
    role: Literal["training", "validation", "former"] = "training"
    """Decides the look: a plain line, one with markers in another colour, or faint dots."""
    short: str = ""
    """A shorter name, used where the full one does not fit."""
    colour: str = ""
    """Colour of its own, where there are more curves than roles."""
    marker: str = ""
    """Marker at intervals on the line, so that its colour is not the only difference."""
    marks: tuple[float, ...] = ()
    """Positions of its own vertical lines, in its colour and with its sign at the top."""
    uncut: Column | None = None
    """The values that are read off, where `y` is cut to what can be shown."""
    exact: Callable[[int], float] | None = None
    """Value at every whole position from the first point to the last, where `y` has only some."""

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
    """Start of a logarithmic axis, of learning rates; None for a linear one, which starts at 0."""
    meaning: str = "edited"
    """Legend of the vertical lines: by default, updates after which settings changed."""
    lowest: float | None = None
    """A value that the vertical axis includes in any case; None for none."""
    updates_per_epoch: int | None = None
    """Tells the epoch of an update that is read off; None where it is not known."""

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

"""The layers of a trace, each with its size and the range of its values."""

from collections.abc import Mapping
from math import isfinite

from textual.content import Content
from textual.reactive import reactive

from core import format as fmt
from core.explain import Trace
from core.format import cut
from tui.widgets.row_list import CURSOR, RowList

SIZE = 12
"""Columns of the size, and of the sign before the name."""


class ChainList(RowList):
    """One line for each layer, from the image to the loss."""

    trace: reactive[Trace | None] = reactive(None, init=False)
    gradients: reactive[bool] = reactive(False, init=False)
    """Whether the ranges are those of the gradients."""
    moved: reactive[Mapping[str, float] | None] = reactive(None, init=False)
    """By name of a layer, how far tried steps have moved it; None if none was tried."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the layers."""
        return tuple(self.trace.nodes) if self.trace is not None else ()

    def count(self) -> int:
        """Return the number of layers, or 1 without a trace."""
        return max(1, len(self.names))

    def lines(self, width: int) -> list[Content]:
        """Return a line for each layer."""
        trace = self.trace
        if trace is None:
            return [Content("")]
        names, room = max(map(len, self.names)), max(4, width - SIZE)
        lines = []
        for item, name in enumerate(self.names):
            here = item == self.cursor
            size = fmt.shape(trace.values(name).shape, "x") or "1"
            left = f"{'▸' if here else ' '} {cut(name, room):<{min(names, room)}}"
            line = f"{left} {size:>9}"
            ranged = f"{line}  {self._beside(trace, name)}"
            # A range without its end would say something else.
            text = ranged if len(ranged) <= width else line
            style = CURSOR if here and self.has_focus else "bold" if here else ""
            lines.append(Content.styled(f"{text:<{width}}", style))
        return lines

    def _beside(self, trace: Trace, name: str) -> str:
        """Return how far a step has moved the layer, or the range of its values."""
        if self.moved is None:
            return self._range(trace, name)
        far = self.moved.get(name)
        if far is None:
            return ""
        return f"moved {fmt.percent(far)}" if isfinite(far) else "moved from 0"

    def _range(self, trace: Trace, name: str) -> str:
        if self.gradients:
            if trace.node(name).dy is None:
                return ""
            values = trace.gradients(name)
        else:
            values = trace.values(name)
        return f"{values.min():.2g} to {values.max():.2g}" if values.ndim else f"{values:.4g}"

    def watch_trace(self) -> None:
        """Draw the layers of another trace."""
        self.cursor = self.validate_cursor(self.cursor)
        self.draw()

    def watch_moved(self) -> None:
        """Draw how far the layers have moved, or the ranges again."""
        self.draw()

    def watch_gradients(self) -> None:
        """Draw the other ranges."""
        self.draw()

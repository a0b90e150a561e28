"""The layers of a trace, each with its size and the range of its values."""

from collections.abc import Mapping
from math import isfinite

from textual.content import Content
from textual.reactive import reactive

from core import format as fmt
from core.explain import Trace
from core.format import cut
from tui.explain import thumbnail
from tui.explain.paint import DARK, LIGHT
from tui.widgets.row_list import CURSOR, DIM, RowList

SIZE = 10
"""Columns of the size of a layer."""

PICTURED = 36
"""Columns from which on there is room for pictures."""


class ChainList(RowList):
    """One line for each layer, from the image to the loss."""

    trace: reactive[Trace | None] = reactive(None, init=False)
    gradients: reactive[bool] = reactive(False, init=False)
    """Whether the ranges are those of the gradients."""
    moved: reactive[Mapping[str, float] | None] = reactive(None, init=False)
    """By name of a layer, how far tried steps have moved it; None if none was tried."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._drawn_for: object = None
        self._drawn: dict[str, list[Content]] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the layers."""
        return tuple(self.trace.nodes) if self.trace is not None else ()

    def count(self) -> int:
        """Return the number of layers, or 1 without a trace."""
        return max(1, len(self.names))

    @property
    def height_of_one(self) -> int:
        """Lines of a layer: two with its description, if they all fit."""
        return 2 if 2 * self.count() <= self.size.height and self._has_pictures else 1

    @property
    def _has_pictures(self) -> bool:
        return self.size.width >= PICTURED

    def line_of(self, item: int) -> int:
        """Return the first line of a layer."""
        return item * self.height_of_one

    def clicked(self, x: int, line: int, times: int) -> None:
        """Move the cursor to the layer under the pointer."""
        super().clicked(x, line - line % self.height_of_one, times)

    def lines(self, width: int) -> list[Content]:
        """Return the lines of each layer."""
        if self.trace is None:
            return [Content("")]
        lines: list[Content] = []
        for item, name in enumerate(self.names):
            here = item == self.cursor
            style = CURSOR if here and self.has_focus else "bold" if here else ""
            pictures = self._pictures(name) if self._has_pictures else [Content("")]
            texts = self._texts(self.trace, name, width - len(pictures[0]) - 3)
            for number, (picture, text) in enumerate(zip(pictures, texts, strict=False)):
                sign = "▸ " if here and number == 0 else "  "
                gap = " " if len(picture) else ""
                filled = f"{gap}{text:<{max(0, width - 2 - len(picture) - len(gap))}}"
                dim = f"{style} {DIM}".strip() if number and not here else style
                lines.append(Content.assemble((sign, style), picture, (filled, dim)))
        return lines

    def _texts(self, trace: Trace, name: str, width: int) -> list[str]:
        """Return name, size and range of a layer, and its description below."""
        names, room = max(map(len, self.names)), max(4, width - SIZE)
        size = fmt.shape(trace.values(name).shape, "x") or "1"
        line = f"{cut(name, room):<{min(names, room)}} {size:>9}"
        # A range without its end would say something else.
        ranged = (f"{line}  {beside}" for beside in self._beside(trace, name))
        first = next((text for text in ranged if len(text) <= width), line)
        return [first, cut(trace.node(name).title, width)]

    def _pictures(self, name: str) -> list[Content]:
        """Return the lines of the small picture of a layer."""
        theme = DARK if self.app.current_theme.dark else LIGHT
        palette = None if self.app.no_color else theme
        key = self.trace, self.gradients, self.height_of_one, palette
        if self._drawn_for != key:
            self._drawn_for, self._drawn = key, {}
        if name not in self._drawn and self.trace is not None:
            height = self.height_of_one
            self._drawn[name] = thumbnail.lines(self.trace, name, self.gradients, height, palette)
        return self._drawn[name]

    def _beside(self, trace: Trace, name: str) -> tuple[str, ...]:
        """Return how far a step has moved the layer, or the range of its values, longest first."""
        if self.moved is not None:
            far = self.moved.get(name, 0.0)
            moved = f"moved {fmt.percent(far)}" if isfinite(far) else "moved from 0"
            return (moved,) if far else ("",)
        if self.gradients and trace.node(name).dy is None:
            return ("",)
        values = trace.gradients(name) if self.gradients else trace.values(name)
        if not values.ndim:
            return (f"{values:.4g}",)
        least, most = values.min(), values.max()
        return f"{least:.3g} to {most:.3g}", f"{least:.2g} to {most:.2g}"

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

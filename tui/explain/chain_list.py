"""The layers of a trace, each with its size and the range of its values."""

from collections.abc import Mapping
from math import isfinite
from typing import ClassVar, cast

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.geometry import Size
from textual.reactive import reactive

from core import format as fmt
from core.explain import Trace
from core.format import cut
from tui.explain import thumbnail
from tui.explain.paint import Lines
from tui.explain.painted import Painted, in_words_alone
from tui.widgets.row_list import RowList

SIZE = 10
"""Columns of the size of a layer."""

PICTURED = 36
"""Columns from which on there is room for pictures."""


class ChainRows(Painted):
    """The lines of the list."""

    @property
    def model(self) -> object:
        """What the lines depend on."""
        return self._owner.model

    def draw(self) -> Lines:
        """Return the lines of each layer."""
        return self._owner.drawn(self.content_size.width)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the number of lines."""
        return self._owner.line_of(self._owner.count())

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the layer under the pointer."""
        self._owner.clicked(event.x, event.y, event.chain)

    @property
    def _owner(self) -> "ChainList":
        return cast(ChainList, self.parent)


class ChainList(RowList):
    """One line for each layer, from the image to the loss."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"chain--cursor", "chain--below"}

    trace: reactive[Trace | None] = reactive(None, init=False, repaint=False)
    gradients: reactive[bool] = reactive(False, init=False, repaint=False)
    """Whether the ranges are those of the gradients."""
    moved: reactive[Mapping[str, float] | None] = reactive(None, init=False, repaint=False)
    """By name of a layer, how far tried steps have moved it; None if none was tried."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows = ChainRows()
        self._pictured_for: object = None
        self._pictures: dict[tuple[str, bool], Lines] = {}

    def compose(self) -> ComposeResult:
        """Lay out the lines."""
        yield self._rows

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

    @property
    def model(self) -> object:
        """What the lines depend on."""
        here = self.cursor, self.has_focus, self.height_of_one, self._has_pictures
        return self.trace, self.gradients, self.moved, here

    def draw(self) -> None:
        """Draw the lines that have changed; lay out again if their number has."""
        if self._rows.size.height != self.line_of(self.count()):
            self._rows.refresh(layout=True)
        else:
            self._rows.redraw()

    def drawn(self, width: int) -> Lines:
        """Return the lines of each layer."""
        if self.trace is None:
            return []
        plain = self._rows.rich_style
        below = self.get_component_rich_style("chain--below")
        chosen = self.get_component_rich_style("chain--cursor") if self.has_focus else None
        wide = thumbnail.WIDTH + 1 if self._has_pictures else 0
        lines: Lines = []
        for item, name in enumerate(self.names):
            here = item == self.cursor
            style = (chosen or plain + Style(bold=True)) if here else plain
            pictures: Lines = [[], []]
            if self._has_pictures:
                pictures = self._picture(self.trace, name)
            texts = self._texts(self.trace, name, width - wide - 2)
            for number in range(self.height_of_one):
                sign = "▸ " if here and number == 0 else "  "
                text = f"{' ' if wide else ''}{texts[number]}".ljust(max(0, width - 2))
                dim = below if number and not here else style
                picture = pictures[number] or [Segment(" " * max(0, wide - 1), style)]
                lines.append([Segment(sign, style), *picture, Segment(text, dim)])
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

    def _picture(self, trace: Trace, name: str) -> Lines:
        """Return the lines of the small picture of a layer."""
        height, palette = self.height_of_one, self._rows.palette
        colours = None if in_words_alone(self) else palette
        key = trace, height, colours
        if self._pictured_for != key:
            self._pictured_for, self._pictures = key, {}
        which = name, self.gradients
        if which not in self._pictures:
            self._pictures[which] = thumbnail.lines(trace, name, self.gradients, height, colours)
        return self._pictures[which]

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

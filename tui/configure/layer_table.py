"""The table of the network's layers with their costs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal

from textual.binding import BindingType
from textual.content import Content
from textual.reactive import reactive

from core import format as fmt
from core import plan_text
from core.build_layers import LayerRow
from tui.configure.keys import LAYER_KEYS
from tui.keymap.keys import fill
from tui.keymap.refusals import Refusing
from tui.widgets.row_list import CURSOR, DIM, RowList

Request = Literal["add", "delete", "up", "down", "edit", "reset"]


@dataclass(frozen=True)
class Style:
    """A layout of the table; `STYLES` lists them from the widest to the narrowest."""

    gap: int
    heads: tuple[str, ...]
    """Headings of output, parameters and multiply-adds; columns without one are omitted."""
    by: str
    """Separator between the dimensions of a shape."""
    number: Callable[[int], str]


def _full(number: int) -> str:
    return f"{number:,}"


STYLES = (
    Style(3, ("output", "parameters", "multiply-adds"), " x ", _full),
    Style(2, ("output", "parameters", "multiply-adds"), " x ", _full),
    Style(1, ("output", "params", "mult-adds"), " x ", fmt.short),
    Style(1, ("output", "params", "madds"), "x", fmt.short),
    Style(1, ("output", "params"), "x", fmt.short),
    Style(1, ("output",), "x", fmt.short),
    Style(1, (), "x", fmt.short),
)


WORDS = {", /": ", stride ", ", +": ", padding "}
"""What the signs in the table mean, said of the layer under the cursor."""

KEYS = (
    "{add} add · {delete} delete · {move_up} {move_down} move · {open} edit · "
    "{reset_all} the preset's",
    "{add} add · {delete} delete · {move_up} {move_down} move · {open} edit",
    "{add} add · {delete} delete · {move_up} {move_down} move",
)
INNER_KEYS = (
    "{add} add · {delete} delete · {move_up} {move_down} move · {open} edit · {close} closes",
    *KEYS[1:],
)


class LayerTable(Refusing, RowList):
    """Number, layer, output, parameters and multiply-adds of each layer.

    Args:
        kinds: returns a description of the layer at an index, counted from 0.
        on_request: called with an action and the index of its layer, counted from 0.
        resets: whether the preset's layers can be brought back.
        above: numbers of the layers around them, such as `3.`.
    """

    BINDINGS: ClassVar[list[BindingType]] = LAYER_KEYS

    rows: reactive[tuple[LayerRow, ...]] = reactive((), init=False)
    """All rows, including implied layers."""

    def __init__(
        self,
        kinds: Callable[[int], str],
        on_request: Callable[[Request, int], None],
        *,
        resets: bool = True,
        above: str = "",
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._resets, self._above = resets, above
        self.hints = KEYS if resets else INNER_KEYS
        self._kinds = kinds
        self._request = on_request
        self._titles = ["Architecture"]

    def show(self, rows: tuple[LayerRow, ...], titles: list[str]) -> None:
        """Show layers under the first title that fits; no layers if there can be no such ones."""
        self._titles = titles
        self.rows = rows
        self.on_resize()

    def refusal(self, action: str, parameters: tuple[object, ...]) -> str | None:
        """Return why a layer cannot move; None for the reset where there is none."""
        if parameters == ("reset",) and not self._resets:
            return None
        if parameters == ("up",) and self.cursor == 0:
            return "the first layer cannot move up"
        last = self.cursor == self.count() - 1
        return "the last layer cannot move down" if parameters == ("down",) and last else ""

    def watch_rows(self) -> None:
        """Redraw the table with the cursor on a layer."""
        self.cursor = self.validate_cursor(self.cursor)
        self.draw()

    def on_resize(self) -> None:
        """Fit the texts on the border to the new width."""
        super().on_resize()
        room = self.size.width - 4
        self.border_title = fmt.first_fitting(room, *self._titles)

    @property
    def _explicit(self) -> list[int]:
        return [line for line, row in enumerate(self.rows) if row.number is not None]

    def count(self) -> int:
        """Return the number of explicit layers, or 1 if there are none."""
        return max(1, len(self._explicit))

    def line_of(self, item: int) -> int:
        """Return the line of a layer, counting the implied ones before it."""
        explicit = self._explicit
        return explicit[item] if item < len(explicit) else 0

    def header(self, width: int) -> Content | None:
        """Return the headings."""
        table = self._cells(width)[0]
        return Content.styled(table, "bold")

    def lines(self, width: int) -> list[Content]:
        """Return one line per layer, with implied layers dimmed."""
        here = self.line_of(self.cursor) if self.rows else -1
        lines = []
        for line, text in enumerate(self._cells(width)[1:]):
            style = DIM if self.rows[line].number is None else ""
            if line == here and self.has_focus:
                style = CURSOR
            lines.append(Content.styled(text, style))
        return lines

    def explanation(self) -> str:
        """Return description and cost of the layer under the cursor."""
        if not self._explicit:
            return fill(
                "These layers make no network: choose a preset, or take the change back with {undo}"
            )
        row = self.rows[self.line_of(self.cursor)]
        hint = plan_text.unseen(row)
        # Only two lines fit, and the table also shows the cost.
        more = f"! {hint}" if hint else plan_text.cost(row)
        title = row.title
        for sign, word in WORDS.items():
            title = title.replace(sign, word)
        return f"Layer {self._above}{row.number}, {title}: {self._kinds(self.cursor)}\n{more}"

    def cost(self) -> str:
        """Return the cost of the layer under the cursor, and which of its input it ignores."""
        if not self._explicit:
            return ""
        row = self.rows[self.line_of(self.cursor)]
        hint = plan_text.unseen(row)
        return plan_text.cost(row) + (f"\n! {hint}" if hint else "")

    def action_request(self, request: Request) -> None:
        """Request an action on the layer under the cursor."""
        self._request(request, self.cursor)

    def action_open(self) -> None:
        """Request to edit the layer."""
        self.action_request("edit")

    def _cells(self, width: int) -> list[str]:
        """Return heading and rows in the widest style that fits."""
        for style in STYLES:
            table = self._formatted(style, width)
            if max(map(len, table)) <= width:
                return table
        return [fmt.cut(text, width) for text in table]

    def _formatted(self, style: Style, width: int) -> list[str]:
        digits = len(str(self.count()))
        here = self.line_of(self.cursor)
        first = [(f"{'#':>{digits}} ", "layer")]
        for line, row in enumerate(self.rows):
            mark = "▸" if line == here and self.has_focus else " "
            number = "" if row.number is None else str(row.number)
            title = f"({row.title})" if row.number is None else row.title
            first.append((f"{number:>{digits}}{mark}", title))
        columns = [
            [head, *(self._cell(style, column, row) for row in self.rows)]
            for column, head in enumerate(style.heads)
        ]
        widths = [max(map(len, column)) for column in columns]
        rest = [
            "".join(" " * style.gap + cell.rjust(w) for cell, w in zip(cells, widths, strict=True))
            for cells in zip(*columns, strict=True)
        ] or [""] * len(first)
        title_width = max(len(title) for _, title in first)
        title_width = max(title_width, min(width - digits - 1 - len(rest[0]), title_width + 8))
        table = [
            f"{mark}{title:<{title_width}}{tail}"
            for (mark, title), tail in zip(first, rest, strict=True)
        ]
        return [f"{text:<{width}}" for text in table]

    @staticmethod
    def _cell(style: Style, column: int, row: LayerRow) -> str:
        if column == 0:
            return fmt.shape(row.output_shape, style.by)
        if row.number is None:
            return ""
        return style.number(row.parameters if column == 1 else row.multiply_adds)

"""The table of the benchmark: one architecture per row, with its times as numbers and bars."""

from collections.abc import Callable
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.reactive import reactive

from core.benchmark.cases import CASES
from core.benchmark.results import CaseResult
from core.format import cut, first_fitting
from tui.benchmark import columns
from tui.benchmark import text as bench_text
from tui.benchmark.columns import MARK
from tui.benchmark.keys import TABLE_KEYS
from tui.keymap.keys import fill
from tui.widgets.order import Order, column_at
from tui.widgets.row_list import CURSOR, DIM
from tui.widgets.sorted_list import SortedList

COLOURS = {
    "ours": "$primary",
    "torch": "$warning",
    "best": "$warning 70%",
    "floor": "$foreground 50%",
}
"""Colours of the bars by column."""


class BenchTable(SortedList):
    """One architecture per row, with bars of its times below it where they fit.

    Args:
        on_mark: called with the architecture that is to be measured, or left out.
    """

    BINDINGS: ClassVar[list[BindingType]] = TABLE_KEYS

    found: reactive[dict[str, CaseResult]] = reactive(dict, init=False)
    """The results so far, by architecture."""

    before: reactive[dict[str, CaseResult] | None] = reactive(None, init=False)
    """The earlier results to compare with; None for none."""

    chosen: reactive[tuple[str, ...]] = reactive((), init=False)
    """The architectures selected for the next benchmark."""

    measuring: reactive[str] = reactive("", init=False)
    """The architecture being measured; empty for none."""

    titles: reactive[tuple[str, ...]] = reactive(("Benchmark",), init=False)
    """Forms of the border title, from the longest to the shortest."""

    peak: float | None = None
    """GFLOP/s of large matrix products in the benchmark, if it is finished and measured them."""
    low: reactive[bool] = reactive(False, init=False)
    """Whether only the row under the cursor shows bars."""

    def __init__(self, on_mark: Callable[[str], None], id: str | None = None) -> None:
        super().__init__(id=id)
        self._mark = on_mark
        self._arch = CASES[0]
        self.set_reactive(BenchTable.order, Order(columns.NAME))

    # Display

    @property
    def current(self) -> str:
        """The architecture under the cursor."""
        return self._ordered[self.cursor]

    @property
    def _ordered(self) -> list[str]:
        return columns.ordered(self.found, self.before, self.order)

    def columns_shown(self, width: int) -> tuple[str, ...]:
        """Return the names of the visible columns."""
        return self._table(width).columns

    def column_at(self, x: int, width: int) -> str | None:
        """Return the column with its heading at `x`."""
        table = self._table(width)
        return column_at(x, table.ends, table.columns)

    def item_moved(self) -> None:
        """Remember the architecture under the cursor."""
        self._arch = self.current

    def watch_order(self) -> None:
        """Sort the rows, with the cursor on the same architecture."""
        self.cursor = self._ordered.index(self._arch)
        self.draw()

    def watch_found(self) -> None:
        """Redraw the table."""
        self.watch_order()

    def watch_before(self) -> None:
        """Redraw the table with or without the comparison, by whose columns it was sorted."""
        if self.before is None and self.order.column in columns.LATER:
            self.order = Order(columns.NAME)
        self.watch_order()

    def watch_chosen(self) -> None:
        """Redraw the selection marks."""
        self.draw()

    def watch_measuring(self) -> None:
        """Redraw the mark of the architecture being measured."""
        self.draw()

    def watch_low(self) -> None:
        """Redraw the bars."""
        self.draw()

    def watch_titles(self) -> None:
        """Show the longest title that fits."""
        self._write_border()

    def on_resize(self) -> None:
        """Fit the texts on the border to the new width."""
        super().on_resize()
        self._write_border()

    def count(self) -> int:
        """Return the number of architectures."""
        return len(CASES)

    def line_of(self, item: int) -> int:
        """Return the line of an architecture, counting the bars before it."""
        return item + sum(map(self._has_bars, self._ordered[:item]))

    def header(self, width: int) -> Content | None:
        """Return the headings."""
        return Content.styled(self._table(width).heading, "bold")

    def lines(self, width: int) -> list[Content]:
        """Return one line per architecture, followed by its bars where they fit."""
        lines = []
        table = self._table(width)
        for item, (name, text) in enumerate(zip(self._ordered, table.rows, strict=True)):
            here, chosen = item == self.cursor, name in self.chosen
            sign = "◔" if name == self.measuring else "✓" if chosen else " "
            text = f"{'▸' if here else ' '} {sign} {text[MARK:]:<{max(0, width - MARK)}}"
            style = CURSOR if here and self.has_focus else "" if name in self.found else DIM
            lines.append(Content.styled(text, style))
            if self._has_bars(name):
                bars = Content(" " * width)
                for key, start, bar in table.bars[item]:
                    piece = Content.styled(bar, COLOURS[key])
                    bars = Content.assemble(bars[:start], piece, bars[start + len(bar) :])
                lines.append(bars[:width])
        return lines

    def explanation(self) -> str:
        """Return two lines about the architecture."""
        about = bench_text.explanation(
            self.current, self.found.get(self.current), self.current in self.chosen, self.peak
        )
        return "\n".join(first_fitting(self.size.width - 2, *forms) for forms in about)

    def _has_bars(self, name: str) -> bool:
        return name in self.found and (not self.low or name == self._arch)

    def _table(self, width: int) -> columns.Table:
        return columns.table(self._ordered, self.found, self.before, width, self.order)

    def _write_border(self) -> None:
        room = self.size.width - 4
        self.border_title = Content(cut(first_fitting(room, *self.titles), room))
        self.border_subtitle = Content(first_fitting(room, *map(fill, self._hints)))

    @property
    def _hints(self) -> tuple[str, ...]:
        published = self.is_attached and "published" in self.columns_shown(self._width)
        return bench_text.KEYS[0 if published else bench_text.WITHOUT :]

    # Actions

    def action_open(self) -> None:
        """Mark the architecture under the cursor to be measured, or not."""
        self._mark(self.current)

"""The table of runs, which stays responsive with thousands of them."""

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import DataTable

from core.runs.records import Run, RunState
from tui.runs.columns import COLUMNS, fitting
from tui.runs.keys import TABLE_KEYS
from tui.widgets.digits import DIGITS, colours
from tui.widgets.order import Order

_STYLES = {RunState.FAILED: "bold", RunState.CRASHED: "bold"}


class RunTable(DataTable[Text], inherit_bindings=False):
    """Shows runs in the given order; the cursor stays on its run when they change."""

    BINDINGS: ClassVar[list[BindingType]] = TABLE_KEYS

    class Opened(Message):
        """A run was clicked twice."""

    class HeadingClicked(Message):
        """The heading of a column was clicked."""

        def __init__(self, column: str) -> None:
            super().__init__()
            self.column = column

    class Moved(Message):
        """The cursor is on another run, or the run under it has changed."""

    def __init__(self) -> None:
        super().__init__(cursor_type="row", cell_padding=1, zebra_stripes=False)
        self.wanted: int | None = None
        """Number of the run to move the cursor to, as soon as it is shown."""
        self._pointed = 0
        """The row with the sign of the cursor."""
        self._runs: list[Run] = []
        self._order = Order("started")
        self._widths: dict[str, int] = {}
        self._slots: dict[int, int] = {}

    @property
    def columns_shown(self) -> list[str]:
        """Names of the visible columns."""
        return list(self._widths)

    @property
    def current(self) -> Run | None:
        """The run under the cursor."""
        row = self.cursor_row
        return self._runs[row] if 0 <= row < len(self._runs) else None

    def show_runs(self, runs: Sequence[Run], marked: Sequence[Run], order: Order) -> None:
        """Show runs, and rewrite only changed lines if their order is the same.

        Args:
            runs: the runs, in display order.
            marked: the marked runs, in the order of their digits.
            order: what they are sorted by.
        """
        before, current, top = self._runs, self.current, self.scroll_y
        slots = {run.number: slot for slot, run in enumerate(marked)}
        heads, self._order = order != self._order, order
        same = not heads and [run.number for run in runs] == [run.number for run in before]
        old_slots, self._slots, self._runs = self._slots, slots, list(runs)
        if same:
            for row, (run, was) in enumerate(zip(runs, before, strict=True)):
                if run != was or slots.get(run.number) != old_slots.get(run.number):
                    self._rewrite(row, run)
        else:
            self._fill(columns=heads)
            numbers = [run.number for run in runs]
            if current is not None and current.number in numbers:
                self.move_cursor(row=numbers.index(current.number), scroll=False)
                self.scroll_to(y=top, animate=False)
        if self.wanted in (numbers := [run.number for run in runs]):
            self.move_cursor(row=numbers.index(self.wanted))
            self.wanted = None
        self._point()
        self.post_message(self.Moved())

    def on_resize(self, event: events.Resize) -> None:
        """Choose the columns that fit."""
        # As if there were a scroll bar, with a gap before it: the columns stay when it comes.
        widths = fitting(self.content_size.width - self.styles.scrollbar_size_vertical - 1)
        if widths != self._widths:
            self._widths = widths
            current = self.cursor_row
            self._fill(columns=True)
            self.move_cursor(row=current)

    def on_data_table_header_selected(self, event: DataTable.HeaderSelected) -> None:
        """Post which heading was clicked."""
        event.stop()
        if event.column_key.value in self._widths:
            self.post_message(self.HeadingClicked(str(event.column_key.value)))

    def on_click(self, event: events.Click) -> None:
        """Open the run under the pointer on a second click."""
        row = event.style.meta.get("row", -1)
        if event.chain == 2 and 0 <= row < len(self._runs):
            self.move_cursor(row=row)
            self.post_message(self.Opened())

    def on_data_table_row_highlighted(self) -> None:
        """Move the sign of the cursor, and post that it has moved."""
        self._point()
        self.post_message(self.Moved())

    def _fill(self, columns: bool = False) -> None:
        if columns:
            self.clear(columns=True)
            self.add_column(" ", width=2, key="mark")
            for name, width in self._widths.items():
                self.add_column(self._head(name), width=width, key=name)
        else:
            self.clear()
        if self._widths:
            for row, run in enumerate(self._runs):
                self.add_row(*self._cells(run, row), key=str(run.number))

    def restyle(self) -> None:
        """Write all lines again, in the colours of another theme."""
        for row, run in enumerate(self._runs):
            self._rewrite(row, run)
        self.post_message(self.Moved())

    def _point(self) -> None:
        """Move the sign to the row under the cursor, which colour alone might not show."""
        before, self._pointed = self._pointed, self.cursor_row
        for row in {before, self._pointed}:
            if self._widths and 0 <= row < len(self._runs):
                run = self._runs[row]
                self.update_cell(str(run.number), "mark", self._mark(run, row))

    def _mark(self, run: Run, row: int) -> Text:
        slot = self._slots.get(run.number)
        mark = Text("▸" if row == self.cursor_row else " ")
        if slot is None:
            return mark.append(" ")
        return mark.append(DIGITS[slot], style=f"bold {colours(self.app)[slot]}")

    def _rewrite(self, row: int, run: Run) -> None:
        for column, cell in zip(["mark", *self._widths], self._cells(run, row), strict=True):
            self.update_cell(str(run.number), column, cell)

    def _head(self, name: str) -> Text:
        column = COLUMNS[name]
        sign = self._order.sign(column.largest_first) if name == self._order.column else ""
        return Text(column.head + sign, justify="right" if column.right else "left", style="bold")

    def _cells(self, run: Run, row: int) -> list[Text]:
        style = _STYLES.get(run.state, "")
        return [self._mark(run, row), *(self._cell(run, name, style) for name in self._widths)]

    @staticmethod
    def _cell(run: Run, name: str, style: str) -> Text:
        column = COLUMNS[name]
        return Text(
            column.text(run),
            style=style if name == "state" else "",
            justify="right" if column.right else "left",
            no_wrap=True,
            overflow="ellipsis",
            end="",
        )

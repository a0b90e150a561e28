"""The table of a gradient check: one tensor per row, with the errors of its gradient."""

from collections.abc import Callable
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.reactive import reactive

from core.checks.report import Row
from core.format import first_fitting
from tui.gradients import columns
from tui.gradients import text as check_text
from tui.gradients.columns import MARK
from tui.gradients.keys import TABLE_KEYS
from tui.keymap.keys import fill
from tui.keymap.refusals import Refusing
from tui.widgets.order import Order, column_at
from tui.widgets.row_list import CURSOR
from tui.widgets.sorted_list import SortedList

SLIM = 70
"""Columns below which the explanation of the sort column is omitted."""

SORTS = "{sort} sorts by the next column · {reverse} turns it round", "{sort} {reverse} sort"


class GradientTable(Refusing, SortedList):
    """One line per tensor, sorted by any column; the cursor stays on its tensor.

    Args:
        on_open: called with the tensor whose detail is wanted.
    """

    BINDINGS: ClassVar[list[BindingType]] = TABLE_KEYS

    rows: reactive[tuple[Row, ...]] = reactive((), init=False)
    """The results so far, in the order of the network."""

    greeting: reactive[tuple[Content, ...]] = reactive((), init=False)
    """The text shown while there are no rows."""

    titles: reactive[tuple[str, ...]] = reactive(("Gradients",), init=False)
    """Forms of the border title, from the longest to the shortest."""

    short: reactive[bool] = reactive(False, init=False)
    """Whether the detail does not fit below the table."""

    def __init__(self, on_open: Callable[[Row], None], id: str | None = None) -> None:
        super().__init__(id=id)
        self._open = on_open
        self._tensor = ""
        self.set_reactive(GradientTable.order, Order("tensor"))

    # Display

    @property
    def current(self) -> Row | None:
        """The row under the cursor; None if there are no rows."""
        return self._ordered[self.cursor] if self.rows else None

    @property
    def _ordered(self) -> list[Row]:
        return columns.ordered(self.rows, self.order)

    def columns_shown(self, width: int) -> tuple[str, ...]:
        """Return the names of the visible columns; none without rows."""
        return self._table(width).columns if self.rows else ()

    def column_at(self, x: int, width: int) -> str | None:
        """Return the column with its heading at `x`."""
        table = self._table(width)
        return column_at(x, table.ends, table.columns) if self.rows else None

    def watch_rows(self) -> None:
        """Redraw the table with the cursor on the same tensor, once that has a row."""
        names = [row.name for row in self._ordered]
        if names and not self._tensor:
            self._tensor = names[0]
        if self._tensor in names:
            self.cursor = names.index(self._tensor)
        self.cursor = self.validate_cursor(self.cursor)
        self._redraw()

    def watch_greeting(self) -> None:
        """Redraw the table."""
        self.draw()

    def watch_titles(self) -> None:
        """Show the longest title that fits."""
        self._write_border()

    def watch_short(self) -> None:
        """Update the keys in the footer."""
        self.refresh_bindings()

    def on_resize(self) -> None:
        """Fit the texts on the border to the new width."""
        super().on_resize()
        self._write_border()

    def count(self) -> int:
        """Return the number of tensors, or 1 if there are none."""
        return max(1, len(self.rows))

    def line_of(self, item: int) -> int:
        """Return the line of a tensor, counting the notes of those before it."""
        return item + sum(len(check_text.notes(row)) for row in self._ordered[:item])

    def header(self, width: int) -> Content | None:
        """Return the headings, with that of the sort column highlighted."""
        if not self.rows:
            return Content("")
        text = self._table(width).heading
        line = Content.styled(text, "bold")
        column = self.order.column
        at = text.find(columns.arrow(self.order))
        if at < 0:
            return line
        head = columns.COLUMNS[column].heads
        size = 1 + max(len(h) for h in head if h in text)
        start = at + 1 - size
        return line.stylize("$text-primary", start, start + size)

    def lines(self, width: int) -> list[Content]:
        """Return one line per tensor, followed by its notes."""
        if not self.rows:
            return [line for text in self.greeting for line in text.wrap(max(8, width))]
        lines = []
        table = self._table(width)
        for item, (row, text) in enumerate(zip(self._ordered, table.rows, strict=True)):
            here = item == self.cursor
            text = f"{'▸' if here else ' '} {text[MARK:]:<{max(0, width - MARK)}}"
            line = Content.styled(text, CURSOR if here and self.has_focus else "")
            word = check_text.verdict(row.verdict)
            start = text.rfind(word)
            if start >= 0:
                line = line.stylize(check_text.STYLES[row.verdict], start, start + len(word))
            lines.append(line)
            for note in check_text.notes(row):
                style = check_text.STYLES[row.verdict]
                text = f"{'':{MARK}}└ {first_fitting(width - MARK - 2, *note)}"
                lines.append(Content.styled(text, style).truncate(width, ellipsis=True))
        return lines

    def explanation(self) -> str:
        """Return a line about the tensor, and one about the sort column."""
        if self.current is None:
            return "Tab goes to the settings of the check, and back"
        line = check_text.explanation(self.current)
        if self.size.width < SLIM:
            return line
        column = columns.COLUMNS[self.order.column]
        return f"{line}\n{column.heads[0]}: {column.meaning}"

    def _table(self, width: int) -> columns.Table:
        arrow = columns.arrow(self.order)
        return columns.table(self._ordered, width, self.order.column, arrow)

    def _write_border(self) -> None:
        room = self.size.width - 4
        title = first_fitting(room, *self.titles)
        self.border_title = Content(title if len(title) <= room else f"{title[: room - 1]}…")
        sorted_by = columns.COLUMNS[self.order.column].heads[0]
        arrow = columns.arrow(self.order)
        texts = [f"by {sorted_by} {arrow} · {fill(form)}" for form in SORTS]
        self.border_subtitle = Content(first_fitting(room, *texts) if self.rows else "")

    def _redraw(self) -> None:
        self._write_border()
        self.refresh_bindings()
        self.draw()
        self.show_cursor()

    # Actions

    def refusal(self, action: str, parameters: tuple[object, ...]) -> str | None:
        """Return why an action is not possible now."""
        if action == "open" and not self.rows:
            return "no tensor has been checked yet"
        if action == "open" and not self.short:
            return "the detail of this tensor is on the screen already"
        return ""

    def item_moved(self) -> None:
        """Remember the tensor under the cursor."""
        if self.current is not None:
            self._tensor = self.current.name

    def watch_order(self) -> None:
        """Sort the rows, with the cursor on the same tensor."""
        self.watch_rows()
        self.post_message(self.Moved(self))

    def action_open(self) -> None:
        """Request the detail, if it is not visible already."""
        if self.current is not None and self.short:
            self._open(self.current)

"""A list that can be sorted by its columns."""

from textual.reactive import reactive

from tui.widgets.order import Order
from tui.widgets.row_list import RowList, Rows


class SortedList(RowList):
    """Rows that the keys of the pane and clicks on the headings sort; the cursor stays on its row.

    A subclass returns the visible columns, and draws the rows in the order.
    """

    order: reactive[Order] = reactive(Order(""), init=False)
    """The present order."""

    def columns_shown(self, width: int) -> tuple[str, ...]:
        """Return the names of the columns that are visible at a width."""
        raise NotImplementedError

    def column_at(self, x: int, width: int) -> str | None:
        """Return the column with its heading at `x`; None for none."""
        raise NotImplementedError

    def sort_by_next(self) -> None:
        """Sort by the next column."""
        self.order = self.order.after(self.columns_shown(self._width))

    def turn_round(self) -> None:
        """Reverse the order."""
        self.order = self.order.reversed()

    def heading_clicked(self, x: int) -> None:
        """Sort by the column whose heading was clicked, or turn it round."""
        column = self.column_at(x, self._width)
        if column is not None:
            self.order = self.order.clicked(column)

    @property
    def _width(self) -> int:
        return self.query_one(Rows).size.width

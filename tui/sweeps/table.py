"""The table of the trials of a study."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive

from core import format as fmt
from core.runs.studies.records import TrialState
from core.sweeps.analysis.snapshot import Snapshot, TrialRow
from tui.keymap.keys import fill
from tui.keymap.refusals import Refusing
from tui.sweeps.columns import GAP, MARK, Column, Fitting, columns_of, fitting, ordered
from tui.sweeps.keys import COLUMN_KEYS
from tui.widgets.digits import DIGITS, colours
from tui.widgets.long_list import LongList
from tui.widgets.order import Order
from tui.widgets.row_list import CURSOR, DIM, HeaderRow

STYLES = {
    TrialState.RUNNING: "bold",
    TrialState.FAILED: "bold",
    TrialState.PRUNED: DIM,
    TrialState.WAITING: DIM,
    TrialState.PARKED: DIM,
}


BEST_FIRST = Order("mean")
"""The order in which a study opens for the first time."""

SCROLLS = "{far_left} {far_right}"


class TrialTable(Refusing, LongList):
    """The trials that fit the filter, in an order; the cursor stays on its trial.

    Every study has an order of its own. Columns that do not fit are scrolled into view.
    """

    BINDINGS: ClassVar[list[BindingType]] = COLUMN_KEYS

    order: reactive[Order] = reactive(BEST_FIRST, init=False)

    class Opened(Message):
        """A trial was opened."""

    class Sorted(Message):
        """Another order was chosen."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._columns: dict[str, Column] = {}
        self._rows: list[TrialRow] = []
        self._best: Mapping[int, int] = {}
        self._study: int | None = None
        self._orders: dict[int, Order] = {}
        """The orders of studies that were shown before, by their numbers."""
        self._skip = 0
        """Columns that are scrolled away to the left."""
        self.filter = ""
        """The filter, which stands on the border."""
        self.why = ""
        """Why there are no rows."""

    def show_trials(
        self, snapshot: Snapshot, rows: Sequence[TrialRow], best: Sequence[TrialRow]
    ) -> None:
        """Show trials.

        Args:
            snapshot: their study.
            rows: those that fit, in any order.
            best: those with a digit, the best first; it stands at all of their seeds.
        """
        current = self.current
        if snapshot.study.number != self._study:
            self._change_to(snapshot.study.number)
            current = None
        self._columns = columns_of(snapshot)
        self._rows = ordered(rows, self._columns, self.order)
        self._best = {row.number: at for at, row in enumerate(best)}
        before = self.cursor
        self._point_at(current)
        self.draw()
        if self.cursor != before:
            # The trial has moved, by a result of its own or of others.
            self.show_cursor()
        self.write_hint()

    def _change_to(self, study: int) -> None:
        """Take the order of another study, with the cursor at its first row."""
        if self._study is not None:
            self._orders[self._study] = self.order
        self._study, self._skip = study, 0
        self.set_reactive(TrialTable.order, self._orders.get(study, BEST_FIRST))
        self.set_reactive(TrialTable.cursor, 0)

    def _point_at(self, row: TrialRow | None) -> None:
        keys = [each.key for each in self._rows]
        at = keys.index(row.key) if row is not None and row.key in keys else self.cursor
        self.set_reactive(TrialTable.cursor, self.validate_cursor(at))

    @property
    def current(self) -> TrialRow | None:
        """The trial under the cursor; None if there is none."""
        return self._rows[self.cursor] if 0 <= self.cursor < len(self._rows) else None

    def point_at(self, row: TrialRow) -> None:
        """Move the cursor to a trial, if it is shown."""
        self._point_at(row)
        self.draw()
        self.show_cursor()

    def watch_order(self) -> None:
        """Sort the rows."""
        current = self.current
        self._rows = ordered(self._rows, self._columns, self.order)
        self._point_at(current)
        self.draw()
        self.show_cursor()
        self.post_message(self.Sorted())

    def count(self) -> int:
        """Return the number of trials that are shown."""
        return len(self._rows)

    def nothing(self, width: int, line: int) -> Content:
        """Return why there is no trial."""
        return Content.styled(self.why, DIM).truncate(width) if line == 0 else Content("")

    def columns_shown(self, width: int) -> tuple[str, ...]:
        """Return the names of the columns that are visible at a width."""
        return self._fitting(width).names

    def _fitting(self, width: int) -> Fitting:
        return fitting(self._columns, width, self._skip)

    # Columns that do not fit

    def refusal(self, action: str, parameters: tuple[object, ...]) -> str | None:
        """Return why columns cannot be scrolled; where all fit, the keys are the picture's."""
        if action != "scroll_columns" or not self.query(HeaderRow):
            return ""
        shown = self._fitting(self._width)
        if not shown.before and not shown.behind:
            return None
        if parameters == (1,):
            return "" if shown.behind else "the last column is in view"
        return "" if shown.before else "the first column is in view"

    def action_scroll_columns(self, columns: int) -> None:
        """Scroll the columns behind the accuracies."""
        self._skip = max(0, self._fitting(self._width).before + columns)
        self.draw()
        self.write_hint()
        self.refresh_bindings()

    def write_hint(self) -> None:
        """Write on the border the filter, and how many columns are out of view."""
        if not self.query(HeaderRow):
            return
        shown = self._fitting(self._width)
        parts = [f"/ {self.filter}" if self.filter else ""]
        if shown.before:
            parts.append(f"{fmt.counted(shown.before, 'column')} before")
        if shown.behind:
            parts.append(f"… {fmt.counted(shown.behind, 'more column')}")
        if len(parts) > 1:
            parts.append(fill(SCROLLS))
        self.border_subtitle = Content("  ".join(filter(None, parts)))

    def column_at(self, x: int, width: int) -> str | None:
        """Return the column with its heading at `x`; None for none."""
        end = MARK
        for name in self.columns_shown(width):
            end += self._columns[name].width + GAP
            if x < end:
                return name
        return None

    def header(self, width: int) -> Content | None:
        """Return the headings, the sorted one with a sign."""
        parts = [" " * MARK]
        for name in self.columns_shown(width):
            column = self._columns[name]
            sign = self.order.sign(column.largest_first) if name == self.order.column else ""
            parts.append(_aligned(column.head + sign, column) + " " * GAP)
        return Content("".join(parts).rstrip()[:width])

    def row(self, item: int, width: int) -> Content:
        """Return the line of a trial."""
        row = self._rows[item]
        here = item == self.cursor
        slot = self._best.get(row.number)
        mark: tuple[str, str] | str = " "
        if slot is not None:
            mark = (DIGITS[slot], f"bold {colours(self.app)[slot]}")
        cells = "".join(
            _aligned(self._columns[name].text(row), self._columns[name]) + " " * GAP
            for name in self.columns_shown(width)
        )
        cells = cells[: max(0, width - MARK)].ljust(max(0, width - MARK))
        style = STYLES.get(row.state, "") if not here else ""
        line = Content.assemble("▸" if here else " ", mark, " ", (cells, style or "$foreground"))
        return line.stylize(CURSOR) if here and self.has_focus else line

    def action_open(self) -> None:
        """Post that the trial was opened."""
        if self.current is not None:
            self.post_message(self.Opened())


def _aligned(text: str, column: Column) -> str:
    return text.rjust(column.width) if column.right else text.ljust(column.width)

"""The table of the trials of a study."""

from collections.abc import Mapping, Sequence

from textual.content import Content
from textual.message import Message
from textual.reactive import reactive

from core.runs.studies.records import TrialState
from core.sweeps.snapshot import Snapshot, TrialRow
from tui.sweeps.columns import GAP, MARK, Column, columns_of, fitting, ordered
from tui.widgets.digits import DIGITS, colours
from tui.widgets.long_list import LongList
from tui.widgets.order import Order
from tui.widgets.row_list import CURSOR, DIM

STYLES = {
    TrialState.RUNNING: "bold",
    TrialState.FAILED: "bold",
    TrialState.PRUNED: DIM,
    TrialState.WAITING: DIM,
    TrialState.PARKED: DIM,
}


class TrialTable(LongList):
    """The trials that fit the filter, in an order; the cursor stays on its trial."""

    order: reactive[Order] = reactive(Order("mean"), init=False)

    class Opened(Message):
        """A trial was opened."""

    class Sorted(Message):
        """Another order was chosen."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._columns: dict[str, Column] = {}
        self._rows: list[TrialRow] = []
        self._best: Mapping[int, int] = {}
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
        self._columns = columns_of(snapshot)
        self._rows = ordered(rows, self._columns, self.order)
        self._best = {row.number: at for at, row in enumerate(best)}
        self._point_at(current)
        self.draw()

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
        return tuple(fitting(self._columns, width))

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

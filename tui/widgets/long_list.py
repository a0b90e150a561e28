"""A sorted list that draws only the rows on the screen, for thousands of them."""

from typing import cast

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.app import ComposeResult, RenderResult
from textual.content import Content
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from tui.widgets.row_list import HeaderRow, Rows
from tui.widgets.sorted_list import SortedList

END = 1000
"""Rows from which a step is meant to go to the first or the last, however many there are."""


class LongRows(Rows):
    """The rows of the parent list; only those in view are made."""

    def render(self) -> RenderResult:
        """Return nothing: lines are drawn one by one."""
        return ""

    def render_line(self, y: int) -> Strip:
        """Return one line."""
        width = self.size.width
        owner = self._long
        line = owner.row(y, width) if y < owner.count() else owner.nothing(width, y)
        base = self.visual_style.rich_style
        parts = [
            Segment(segment.text, base + (segment.style or Style()))
            for segment in line.render_segments(self.visual_style)
        ]
        return Strip(parts).adjust_cell_length(width, base)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the number of lines."""
        return self._long.height

    @property
    def _long(self) -> "LongList":
        return cast(LongList, self.parent)


class LongList(SortedList):
    """One line for each item, made when it comes into view.

    A subclass returns the number of items and the line of each.
    """

    def compose(self) -> ComposeResult:
        """Lay out the fixed heading above the scrolling rows."""
        yield HeaderRow()
        yield LongRows()

    def row(self, item: int, width: int) -> Content:
        """Return the line of an item."""
        raise NotImplementedError

    def nothing(self, width: int, line: int) -> Content:
        """Return a line where there are no items."""
        return Content("")

    @property
    def height(self) -> int:
        """Number of lines."""
        return max(1, self.count())

    def lines(self, width: int) -> list[Content]:
        """Return all lines."""
        return [self.row(item, width) for item in range(self.count())]

    def action_move(self, rows: int) -> None:
        """Move the cursor by `rows`, or to an end."""
        end = self.count() if rows > 0 else -self.count()
        super().action_move(end if abs(rows) >= END else rows)

    def clicked(self, x: int, line: int, times: int) -> None:
        """Move the cursor to the item on `line`; open it from the second click on."""
        if line < self.count():
            self.action_move(line - self.cursor)
            if times > 1:
                self.action_open()

    def draw(self) -> None:
        """Draw the rows in view again; lay out again only if their number has changed."""
        for heading in self.query(HeaderRow):
            heading.refresh()
        for rows in self.query(LongRows):
            rows.refresh(layout=self.height != rows.size.height)

    def on_click(self, event: events.Click) -> None:
        """Take the focus, also where there is no row."""

    @property
    def rows(self) -> Widget:
        """The widget of the rows."""
        return self.query_one(LongRows)

"""A scrolling list of rows with a cursor, drawn by one widget."""

from typing import ClassVar, cast

from textual import events
from textual.app import ComposeResult, RenderResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Region, Size, Spacing
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from core.format import first_fitting
from tui.keymap.bindings import bind
from tui.keymap.keys import fill

CURSOR = "bold $foreground on $primary 30%"
"""Style of the row under the cursor while the list has the focus; a sign goes with it."""
DIM = "$foreground 55%"
"""Style of a less important row; a word goes with it."""


class Rows(Widget):
    """The lines of the parent list, drawn at the available width."""

    def render(self) -> RenderResult:
        """Return all lines."""
        return Content("\n").join(self._owner.lines(self.size.width))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the number of lines."""
        return max(1, len(self._owner.lines(width)))

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the row under the pointer; open it on a second click."""
        self._owner.clicked(event.x, event.y, event.chain)

    @property
    def _owner(self) -> "RowList":
        return cast(RowList, self.parent)


class RowList(VerticalScroll, can_focus=True, inherit_bindings=False):
    """Rows of text, one of them under the cursor.

    A subclass returns the number of items, all lines, and the line of an item; the cursor skips
    lines between items (headings, notes).
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("up", "move(-1)", "Up", "Go one row up"),
        bind("down", "move(1)", "Down", "Go one row down"),
        bind("first", "move(-1000)", "First", "Go to the first row"),
        bind("last", "move(1000)", "Last", "Go to the last row"),
        bind("page_up", "page(-1)", "Page up", "Go a page up"),
        bind("page_down", "page(1)", "Page down", "Go a page down"),
    ]

    cursor: reactive[int] = reactive(0, init=False, repaint=False)
    """The item under the cursor."""

    hints: tuple[str, ...] = ()
    """Forms of a text about its keys, the longest first, on the border while it has the focus.

    They may name keys as `tui.keymap.keys.fill` does.
    """

    class Moved(Message):
        """The user has moved the cursor, or the list has received the focus."""

        def __init__(self, rows: "RowList") -> None:
            super().__init__()
            self.rows = rows

        @property
        def control(self) -> "RowList":
            """The list."""
            return self.rows

    def compose(self) -> ComposeResult:
        """Lay out the fixed heading above the scrolling rows."""
        if self.header(80) is not None:
            yield HeaderRow()
        yield Rows()

    def count(self) -> int:
        """Return the number of items."""
        raise NotImplementedError

    def lines(self, width: int) -> list[Content]:
        """Return all lines, at most `width` wide."""
        raise NotImplementedError

    def line_of(self, item: int) -> int:
        """Return the line of an item."""
        return item

    def header(self, width: int) -> Content | None:
        """Return the fixed heading; None for none."""
        return None

    def explanation(self) -> str:
        """Return the explanation of the row under the cursor."""
        return ""

    def item_moved(self) -> None:
        """React to the cursor moved by the user; does nothing by default."""

    def action_open(self) -> None:
        """React to Enter; does nothing by default."""

    def action_move(self, rows: int) -> None:
        """Move the cursor by `rows`."""
        before = self.cursor
        self.cursor = before + rows
        if self.cursor != before:
            self.post_message(self.Moved(self))
            self.item_moved()

    def action_page(self, direction: int) -> None:
        """Move the cursor by one page."""
        self.action_move(direction * max(1, self.scrollable_content_region.height - 1))

    def clicked(self, x: int, line: int, times: int) -> None:
        """Move the cursor to the item on `line`; open it from the second click on."""
        for item in range(self.count()):
            if self.line_of(item) == line:
                self.action_move(item - self.cursor)
                if times > 1:
                    self.action_open()

    def heading_clicked(self, x: int) -> None:
        """React to a click on the headings; does nothing by default."""

    def validate_cursor(self, cursor: int) -> int:
        """Keep the cursor on an item."""
        return max(0, min(cursor, self.count() - 1))

    def watch_cursor(self) -> None:
        """Scroll the row under the cursor into view."""
        self.draw()
        self.show_cursor()

    def on_focus(self) -> None:
        """Highlight the row under the cursor and post `Moved`."""
        self.draw()
        self.show_cursor()
        self.post_message(self.Moved(self))

    def on_blur(self) -> None:
        """Draw without the highlight."""
        self.draw()

    def watch_has_focus(self, has_focus: bool) -> None:
        """Name the keys on the border, or no longer."""
        super().watch_has_focus(has_focus)
        self.write_hint()

    def on_resize(self) -> None:
        """Keep the row under the cursor in view."""
        self.write_hint()
        self.show_cursor()

    def write_hint(self) -> None:
        """Name the keys of this list on its border, as long as they work."""
        if self.hints:
            forms = map(fill, self.hints)
            text = first_fitting(self.size.width - 4, *forms, "") if self.has_focus else ""
            self.border_subtitle = Content(text)

    def draw(self) -> None:
        """Draw all rows again; lay out again only if their number has changed."""
        for heading in self.query(HeaderRow):
            heading.refresh()
        for rows in self.query(Rows):
            rows.refresh(layout=len(self.lines(rows.size.width)) != rows.size.height)

    def show_cursor(self, lines: int = 1) -> None:
        """Scroll `lines` lines, from the row under the cursor on, into view."""
        if not self.is_attached:
            return
        top = 1 if self.query(HeaderRow) else 0
        line = self.line_of(self.cursor)
        # With the first row, show the lines above it as well.
        first = 0 if self.cursor == 0 else line
        region = Region(0, top + first, 1, line - first + lines)
        self.call_after_refresh(
            self.scroll_to_region, region, spacing=Spacing(top, 0, 0, 0), animate=False, force=True
        )


class HeaderRow(Static):
    """The column headings of the parent list."""

    def render(self) -> RenderResult:
        """Return the headings."""
        return cast(RowList, self.parent).header(self.size.width) or ""

    def on_click(self, event: events.Click) -> None:
        """Tell the list which heading was clicked."""
        cast(RowList, self.parent).heading_clicked(event.x)

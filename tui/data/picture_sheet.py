"""A page of pictures with a cursor, drawn line by line from strips made once for each page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from textwrap import wrap
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from core.data.colours import is_sequence
from core.data.dataset import Images, Shape
from core.format import cut, first_fitting
from tui.data.keys import SHEET_KEYS
from tui.half_cells import half_cell_lines
from tui.keymap.keys import fill
from tui.keymap.refusals import Refusing
from tui.widgets.picture_cells import resized, size_of

WIDTHS = (64, 48, 40, 32, 24, 20, 16, 12)
"""Widths of a picture to choose from, in columns, beside that of the image itself."""

ENOUGH = 3
"""Number of pictures that a page shows even if larger ones would fit."""

GAP, WIDEST_GAP = 1, 4
"""Columns between two pictures; at most so many, where there is room left."""

SIGN = "▸"
"""Before the caption under the cursor, which is then told without colour."""


@dataclass(frozen=True)
class Grid:
    """How a page is laid out, in columns and rows."""

    columns: int
    """Width of a picture."""
    rows: int
    """Height of a picture without its caption."""
    across: int
    down: int
    gap: int
    zoom: int = 0
    """Number of sizes by which pictures are smaller than they would be by themselves."""

    @property
    def count(self) -> int:
        """Number of pictures on a page."""
        return self.across * self.down


def widths(shape: Shape) -> list[int]:
    """Return the widths in which an image can be shown, the largest first.

    None is larger than the image has pixels, but for small images, whose pixels are repeated.
    """
    if is_sequence(shape):
        return list(WIDTHS)
    own = shape[1] if shape[1] > WIDTHS[-1] else shape[1] * (WIDTHS[4] // shape[1])
    return sorted({min(own, WIDTHS[0]), *(each for each in WIDTHS if each < own)}, reverse=True)


def grid(shape: Shape, width: int, height: int, zoom: int = 0) -> Grid:
    """Return the layout with the largest pictures of which `ENOUGH` fit into a box.

    Args:
        shape: height, width and channels of an image.
        width: columns of the box.
        height: rows of the box.
        zoom: number of sizes by which the pictures are smaller; larger if negative.
    """
    largest: dict[int, Grid] = {}  # for each number of pictures; smaller ones would show no more
    for each in widths(shape):
        made = _grid(shape, each, width, height)
        largest.setdefault(made.count, made)
    fitting = list(largest.values())
    enough = (at for at, each in enumerate(fitting) if each.count >= ENOUGH)
    best = next(enough, len(fitting) - 1)
    at = max(0, min(best + zoom, len(fitting) - 1))
    return replace(fitting[at], zoom=at - best)


def _grid(shape: Shape, columns: int, width: int, height: int) -> Grid:
    columns, rows = size_of(shape, min(columns, max(1, width)), max(1, height - 1))
    across = max(1, (width + GAP) // (columns + GAP))
    spare = width - across * columns
    gap = min(WIDEST_GAP, spare // (across - 1)) if across > 1 else GAP
    return Grid(columns, rows, across, max(1, height // (rows + 1)), gap)


@dataclass(frozen=True, eq=False)
class Tile:
    """A picture of the page."""

    image: Images
    """Pixels (H, W, C)."""
    caption: str


class PictureSheet(Refusing, Widget, can_focus=True):
    """Shows a page of pictures; posts what the user wants to see instead."""

    BINDINGS: ClassVar[list[BindingType]] = SHEET_KEYS
    COMPONENT_CLASSES: ClassVar[set[str]] = {"sheet--caption", "sheet--cursor"}

    cursor: reactive[int] = reactive(0, init=False, repaint=False)
    """Place on the page of the picture under the cursor."""

    words: reactive[str] = reactive("", init=False)
    """Text that is shown instead of pictures; empty for none."""

    hints: tuple[str, ...] = ()
    """Forms of a text about its keys, the longest first, on the border while it has the focus."""

    nothing: str = ""
    """Why there are no pictures; empty while there are some."""

    unopened: str = ""
    """Why the picture under the cursor cannot be opened; empty if it can."""

    ends: tuple[bool, bool] = (True, True)
    """Whether the picture under the cursor is the first of all, and the last."""

    class Resized(Message):
        """Another number of pictures fits."""

    class Moved(Message):
        """The cursor is to move by a number of pictures."""

        def __init__(self, step: int) -> None:
            super().__init__()
            self.step = step

    class Opened(Message):
        """The picture under the cursor is to be opened."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.grid = Grid(1, 1, 1, 1, GAP)
        self._shape: Shape = (1, 1, 1)
        self._zoom = 0
        self._tiles: tuple[Tile, ...] = ()
        self._strips: list[list[Strip]] = []

    # Layout

    def fit(self, shape: Shape, zoom: int) -> None:
        """Lay the page out for images of a shape, before `show`; `zoom` as for `grid`."""
        self._shape, self._zoom = shape, zoom
        self.grid = grid(shape, *self.content_size, zoom)

    def can_zoom(self, step: int) -> bool:
        """Return whether pictures can be smaller, or larger if `step` is negative."""
        return grid(self._shape, *self.content_size, self._zoom + step) != self.grid

    def on_resize(self) -> None:
        """Have the page filled again; until then the former one stays."""
        self.write_hint()
        self.post_message(self.Resized())

    def show(self, tiles: Sequence[Tile]) -> None:
        """Show the pictures of a page."""
        self._tiles = tuple(tiles)
        columns, rows = self.grid.columns, self.grid.rows
        self._strips = [
            [Strip(line, columns) for line in half_cell_lines(resized(tile.image, columns, rows))]
            for tile in self._tiles
        ]
        self.refresh()

    # Display

    def render_line(self, y: int) -> Strip:
        """Return a line of the page: one of pictures, or one of captions."""
        width = self.content_size.width
        if self.words:
            lines = wrap(self.words, max(1, width))
            style = self.get_component_rich_style("sheet--caption")
            return Strip([Segment(lines[y] if y < len(lines) else "", style)]).adjust_cell_length(
                width, self.rich_style
            )
        grid, down = self.grid, y // (self.grid.rows + 1)
        line = y % (grid.rows + 1)
        first = down * grid.across
        parts: list[Strip] = []
        blank = Strip([Segment(" " * grid.gap, self.rich_style)], grid.gap)
        for place in range(first, min(first + grid.across, len(self._tiles))):
            if parts:
                parts.append(blank)
            caption = line == grid.rows
            parts.append(self._caption(place) if caption else self._strips[place][line])
        return Strip.join(parts).adjust_cell_length(width, self.rich_style)

    def _caption(self, place: int) -> Strip:
        under = place == self.cursor
        text = f"{SIGN if under else ' '}{self._tiles[place].caption}"
        part = "sheet--cursor" if under and self.has_focus else "sheet--caption"
        style: Style = self.get_component_rich_style(part)
        columns = self.grid.columns
        return Strip([Segment(cut(text, columns).ljust(columns), style)], columns)

    def watch_cursor(self, before: int, now: int) -> None:
        """Draw only the captions that change: the pictures have thousands of colours."""
        self.refresh(*(self._line(place) for place in (before, now)))

    def _line(self, place: int) -> Region:
        """Return where the caption of a picture is, within the content."""
        grid = self.grid
        down, across = divmod(place, grid.across)
        return Region(
            across * (grid.columns + grid.gap),
            down * (grid.rows + 1) + grid.rows,
            grid.columns,
            1,
        )

    def watch_has_focus(self, has_focus: bool) -> None:
        """Name the keys on the border, or no longer."""
        super().watch_has_focus(has_focus)
        self.write_hint()
        self.refresh()

    def write_hint(self) -> None:
        """Name the keys on the border, as long as they work."""
        forms = map(fill, self.hints)
        text = first_fitting(self.outer_size.width - 4, *forms, "") if self.has_focus else ""
        self.border_subtitle = Content(text)

    # Keys and mouse

    def refusal(self, action: str, parameters: tuple[object, ...]) -> str | None:
        """Return why an action is not possible now."""
        if action not in ("open", "step", "page", "end"):
            return ""
        if self.nothing or action == "open":
            return self.nothing or fill(self.unopened)
        back = any(int(str(each)) < 0 for each in parameters)
        if self.ends[0 if back else 1]:
            return f"this is the {'first' if back else 'last'} picture"
        return ""

    def action_step(self, across: int, down: int) -> None:
        """Move the cursor by pictures and rows of them."""
        self.post_message(self.Moved(across + down * self.grid.across))

    def action_page(self, direction: int) -> None:
        """Move the cursor by a page."""
        self.post_message(self.Moved(direction * self.grid.count))

    def action_end(self, direction: int) -> None:
        """Move the cursor to the first or the last picture of all."""
        self.post_message(self.Moved(direction * 10**9))

    def action_open(self) -> None:
        """Open the picture under the cursor."""
        self.post_message(self.Opened())

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the picture under the pointer; open it on a second click."""
        grid = self.grid
        at = event.get_content_offset(self)
        if at is None:
            return
        across, down = at.x // (grid.columns + grid.gap), at.y // (grid.rows + 1)
        place = down * grid.across + across
        if across < grid.across and place < len(self._tiles):
            self.post_message(self.Moved(place - self.cursor))
            if event.chain > 1:
                self.post_message(self.Opened())

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Show the next page."""
        event.stop()
        self.action_page(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Show the page before."""
        event.stop()
        self.action_page(-1)

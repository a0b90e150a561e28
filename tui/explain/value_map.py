"""The picture of a layer, with a cursor over its values."""

from typing import ClassVar

import numpy as np
from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.reactive import reactive

from core.data.colours import in_colour
from core.explain.trace import BYTES
from core.format import first_fitting
from core.layers.explanation import Place
from tui.explain import paint, sheet, text
from tui.explain.keys import MAP_KEYS
from tui.explain.paint import Lines
from tui.explain.painted import Painted, in_words_alone
from tui.explain.sheet import Sheet
from tui.explain.walk import Walk
from tui.keymap.refusals import Refusing
from tui.widgets.caption import caption

DARK_GROUND, LIGHT_GROUND = 70, 200
"""Greys between the pictures of a sheet."""


class ValueMap(Refusing, Painted, can_focus=True):
    """One picture of a layer, or all; arrows and clicks move the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = MAP_KEYS

    walk: reactive[Walk | None] = reactive(None, init=False, repaint=False)
    whole: reactive[bool] = reactive(False, init=False, repaint=False)
    """Whether all pictures are shown, and the cursor is on one of them."""

    class Moved(Message):
        """The cursor has gone elsewhere."""

    class Opened(Message):
        """One is to go into the value."""

    @property
    def at_a_glance(self) -> bool:
        """Whether all pictures are shown; one that is alone is always large."""
        return self.whole and self.walk is not None and self.walk.form.channels > 1

    @property
    def model(self) -> object:
        """What the picture depends on."""
        return self.walk, self.whole

    def draw(self) -> Lines:
        """Draw one picture or all."""
        walk = self.walk
        if walk is None or not self.content_size:
            return []
        form, at, array = walk.form, walk.here.at, walk.array
        finite = np.isfinite(array)
        largest = float(np.abs(array[finite]).max()) if finite.any() else 1.0
        if self.at_a_glance:
            return self._sheet(walk, largest)
        cell, channel = form.cell(at), form.channel(at)
        view = self.view_of(form, cell)
        values = form.values(array, channel)
        if in_words_alone(self):
            return paint.signs(values, largest, view, cell)
        if walk.here.name == BYTES and array.ndim == 3:
            return paint.cells(in_colour(array), view, cell, self.palette)
        pixels = paint.coloured(values, largest, self.palette)
        return paint.cells(pixels, view, cell, self.palette)

    def _sheet(self, walk: Walk, largest: float) -> Lines:
        pictures, chosen = walk.form.pictures(walk.array), walk.form.channel(walk.here.at)
        layout = self._layout(walk)
        if in_words_alone(self):
            return sheet.in_signs(layout, pictures, largest, chosen)
        ground = DARK_GROUND if self.app.current_theme.dark else LIGHT_GROUND
        return sheet.in_colours(layout, pictures, largest, chosen, self.palette, ground)

    def _layout(self, walk: Walk) -> Sheet:
        form, size = walk.form, self.content_size
        width, height = size.width // self.wide, size.height * (1 if self.wide > 1 else 2)
        chosen = form.channel(walk.here.at)
        group = form.parts[-1][1] if len(form.parts) > 1 else 1
        return Sheet.of(form.channels, form.rows, form.columns, width, height, chosen, group)

    # The border

    def watch_walk(self) -> None:
        """Draw another place."""
        self._caption()
        self.redraw()

    def watch_whole(self) -> None:
        """Draw all pictures, or one."""
        self._caption()
        self.redraw()

    def _caption(self, over: Place | None = None) -> None:
        """Write what is shown on the border, and the value at a place, or the scale."""
        walk = self.walk
        if walk is None:
            return
        room = self.outer_size.width - 6  # beside the title are corners, lines and blanks
        below = text.scale(walk) if over is None else text.value_at(walk, over)
        caption(self, first_fitting(room, *text.titles(walk, self.at_a_glance)), below)

    # Keys

    def _go(self, walk: Walk) -> None:
        """Go elsewhere at once: the next key begins there, however soon it comes."""
        self.walk = walk
        self.post_message(self.Moved())

    def refusal(self, action: str, parameters: tuple[object, ...]) -> str | None:
        """Return why an action is not possible now."""
        walk = self.walk
        if walk is None:
            return ""
        if action == "channel" and walk.form.channels == 1:
            return f"{walk.here.name} is a single picture"
        return ""

    def action_move(self, rows: int, columns: int) -> None:
        """Move the cursor, to another picture where all are shown."""
        walk = self.walk
        if walk is None:
            return
        if self.at_a_glance:
            chosen = walk.form.channel(walk.here.at)
            other = self._layout(walk).neighbour(chosen, rows, columns)
            self._go(walk.moved(0, 0, other - chosen))
        else:
            self._go(walk.moved(rows, columns))

    def action_channel(self, by: int) -> None:
        """Show another picture."""
        if self.walk is not None:
            self._go(self.walk.moved(0, 0, by))

    def action_corner(self, direction: int) -> None:
        """Go to the first or the last place."""
        if self.walk is not None:
            far = direction * max(self.walk.form.rows, self.walk.form.columns)
            self._go(self.walk.moved(far, far))

    # The pointer

    def _under(self, event: events.MouseEvent) -> Place | None:
        """Return the place under the pointer; None where there is none."""
        walk, offset = self.walk, event.get_content_offset(self)
        if walk is None or offset is None:
            return None
        x, y = offset.x // self.wide, offset.y * (1 if self.wide > 1 else 2)
        row, column = walk.form.cell(walk.here.at)
        channel = walk.form.channel(walk.here.at)
        if self.at_a_glance:
            picture = self._layout(walk).picture(x, y)
            return None if picture is None else walk.form.place(row, column, picture)
        cell = self.view_of(walk.form, (row, column)).cell(offset.x, offset.y, self.wide)
        if not (cell[0] < walk.form.rows and cell[1] < walk.form.columns):
            return None
        return walk.form.place(*cell, channel)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Show the value under the pointer."""
        self._caption(self._under(event))

    def on_leave(self) -> None:
        """Show the scale again."""
        self._caption()

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the value under the pointer; go into it on a second click."""
        place = self._under(event)
        if place is None or self.walk is None:
            return
        self._go(self.walk.placed(place))
        if event.chain > 1:
            self.post_message(self.Opened())

"""The picture of a layer, with a cursor over its values."""

from typing import ClassVar

import numpy as np
from rich.text import Text
from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from core.data.colours import in_colour
from core.explain.trace import BYTES
from tui.explain import paint, text
from tui.explain.grid import Form
from tui.explain.keys import MAP_KEYS
from tui.explain.paint import View
from tui.explain.walk import Walk
from tui.keymap.refusals import Refusing


def in_words_alone(widget: Widget) -> bool:
    """Return whether there are no colours, so that signs must do."""
    return widget.app.no_color


class Painted(Widget):
    """A picture of values that fills its box."""

    @property
    def palette(self) -> paint.Palette:
        """The colours that suit the theme."""
        return paint.DARK if self.app.current_theme.dark else paint.LIGHT

    def view_of(self, form: Form, at: tuple[int, int]) -> View:
        """Return what of a picture is seen."""
        wide = 2 if in_words_alone(self) else 1
        size = self.content_size
        return View.of(form.rows, form.columns, size.width, size.height, at, wide)


class ValueMap(Refusing, Painted, can_focus=True):
    """One channel of a layer; arrows and clicks move the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = MAP_KEYS

    walk: reactive[Walk | None] = reactive(None, init=False)

    class Moved(Message):
        """The cursor is to go elsewhere."""

        def __init__(self, walk: Walk) -> None:
            super().__init__()
            self.walk = walk

    class Stepped(Message):
        """One is to go into the value, or back."""

        def __init__(self, into: bool) -> None:
            super().__init__()
            self.into = into

    def render(self) -> Text:
        """Draw the channel."""
        walk = self.walk
        if walk is None or not self.content_size:
            return Text("")
        form, at, trace = walk.form, walk.here.at, walk.trace
        cell, channel = form.cell(at), form.channel(at)
        view = self.view_of(form, cell)
        name = walk.here.layer
        array = trace.gradients(name) if walk.here.gradients else trace.values(name)
        values = form.values(array, channel)
        largest = float(np.nanmax(np.abs(array))) if np.isfinite(array).any() else 1.0
        if in_words_alone(self):
            return paint.signs(values, largest, view, cell)
        if name == BYTES and len(form.shape) == 3:
            return paint.cells(in_colour(trace.values(BYTES)), view, cell, self.palette)
        pixels = paint.coloured(values, largest, self.palette)
        return paint.cells(pixels, view, cell, self.palette)

    def refusal(self, action: str, parameters: tuple[object, ...]) -> str | None:
        """Return why an action is not possible now."""
        walk = self.walk
        if walk is not None and action == "into" and walk.into() is None:
            return text.end(walk)
        if walk is not None and action == "back" and not walk.before:
            return "the way begins here"
        return ""

    def action_move(self, rows: int, columns: int) -> None:
        """Move the cursor."""
        if self.walk is not None:
            self.post_message(self.Moved(self.walk.moved(rows, columns)))

    def action_channel(self, by: int) -> None:
        """Show another channel."""
        if self.walk is not None:
            self.post_message(self.Moved(self.walk.moved(0, 0, by)))

    def action_corner(self, direction: int) -> None:
        """Go to the first or the last place."""
        if self.walk is not None:
            far = direction * max(self.walk.form.rows, self.walk.form.columns)
            self.post_message(self.Moved(self.walk.moved(far, far)))

    def action_into(self) -> None:
        """Go into the value."""
        self.post_message(self.Stepped(into=True))

    def action_back(self) -> None:
        """Go back."""
        self.post_message(self.Stepped(into=False))

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the value under the pointer; go into it on a second click."""
        walk = self.walk
        offset = event.get_content_offset(self)
        if walk is None or offset is None:
            return
        wide = 2 if in_words_alone(self) else 1
        at = walk.form.cell(walk.here.at)
        row, column = self.view_of(walk.form, at).cell(offset.x, offset.y, wide)
        self.post_message(self.Moved(walk.moved(row - at[0], column - at[1])))
        if event.chain > 1:
            self.action_into()

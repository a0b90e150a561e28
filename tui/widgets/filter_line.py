"""The input line of the filter of a table."""

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Input

from core.settings import SettingError
from tui.keymap.bindings import bind
from tui.keymap.keys import fill

FILTER_KEYS: list[BindingType] = [
    bind("open", "keep", "Keep", "Keep the filter, and go back to the rows", show=True),
    bind("down", "keep", "Keep", "Keep the filter, and go back to the rows"),
    bind("close", "clear", "Clear", "Take the filter away", show=True),
]

KEYS = "{open} keeps it · {close} takes it away"


class FilterLine(Input):
    """An input, visible while it is in use, that shows errors on its border.

    Args:
        example: what can be written, shown while the input is empty.
        narrow: sets the filter at every change of the text; raises `SettingError`.
        left: called when the input is closed.
    """

    BORDER_TITLE = "Filter"
    BINDINGS: ClassVar[list[BindingType]] = FILTER_KEYS

    def __init__(
        self, example: str, narrow: Callable[[str], None], left: Callable[[], object]
    ) -> None:
        super().__init__(placeholder=example, compact=True)
        self._narrow, self._left = narrow, left
        self.display = False

    def open(self, text: str) -> None:
        """Show the input with a text, and focus it."""
        self.display = True
        self.value = text
        self.focus()

    def watch_has_focus(self, has_focus: bool) -> None:
        """Name the keys on the border only while they work."""
        super().watch_has_focus(has_focus)
        if not self.has_class("refused"):
            self.border_subtitle = fill(KEYS) if has_focus else ""

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        try:
            self._narrow(event.value)
        except SettingError as error:
            self.add_class("refused")
            self.border_subtitle = Content(f"✗ {error.reason}")
        else:
            self.remove_class("refused")
            self.border_subtitle = fill(KEYS) if self.has_focus else ""

    def action_keep(self) -> None:
        """Close the input; a filter that cannot be read stays in it."""
        if not self.has_class("refused"):
            self._leave()

    def action_clear(self) -> None:
        """Close the input without a filter."""
        self.value = ""
        self._narrow("")
        self._leave()

    def _leave(self) -> None:
        self.display = False
        self._left()

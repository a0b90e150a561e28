"""The input in which one value is typed."""

from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Input

from tui.keymap.bindings import bind


class ValueInput(Input):
    """An input without a border, left by Escape or by losing the focus."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("open", "submit", "Take", "Take the value", show=True),
        bind("close", "leave", "Leave", "Leave the value as it was", show=True),
    ]

    class Left(Message):
        """Escape was pressed: the typed value is not wanted."""

    def __init__(self) -> None:
        super().__init__(compact=True, select_on_focus=True)

    def begin(self, text: str) -> None:
        """Take the focus, with `text` selected."""
        self.value = text
        self.screen.set_focus(self, scroll_visible=False)

    def action_leave(self) -> None:
        """Post `Left`."""
        self.post_message(self.Left())

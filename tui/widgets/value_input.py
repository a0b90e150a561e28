"""The field in which one value is typed."""

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input


class ValueInput(Input):
    """One line without a border; Escape, or going elsewhere, leaves it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Take", id="value.take", tooltip="Take the value"),
        Binding("escape", "leave", "Leave", id="value.leave", tooltip="Leave the value as it was"),
    ]

    class Left(Message):
        """The person does not want the typed value."""

    def __init__(self) -> None:
        super().__init__(compact=True, select_on_focus=True)

    def begin(self, text: str) -> None:
        """Take the keys, with `text` to be typed over."""
        self.value = text
        self.screen.set_focus(self, scroll_visible=False)

    def action_leave(self) -> None:
        """Leave."""
        self.post_message(self.Left())

    def on_blur(self, event: events.Blur) -> None:
        """Leave as well."""
        self.post_message(self.Left())

"""The input line of the filter."""

from collections.abc import Callable

from textual import events, on
from textual.content import Content
from textual.widgets import Input

from core.settings import SettingError

KEYS = "Enter keeps it · Esc takes it away"


class RunFilter(Input):
    """An input, visible while it is in use, that shows errors on its border.

    Args:
        narrow: sets the filter at every change of the text; raises `SettingError`.
        left: called when the input is closed.
    """

    BORDER_TITLE = "Filter"
    BORDER_SUBTITLE = KEYS

    def __init__(self, narrow: Callable[[str], None], left: Callable[[], object]) -> None:
        super().__init__(placeholder="words, or fields: lambda<0.003 state:finished", compact=True)
        self._narrow, self._left = narrow, left
        self.display = False

    def open(self, text: str) -> None:
        """Show the input with a text, and focus it."""
        self.display = True
        self.value = text
        self.focus()

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
            self.border_subtitle = KEYS

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if not self.has_class("refused"):
            self._leave()

    def on_key(self, event: events.Key) -> None:
        """Close the input on Down or Escape; Escape also clears the filter."""
        if event.key == "escape":
            event.stop()
            self.value = ""
            self._narrow("")
            self._leave()
        elif event.key == "down":
            event.stop()
            if not self.has_class("refused"):
                self._leave()

    def _leave(self) -> None:
        self.display = False
        self._left()

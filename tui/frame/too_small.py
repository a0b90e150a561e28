"""The notice that covers the app when the terminal is too small."""

from textual.events import Resize
from textual.widget import Widget
from textual.widgets import Static

SMALLEST = (60, 20)
"""Smallest number of columns and rows for which the panes are laid out."""


class TooSmall(Static):
    """Covers the panes with a notice while the terminal is below the smallest size."""

    _focused: Widget | None = None
    """The widget that had the focus when the terminal became too small."""

    def on_mount(self) -> None:
        """Check the size now and after every layout."""
        self._check_size()
        self.screen.screen_layout_refresh_signal.subscribe(self, lambda _: self._check_size())

    def on_resize(self, _: Resize) -> None:
        """Check the size again."""
        self._check_size()

    def _check_size(self) -> None:
        columns, rows = self.app.size
        was_small, focused = self.screen.has_class("too-small"), self.screen.focused
        small = columns < SMALLEST[0] or rows < SMALLEST[1]
        if small and not was_small and focused is not None:
            self._focused = focused  # Textual takes the focus from a hidden widget
        self.screen.set_class(small, "too-small")
        if was_small and not small and self._focused is not None:
            self.call_after_refresh(self._restore_focus)
        words = (
            f"The terminal has {columns} x {rows} characters; "
            f"Convsole needs {SMALLEST[0]} x {SMALLEST[1]}."
        )
        # An update causes a layout, after which this method is called again.
        if small and self.content != words:
            self.update(words)

    def _restore_focus(self) -> None:
        # A dialog that is closed meanwhile makes Textual focus the first widget, though hidden.
        focused, self._focused = self._focused, None
        if focused is not None and focused.is_on_screen:
            self.screen.set_focus(focused, scroll_visible=False)

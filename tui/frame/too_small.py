"""What stands there when the terminal is too small for anything else."""

from textual.events import Resize
from textual.widget import Widget
from textual.widgets import Static

SMALLEST = (60, 20)
"""Columns and rows below which the panes no longer make sense."""


class TooSmall(Static):
    """Covers the panes below the smallest size and says so."""

    _focused: Widget | None = None
    """What had the focus when the terminal became too small."""

    def on_mount(self) -> None:
        """Look at the size once, then at every change."""
        self._look()
        self.screen.screen_layout_refresh_signal.subscribe(self, lambda _: self._look())

    def on_resize(self, _: Resize) -> None:
        """Look again."""
        self._look()

    def _look(self) -> None:
        columns, rows = self.app.size
        had, focused = self.screen.has_class("too-small"), self.screen.focused
        small = columns < SMALLEST[0] or rows < SMALLEST[1]
        if small and focused is not None:
            self._focused = focused  # what cannot be seen loses the focus
        self.screen.set_class(small, "too-small")
        if had and not small and focused is None and self._focused is not None:
            self.call_after_refresh(self._give_back)
        words = (
            f"The terminal has {columns} x {rows} characters; "
            f"Convsole needs {SMALLEST[0]} x {SMALLEST[1]}."
        )
        if (
            small and self.content != words
        ):  # an update is a new layout, after which this looks again
            self.update(words)

    def _give_back(self) -> None:
        focused, self._focused = self._focused, None
        if self.screen.focused is None and focused is not None and focused.is_on_screen:
            self.screen.set_focus(focused, scroll_visible=False)

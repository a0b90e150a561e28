"""What stands there when the terminal is too small for anything else."""

from textual.events import Resize
from textual.widgets import Static

SMALLEST = (60, 20)
"""Columns and rows below which the panes no longer make sense."""


class TooSmall(Static):
    """Covers the panes below the smallest size and says so."""

    def on_mount(self) -> None:
        """Look at the size once, then at every change."""
        self._look()
        self.screen.screen_layout_refresh_signal.subscribe(self, lambda _: self._look())

    def on_resize(self, _: Resize) -> None:
        """Look again."""
        self._look()

    def _look(self) -> None:
        columns, rows = self.app.size
        small = columns < SMALLEST[0] or rows < SMALLEST[1]
        self.screen.set_class(small, "too-small")
        if small:
            self.update(
                f"The terminal has {columns} x {rows} characters; "
                f"Convsole needs {SMALLEST[0]} x {SMALLEST[1]}."
            )

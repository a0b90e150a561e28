"""The detail of one tensor on its own screen, where it does not fit below the table."""

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen

from core.checks.report import Row
from tui.gradients import text as check_text
from tui.gradients.keys import TENSOR_KEYS
from tui.gradients.tensor_detail import TensorDetail
from tui.keymap.keys import fill
from tui.widgets.modal import ClosesOnce

SLIM = 76
"""Columns below which the two boxes are stacked."""


class TensorScreen(ModalScreen[None], ClosesOnce[None]):
    """Shows one tensor; Escape closes.

    Args:
        row: the tensor.
        eps: floor of the denominator of the relative errors.
    """

    BINDINGS: ClassVar[list[BindingType]] = TENSOR_KEYS

    def __init__(self, row: Row, eps: float) -> None:
        super().__init__()
        self._row = row
        self._eps = eps

    def compose(self) -> ComposeResult:
        """Lay out one scrolling box."""
        with VerticalScroll(id="tensor") as box:
            box.border_title = f"{self._row.name} ─ {check_text.verdict(self._row.verdict)}"
            box.border_subtitle = fill("{close} closes")
            yield TensorDetail()

    def on_mount(self) -> None:
        """Show the tensor."""
        self.query_one(TensorDetail).show(self._row, self._eps)

    def on_resize(self, event: events.Resize) -> None:
        """Stack the boxes if they do not fit side by side."""
        self.set_class(event.size.width < SLIM, "slim")

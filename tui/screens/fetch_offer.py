"""The offer that stands before the first screen where CIFAR-10 is missing."""

from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from core.data import home


class FetchOffer(ModalScreen[bool]):
    """Answers True to fetch CIFAR-10, False to go on with the built-in shapes.

    Args:
        data: the place that the person named, or None.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "answer(True)", "Fetch CIFAR-10", id="offer.fetch"),
        Binding("enter,escape,space", "answer(False)", "Go on without", id="offer.skip"),
        Binding("q", "app.quit", "Quit", id="offer.quit"),
    ]

    def __init__(self, data: Path | None) -> None:
        super().__init__()
        self._place = data or home.data_folder()

    def compose(self) -> ComposeResult:
        """Lay out what is missing and the two ways on."""
        box = Vertical(
            Static(f"There is no CIFAR-10 in {self._place}\n", markup=False),
            Static("[b]Enter[/b]  go on with the built-in set: ten kinds of coloured shapes"),
            Static("[b]f[/b]      fetch CIFAR-10 now: 162 MB, once"),
            id="question",
        )
        box.border_title = "Data"
        yield box

    def action_answer(self, fetch: bool) -> None:
        """Close the offer with an answer."""
        self.dismiss(fetch)

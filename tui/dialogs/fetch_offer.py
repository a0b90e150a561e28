"""The dialog at the start that offers to download CIFAR-10 if it is missing."""

from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from core.data import home
from core.data.layout import LAYOUTS
from core.text_out import visible
from tui.widgets.modal import ClosesOnce


class FetchOffer(ModalScreen[str], ClosesOnce[str]):
    """Returns `fetch` to download CIFAR-10, `skip` to continue or `start` to train without it.

    Args:
        data: the path that the user has given, or None.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "answer('fetch')", "Fetch CIFAR-10", id="offer.fetch"),
        Binding("enter,escape,space", "answer('skip')", "Go on without", id="offer.skip"),
        Binding("s", "answer('start')", "Start", id="offer.start", tooltip="Train without it"),
        Binding("q", "app.quit", "Quit", id="offer.quit"),
    ]

    def __init__(self, data: Path | None) -> None:
        super().__init__()
        self._place = data or home.data_folder()

    def compose(self) -> ComposeResult:
        """Lay out what is missing and the choices."""
        box = Vertical(
            Static(f"There is no CIFAR-10 in {visible(self._place)}\n", markup=False),
            Static("[b]Enter[/b]  go on with the built-in shapes, ten kinds in all colours"),
            Static("[b]s[/b]      train on the built-in shapes at once"),
            Static("[b]f[/b]      fetch CIFAR-10 now: 162 MB, once"),
            Static(f"\n{LAYOUTS[0].archive} works as well, put there by hand"),
            id="question",
        )
        box.border_title = "Data"
        yield box

    def action_answer(self, answer: str) -> None:
        """Close the dialog with an answer."""
        self.dismiss(answer)

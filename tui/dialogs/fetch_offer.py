"""The dialog at the start that offers to download CIFAR-10 if it is missing."""

from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from core.data import home
from core.data.layout import LAYOUTS
from core.text_out import visible
from tui.keymap.bindings import bind
from tui.keymap.keys import key
from tui.widgets.modal import ClosesOnce


class FetchOffer(ModalScreen[str], ClosesOnce[str]):
    """Returns `fetch` to download CIFAR-10, `skip` to continue or `start` to train without it.

    Args:
        data: the path that the user has given, or None.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("yes", "answer('fetch')", "Fetch CIFAR-10", "Download it: 162 MB, once", show=True),
        bind("open", "answer('skip')", "Go on without", "Use the built-in shapes", show=True),
        bind("no", "answer('skip')", "Go on without"),
        bind("close", "answer('skip')", "Go on without"),
        bind("start", "answer('start')", "Start", "Train without it, at once", show=True),
        bind("quit", "app.quit", "Quit", show=True),
    ]

    def __init__(self, data: Path | None) -> None:
        super().__init__()
        self._place = data or home.data_folder()

    def compose(self) -> ComposeResult:
        """Lay out what is missing and the choices."""
        box = Vertical(
            Static(f"There is no CIFAR-10 in {visible(self._place)}\n", markup=False),
            *(
                Static(Content.assemble((f"{key(verb):<5}", "bold"), f"  {words}"))
                for verb, words in (
                    ("open", "go on with the built-in shapes, ten kinds in all colours"),
                    ("start", "train on the built-in shapes at once"),
                    ("yes", "fetch CIFAR-10 now: 162 MB, once"),
                )
            ),
            Static(f"\n{LAYOUTS[0].archive} works as well, put there by hand"),
            id="question",
        )
        box.border_title = "Data"
        yield box

    def action_answer(self, answer: str) -> None:
        """Close the dialog with an answer."""
        self.dismiss(answer)

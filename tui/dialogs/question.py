"""A dialog with a yes-or-no question."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.keymap.bindings import bind
from tui.keymap.keys import key
from tui.widgets.modal import ClosesOnce


class Question(ModalScreen[bool], ClosesOnce[bool]):
    """Returns True for yes, False for no.

    Args:
        title: title of the dialog.
        what: a sentence about the situation.
        yes: what yes does.
        no: what no does.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("yes", "answer(True)", "Yes", show=True),
        bind("no", "answer(False)", "No", show=True),
        bind("close", "answer(False)", "No"),
        bind("quit", "answer(False)", "No"),
    ]

    def __init__(self, title: str, what: str, yes: str, no: str) -> None:
        super().__init__()
        self._words = title, what, yes, no

    def compose(self) -> ComposeResult:
        """Lay out the question and its two answers."""
        title, what, yes, no = self._words
        box = Vertical(
            Static(Content(f"{what}\n"), id="what"),
            Static(_answer("yes", yes), id="yes"),
            Static(_answer("no", no)),
            id="question",
        )
        box.border_title = Content(title)
        yield box

    def change(self, what: str, yes: str) -> None:
        """Change the texts of the question."""
        title, *before, no = self._words
        if before != [what, yes]:
            self._words = title, what, yes, no
            self.query_one("#what", Static).update(Content(f"{what}\n"))
            self.query_one("#yes", Static).update(_answer("yes", yes))

    def action_answer(self, yes: bool) -> None:
        """Close the dialog with an answer."""
        self.dismiss(yes)


def _answer(verb: str, words: str) -> Content:
    return Content.assemble((key(verb), "bold"), f"  {words}")

"""A dialog with a yes-or-no question."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.widgets.modal import ClosesOnce


class Question(ModalScreen[bool], ClosesOnce[bool]):
    """Returns True for y, False for n.

    Args:
        title: title of the dialog.
        what: a sentence about the situation.
        yes: what y does.
        no: what n does.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes", id="question.yes"),
        Binding("n,escape,q", "answer(False)", "No", id="question.no"),
    ]

    def __init__(self, title: str, what: str, yes: str, no: str) -> None:
        super().__init__()
        self._words = title, what, yes, no

    def compose(self) -> ComposeResult:
        """Lay out the question and its two answers."""
        title, what, yes, no = self._words
        box = Vertical(
            Static(Content(f"{what}\n"), id="what"),
            Static(_answer("y", yes), id="yes"),
            Static(_answer("n", no)),
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
            self.query_one("#yes", Static).update(_answer("y", yes))

    def action_answer(self, yes: bool) -> None:
        """Close the dialog with an answer."""
        self.dismiss(yes)


def _answer(key: str, words: str) -> Content:
    return Content.assemble((key, "bold"), f"  {words}")

"""A dialog with one line of text input."""

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Paste
from textual.screen import ModalScreen
from textual.widgets import Input

from tui.keymap.bindings import bind
from tui.keymap.keys import fill
from tui.widgets.explanation import Explanation
from tui.widgets.modal import ClosesOnce


class PathInput(Input):
    """An input that joins the lines of a paste, because dropped files may come one per line."""

    def _on_paste(self, event: Paste) -> None:
        event.prevent_default()  # `Input` would take only the first line
        super()._on_paste(Paste(" ".join(event.text.splitlines())))
        event.stop()


class LineScreen(ModalScreen[str | None], ClosesOnce[str | None]):
    """Returns the text, or None if it was cancelled.

    Args:
        title: title of the dialog.
        text: the initial text.
        meaning: explanation of the input.
        reason: returns why a text is invalid, None if it is valid.
        most: largest number of characters.
        path: whether the text is a path, whose leading and trailing blanks are kept.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("close", "dismiss(None)", "Leave", "Change nothing", show=True),
    ]

    def __init__(
        self,
        title: str,
        text: str,
        meaning: str,
        reason: Callable[[str], str | None] = lambda text: None,
        most: int = 500,
        path: bool = False,
    ) -> None:
        super().__init__()
        self._title, self._text, self._meaning, self._reason = title, text, meaning, reason
        self._most, self._path = most, path

    def compose(self) -> ComposeResult:
        """Lay out the input and its explanation."""
        kind = PathInput if self._path else Input
        line = kind(self._text, max_length=self._most, compact=True)
        box = Vertical(line, Explanation(), id="line")
        box.border_title = Content(self._title)
        box.border_subtitle = fill("Enter takes it · {close} leaves it")
        yield box

    def on_mount(self) -> None:
        """Show the explanation."""
        self.query_one(Explanation).explain(self._meaning)

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        event.stop()
        reason = self._reason(event.value)
        if reason is None:
            self.dismiss(event.value if self._path else event.value.strip())
        else:
            self.query_one(Explanation).refuse(reason)

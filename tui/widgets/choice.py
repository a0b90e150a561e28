"""The dialog in which one of the choices of a setting is taken."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.screen import ModalScreen

from tui.keymap.bindings import bind
from tui.keymap.keys import fill
from tui.widgets.modal import ClosesOnce
from tui.widgets.row_list import CURSOR, RowList


class ChoiceList(RowList):
    """The choices, with the present one under the cursor.

    Args:
        choices: the choices.
        present: the present one.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("open", "open", "Take", "Take this choice", show=True),
    ]

    def __init__(self, choices: Sequence[str], present: str) -> None:
        super().__init__(id="choices")
        self._choices = tuple(choices)
        self.set_reactive(ChoiceList.cursor, self._choices.index(present))

    def count(self) -> int:
        """Return the number of choices."""
        return len(self._choices)

    def lines(self, width: int) -> list[Content]:
        """Return one line per choice."""
        return [
            Content.styled(
                f"{'▸' if item == self.cursor else ' '} {choice}".ljust(width),
                CURSOR if item == self.cursor else "",
            )
            for item, choice in enumerate(self._choices)
        ]

    def action_open(self) -> None:
        """Return the choice under the cursor."""
        self.screen.dismiss(self._choices[self.cursor])


class ChoiceScreen(ModalScreen[str | None], ClosesOnce[str | None]):
    """Returns a choice, or None if the dialog was left.

    Args:
        title: what is chosen.
        choices: the choices.
        present: the present one.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("close", "dismiss", "Leave", "Change nothing", show=True),
        bind("quit", "dismiss", "Leave", "Change nothing"),
    ]

    def __init__(self, title: str, choices: Sequence[str], present: str) -> None:
        super().__init__()
        self._title, self._choices, self._present = title, choices, present

    def compose(self) -> ComposeResult:
        """Lay out the list."""
        box = ChoiceList(self._choices, self._present)
        box.border_title = Content(self._title)
        box.border_subtitle = fill("{open} takes · {close} leaves")
        yield box

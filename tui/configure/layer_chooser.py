"""The dialog that asks for the kind of layer to add."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.screen import ModalScreen

from core.format import cut
from core.layers.registry import kinds
from tui.configure.keys import CHOOSER_KEYS, KIND_KEYS
from tui.keymap.keys import fill
from tui.widgets.modal import ClosesOnce
from tui.widgets.row_list import CURSOR, RowList


class KindList(RowList):
    """The kinds of layer with their descriptions."""

    BINDINGS: ClassVar[list[BindingType]] = KIND_KEYS

    def count(self) -> int:
        """Return the number of kinds."""
        return len(kinds())

    def lines(self, width: int) -> list[Content]:
        """Return one line per kind."""
        lines, widest = [], max(map(len, kinds()))
        for item, (kind, spec) in enumerate(kinds().items()):
            here = item == self.cursor
            text = f"{'▸' if here else ' '} {kind:<{widest}}  {spec.words}"
            style = CURSOR if here else ""
            lines.append(Content.styled(f"{cut(text, width):<{width}}", style))
        return lines

    def action_open(self) -> None:
        """Return the kind under the cursor."""
        self.screen.dismiss(list(kinds())[self.cursor])


class LayerChooser(ModalScreen[str | None], ClosesOnce[str | None]):
    """Returns a kind of layer, or None if the dialog was cancelled.

    Args:
        place: description of the layer's position, for the title.
    """

    BINDINGS: ClassVar[list[BindingType]] = CHOOSER_KEYS

    def __init__(self, place: str) -> None:
        super().__init__()
        self._place = place

    def compose(self) -> ComposeResult:
        """Lay out the list."""
        kinds = KindList(id="kinds")
        kinds.border_title = f"Add {self._place}"
        kinds.border_subtitle = fill("{open} adds · {close} closes")
        yield kinds

"""A grid of small captioned pictures."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import ItemGrid, Vertical
from textual.widgets import Static

from tui.half_cells import half_cells
from tui.widgets.picture_cells import Card, resized, size_of


class PictureGrid(ItemGrid):
    """Shows pictures in half cells, which work in every colour terminal.

    Args:
        cards: the pictures.
        columns: width of a picture in columns; a square picture has half as many rows.
    """

    def __init__(self, cards: Sequence[Card], columns: int) -> None:
        # One more than a picture has: ItemGrid counts the gutter between rows, not columns.
        super().__init__(min_column_width=columns + 1)
        self._cards, self._columns = cards, columns

    def compose(self) -> ComposeResult:
        """Lay out every picture over its caption."""
        for card in self._cards:
            height, width, channels = card.pixels.shape
            size = size_of((height, width, channels), self._columns)
            yield Vertical(Static(half_cells(resized(card.pixels, *size))), Static(card.words))

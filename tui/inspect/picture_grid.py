"""A grid of small captioned pictures."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from textual.app import ComposeResult
from textual.containers import ItemGrid, Vertical
from textual.content import Content
from textual.widgets import Static

from core.data.colours import in_colour
from tui.half_cells import half_cells


@dataclass(frozen=True, eq=False)
class Card:
    """A picture and its caption."""

    pixels: npt.NDArray[np.uint8]
    """Pixels (H, W, C)."""
    words: Content


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
        # Imported here because the rest of the app does not need this library.
        from PIL import Image

        for card in self._cards:
            picture = Image.fromarray(in_colour(card.pixels))
            rows = max(1, self._columns * picture.height // picture.width // 2)
            size = self._columns, 2 * rows
            kind = Image.Resampling.NEAREST if picture.width < size[0] else Image.Resampling.BOX
            cells = half_cells(np.asarray(picture.resize(size, kind)))
            yield Vertical(Static(cells), Static(card.words))

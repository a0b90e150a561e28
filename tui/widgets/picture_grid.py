"""Small pictures with a line or two below each, as many in a row as fit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from textual import events
from textual.app import ComposeResult
from textual.containers import Grid, Vertical
from textual.content import Content
from textual.widgets import Static


@dataclass(frozen=True, eq=False)
class Card:
    """One picture."""

    pixels: npt.NDArray[np.uint8]
    """(h, w, 3)."""
    words: Content


class PictureGrid(Grid):
    """Shows pictures in half cells, which every terminal can.

    Args:
        cards: the pictures.
        columns: of a picture; half as many rows.
    """

    def __init__(self, cards: Sequence[Card], columns: int) -> None:
        super().__init__()
        self._cards, self._columns = cards, columns

    def compose(self) -> ComposeResult:
        """Lay out every picture over its words."""
        # Here, because it is a library that nothing else needs.
        from PIL import Image
        from textual_image.widget import HalfcellImage

        for card in self._cards:
            picture = Image.fromarray(card.pixels)
            size = self._columns, self._columns * picture.height // picture.width
            kind = Image.Resampling.NEAREST if picture.width < size[0] else Image.Resampling.BOX
            image: Any = HalfcellImage(picture.resize(size, kind))
            image.styles.width, image.styles.height = size[0], max(1, size[1] // 2)
            yield Vertical(image, Static(card.words))

    def on_resize(self, event: events.Resize) -> None:
        """Put as many in a row as fit."""
        self.styles.grid_size_columns = max(1, event.size.width // (self._columns + 2))

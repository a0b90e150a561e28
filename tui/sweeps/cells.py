"""A drawing in character cells: texts, signs, and lines of braille dots, each with a style."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

DOTS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
"""Bits of the dots of a braille character: four rows of two."""

BRAILLE = 0x2800

ACROSS, DOWN = 2, 4
"""Dots in a cell."""

FULL, DENSEST = 0.5, 0.3
"""Part of the dots from which an area counts as full, and part that is then drawn."""

Mask = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]
Array = npt.NDArray[np.float64]


class Cells:
    """A grid of characters with styles, which are numbers until it is drawn.

    Args:
        width: columns.
        height: rows.
    """

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.codes = np.full((height, width), ord(" "), np.int32)
        self.styles = np.zeros((height, width), np.int16)

    def text(self, x: int, y: int, text: str, style: int) -> None:
        """Write a text, cut where the grid ends."""
        if not 0 <= y < self.height:
            return
        for at, char in enumerate(text, x):
            if 0 <= at < self.width:
                self.codes[y, at], self.styles[y, at] = ord(char), style

    def dots(self, mask: Mask, style: int) -> None:
        """Draw dots over what is there.

        Args:
            mask: where a dot is; shape (4 height, 2 width).
            style: their style.
        """
        parts = mask.reshape(self.height, DOWN, self.width, ACROSS)
        codes = np.einsum("ydxa,da->yx", parts.astype(np.int32), DOTS)
        drawn = codes > 0
        self.codes[drawn] = BRAILLE + codes[drawn]
        self.styles[drawn] = style

    def strips(self, styles: Sequence[Style]) -> list[Strip]:
        """Return the lines, with the style of each number."""
        return [self._strip(row, styles) for row in range(self.height)]

    def _strip(self, row: int, styles: Sequence[Style]) -> Strip:
        numbers = self.styles[row]
        starts = [0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist(), self.width]
        text = "".join(map(chr, self.codes[row].tolist()))
        segments = [
            Segment(text[start:end], styles[int(numbers[start])])
            for start, end in pairwise(starts)
            if end > start
        ]
        return Strip(segments, self.width)

    def plain(self) -> list[str]:
        """Return the lines without styles."""
        return ["".join(map(chr, row)).rstrip() for row in self.codes.tolist()]


def strokes(left: Array, right: Array, columns: int, rows: int) -> Counts:
    """Count at each dot straight lines from the left edge of an area to its right edge.

    A line covers in each column all dots between where it enters and where it leaves.

    Args:
        left: heights at the left edge, 0 for the upper edge and 1 for the lower; one a line.
        right: heights at the right edge.
        columns: dots across, at least 1.
        rows: dots down.

    Returns:
        How many lines there are; shape (rows, columns).
    """
    edges = np.linspace(0, 1, columns + 1, dtype=np.float32)
    begin = left.astype(np.float32)[:, None]
    heights = begin + (right.astype(np.float32)[:, None] - begin) * edges
    dots = np.rint(heights * np.float32(rows - 1)).astype(np.int32).clip(0, rows - 1)
    top, bottom = np.minimum(dots[:, :-1], dots[:, 1:]), np.maximum(dots[:, :-1], dots[:, 1:])
    # The dot between two columns belongs to the one that it is not the lowest of; the ends stay.
    shared, down = bottom > top, dots[:, 1:] > dots[:, :-1]
    shared[:, -1] &= ~down[:, -1]
    shared[:, 0] &= down[:, 0]
    bottom -= shared
    across = np.arange(columns, dtype=np.int32)
    size = (rows + 1) * columns
    began = np.bincount((top * columns + across).ravel(), minlength=size)
    ended = np.bincount(((bottom + 1) * columns + across).ravel(), minlength=size)
    counts = (began - ended).reshape(rows + 1, columns).cumsum(axis=0)
    return np.asarray(counts[:rows])


def thinned(counts: Counts) -> Mask:
    """Return the dots to draw: all that have a line, or of a full area those with the most."""
    drawn = np.asarray(counts > 0)
    if drawn.mean() <= FULL:
        return drawn
    # A full area shows nothing; its denser half shows where most lines run.
    return np.asarray(counts > np.quantile(counts, 1 - DENSEST))

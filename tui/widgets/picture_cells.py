"""Pictures of any shape in half cells, at a size in columns and rows."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from textual.content import Content

from core.data.colours import as_curves, in_colour, is_sequence
from core.data.dataset import Shape

Pixels = npt.NDArray[np.uint8]

SEQUENCE_RATIO = 4
"""Columns for each row of a sequence, whose curves are as high as there is room."""

GROUND, AREA = 32, 72
"""Value of every colour behind the curves of a sequence, and below the first curve."""

CURVES = ((240, 240, 240), (230, 140, 0), (70, 120, 220))
"""Colours of the curves, of different lightness, so that they are told apart without colour."""


@dataclass(frozen=True, eq=False)
class Card:
    """A picture and its caption."""

    pixels: Pixels
    """Pixels (H, W, C)."""
    words: Content


def size_of(shape: Shape, columns: int, most_rows: int | None = None) -> tuple[int, int]:
    """Return columns and rows of a picture that is at most so wide and high, undistorted.

    Args:
        shape: height, width and channels of the image; a sequence is drawn as curves.
        columns: largest width.
        most_rows: largest height; None for any.
    """
    height, width, _ = shape
    if is_sequence(shape):
        rows = max(1, columns // SEQUENCE_RATIO)
        return columns, rows if most_rows is None else max(1, min(rows, most_rows))
    rows = max(1, columns * height // width // 2)
    if most_rows is not None and rows > most_rows:
        rows = max(1, most_rows)
        columns = max(1, min(columns, round(2 * rows * width / height)))
    return columns, rows


def resized(image: Pixels, columns: int, rows: int) -> Pixels:
    """Return an image (H, W, C) with a pixel for each half of `rows` lines of `columns` cells."""
    # Imported here because the rest of the app does not need this library.
    from PIL import Image

    size = columns, 2 * rows
    if is_sequence((image.shape[0], image.shape[1], image.shape[2])):
        return _sequence(image, *size)
    picture = Image.fromarray(in_colour(image))
    kind = Image.Resampling.NEAREST if picture.width < columns else Image.Resampling.BOX
    return np.asarray(picture.resize(size, kind))


def _sequence(image: Pixels, width: int, height: int) -> Pixels:
    """Return a sequence as a picture, uint8 (height, width, 3).

    Up to three channels are curves, with the area below the first; more are a row of grey each,
    from the first channel at the top to the last.
    """
    steps = as_curves(image)
    at = np.minimum(np.arange(width) * len(steps) // width, len(steps) - 1)
    shown, count = steps[at], steps.shape[1]
    if count > len(CURVES):
        grey: Pixels = shown[:, np.arange(height) * count // height].T
        return np.repeat(grey[..., None], 3, axis=2)
    lines = height - 1 - np.rint(shown / 255 * (height - 1)).astype(np.int64)
    y = np.arange(height)[:, None]
    picture: Pixels = np.full((height, width, 3), GROUND, np.uint8)
    picture[y >= lines[:, 0]] = AREA
    for channel in reversed(range(count)):
        # From the value before to this one, so that the curve is not torn where it is steep.
        now = lines[:, channel]
        before = np.concatenate([now[:1], now[:-1]])
        picture[(y >= np.minimum(before, now)) & (y <= np.maximum(before, now))] = CURVES[channel]
    return picture

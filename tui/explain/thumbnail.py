"""Tiny pictures of layers, beside their names."""

import numpy as np
import numpy.typing as npt
from textual.color import Color
from textual.content import Content
from textual.style import Style

from core.data.colours import in_colour
from core.explain import Trace
from core.explain.trace import BYTES
from tui.explain.grid import Form, Values
from tui.explain.paint import SHADES, Palette, coloured
from tui.half_cells import CELL

WIDTH = 6
"""Columns of a thumbnail."""

Pixels = npt.NDArray[np.uint8]


def small(values: Values, rows: int, columns: int) -> Values:
    """Return a picture at another size, with the value furthest from 0 of what each cell covers."""
    found = np.zeros((rows, columns))
    down, across = _edges(values.shape[0], rows), _edges(values.shape[1], columns)
    for row in range(rows):
        for column in range(columns):
            block = np.nan_to_num(values[slice(*down[row]), slice(*across[column])]).reshape(-1)
            found[row, column] = block[np.abs(block).argmax()]
    return found


def _edges(size: int, parts: int) -> list[tuple[int, int]]:
    """Return where each of `parts` begins and ends, each with at least one of `size`."""
    starts = np.arange(parts) * size // parts
    ends = np.maximum(starts + 1, (np.arange(parts) + 1) * size // parts)
    return list(zip(starts.tolist(), ends.tolist(), strict=True))


def lines(
    trace: Trace, name: str, gradients: bool, height: int, palette: Palette | None
) -> list[Content]:
    """Return the picture of a layer, that of the channel with the value furthest from 0.

    Args:
        trace: the trace.
        name: name of the layer.
        gradients: whether the gradients are drawn; a layer without any is blank.
        height: number of lines.
        palette: the colours; None for signs.
    """
    node = trace.node(name)
    array = node.dy if gradients else node.y
    if array is None or not array[trace.image].ndim:
        return [Content(" " * WIDTH)] * height
    values = np.nan_to_num(np.asarray(array[trace.image], np.float64))
    form = Form.of(values.shape)
    at = tuple(int(k) for k in np.unravel_index(np.abs(values).argmax(), values.shape))
    largest, picture = float(np.abs(values).max()), form.values(values, form.channel(at))
    if palette is None:
        return [Content("".join(row)) for row in _signs(small(picture, height, WIDTH), largest)]
    if name == BYTES and values.ndim == 3:
        rows, columns = (
            [start for start, _ in _edges(size, parts)]
            for size, parts in zip(values.shape[:2], (2 * height, WIDTH), strict=True)
        )
        pixels = in_colour(trace.values(BYTES)[rows][:, columns])
    else:
        pixels = coloured(small(picture, 2 * height, WIDTH), largest, palette)
    return [_cells(upper, lower) for upper, lower in zip(pixels[::2], pixels[1::2], strict=True)]


def _cells(upper: Pixels, lower: Pixels) -> Content:
    pairs = zip(upper.tolist(), lower.tolist(), strict=True)
    return Content.assemble(
        *(
            (CELL, Style(foreground=Color(*above), background=Color(*below)))
            for above, below in pairs
        )
    )


def _signs(values: Values, largest: float) -> list[list[str]]:
    sizes = np.ceil(np.abs(values) / (largest or 1.0) * (len(SHADES) - 1)).astype(int)
    return [
        ["-" if value < 0 and size else SHADES[size] for value, size in zip(*row, strict=True)]
        for row in zip(values.tolist(), sizes.tolist(), strict=True)
    ]

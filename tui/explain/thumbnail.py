"""Tiny pictures of layers, beside their names."""

import numpy as np
import numpy.typing as npt
from rich.segment import Segment

from core.data.colours import in_colour
from core.explain import Trace
from core.explain.trace import BYTES
from tui.explain.grid import Form, Values
from tui.explain.paint import PLAIN, SHADES, Lines, Palette, coloured
from tui.half_cells import half_cell_lines

WIDTH = 6
"""Columns of a thumbnail."""


def small(values: Values, rows: int, columns: int) -> Values:
    """Return a picture at another size, with the value furthest from 0 of what each cell covers."""
    down, across = _starts(values.shape[0], rows), _starts(values.shape[1], columns)
    # Where a picture is smaller, starts repeat, and the value there alone counts.
    most, least = (
        each.reduceat(each.reduceat(values, down, axis=0), across, axis=1)
        for each in (np.maximum, np.minimum)
    )
    found: Values = np.where(most < -least, least, most)
    return found


def _starts(size: int, parts: int) -> npt.NDArray[np.intp]:
    """Return where each of `parts` of an axis begins."""
    return np.arange(parts) * size // parts


def lines(trace: Trace, name: str, gradients: bool, height: int, palette: Palette | None) -> Lines:
    """Return the picture of a layer, that of the channel with the value furthest from 0.

    Args:
        trace: the trace.
        name: name of the layer.
        gradients: whether the gradients are drawn; a layer without any has none.
        height: number of lines.
        palette: the colours; None for signs.
    """
    node = trace.node(name)
    array = node.dy if gradients else node.y
    if array is None or not array[trace.image].ndim:
        return [[]] * height
    values = array[trace.image]
    if not np.isfinite(values).all():
        values = np.nan_to_num(values)
    sizes, form = np.abs(values), Form.of(values.shape)
    at = tuple(int(k) for k in np.unravel_index(sizes.argmax(), values.shape))
    largest, picture = float(sizes[at]), np.nan_to_num(form.values(values, form.channel(at)))
    if palette is None:
        return _signs(small(picture, height, WIDTH), largest)
    if name == BYTES and values.ndim == 3:
        rows, columns = (
            _starts(size, parts)
            for size, parts in zip(values.shape[:2], (2 * height, WIDTH), strict=True)
        )
        pixels = in_colour(trace.values(BYTES)[rows][:, columns])
    else:
        pixels = coloured(small(picture, 2 * height, WIDTH), largest, palette)
    return half_cell_lines(pixels)


def _signs(values: Values, largest: float) -> Lines:
    """Return signed values in shades, one column a value."""
    sizes = np.ceil(np.abs(values) / (largest or 1.0) * (len(SHADES) - 1)).astype(int)
    signs = np.where((values < 0) & (sizes > 0), "-", np.array(list(SHADES))[sizes])
    # A filter for terminals without colours takes no segment without a style.
    return [[Segment("".join(row), PLAIN)] for row in signs.tolist()]

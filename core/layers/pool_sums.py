"""The sums behind the numbers of the layers that pool windows."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from core.layers.explanation import Exact, Observed, Place, Places, Sum, Terms
from core.layers.windows import Windows
from core.nn.pooling import Pooling

Shares = Callable[[Exact], Exact]
"""Returns the factor of each value (n,) of a window, the padding among them."""


def largest(values: Exact) -> Exact:
    """Return 1 for the first of the largest values, 0 for the others."""
    share: Exact = (np.arange(len(values)) == values.argmax()).astype(np.float64)
    return share


def equal(values: Exact) -> Exact:
    """Return the same share for all values."""
    return np.full(len(values), 1 / len(values))


def value(seen: Observed, at: Place, shares: Shares) -> Sum:
    """Return an output: the values of its window, each times its share."""
    assert isinstance(seen.layer, Pooling)
    windows = Windows.of(seen.layer)
    row, column, channel = windows.output(at)
    rows, columns, inside, x = _window(seen, windows, row, column, channel)
    places = windows.inputs(rows, columns, np.full(len(rows), channel))
    return Sum(Terms.of(places, x, shares(x), inside))


def gradient(seen: Observed, at: Place, shares: Shares) -> Sum:
    """Return the gradient of an input: from every window that covers it, times its share there."""
    layer = seen.layer
    assert isinstance(layer, Pooling)
    windows = Windows.of(layer)
    row, column, channel = windows.input(at)
    i, j, u, v = windows.covering(row, column)
    dy = seen.dy[seen.image].reshape(layer.output_image)[i, j, channel]
    own = [
        shares(_window(seen, windows, down, across, channel)[3])[number]
        for down, across, number in zip(i, j, u * layer.filter[1] + v, strict=True)
    ]
    return Sum(Terms.of(windows.outputs(i, j, np.full(len(i), channel)), dy, own))


def _window(
    seen: Observed, windows: Windows, row: int, column: int, channel: int
) -> tuple[Places, Places, npt.NDArray[np.bool_], Exact]:
    """Return rows, columns, which of them are inside, and the values of a window, row by row."""
    assert isinstance(seen.layer, Pooling)
    down, across = windows.pixels(row, column)
    rows, columns = np.repeat(down, len(across)), np.tile(across, len(down))
    inside = windows.inside(rows, columns)
    x = np.full(len(rows), seen.layer.outside, np.float64)
    image = seen.x[seen.image].reshape(windows.image)
    x[inside] = image[rows[inside], columns[inside], channel]
    return rows, columns, inside, x

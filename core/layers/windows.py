"""Which values a window of a layer covers, and which windows cover a value."""

from dataclasses import dataclass

import numpy as np

from core.layers.explanation import Place, Places
from core.nn.arrays import Shape
from core.nn.convolution import Convolution
from core.nn.pooling import Pooling


@dataclass(frozen=True)
class Windows:
    """The windows of a layer on its input, as places.

    A sequence counts as an image of one column, and so does an image that a 1-D convolution reads
    as a sequence of its rows.
    """

    filter: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int]
    dilation: tuple[int, int]
    grid: tuple[int, int]
    """Number of windows down and across."""
    image: tuple[int, int, int]
    """Rows, columns and channels of the input."""
    input_shape: Shape
    output_shape: Shape

    @classmethod
    def of(cls, layer: Convolution | Pooling) -> "Windows":
        """Return the windows of a layer."""
        dilation = layer.dilation if isinstance(layer, Convolution) else (1, 1)
        return cls(
            layer.filter,
            layer.stride,
            layer.padding,
            dilation,
            layer.grid,
            layer.image_shape,
            layer.input_shape,
            layer.output_shape,
        )

    def output(self, at: Place) -> tuple[int, int, int]:
        """Return row, column and channel of an output."""
        return (at[0], 0, at[1]) if len(at) == 2 else (at[0], at[1], at[2])

    def input(self, at: Place) -> tuple[int, int, int]:
        """Return row, column and channel of an input."""
        if self.input_shape == self.image:
            return at[0], at[1], at[2]
        return at[0], 0, int(np.ravel_multi_index(at[1:], self.input_shape[1:]))

    def inputs(self, rows: Places, columns: Places, channels: Places) -> Places:
        """Return places of the input, which may lie outside of it."""
        if self.input_shape == self.image:
            return np.stack([rows, columns, channels], axis=1)
        rest = np.unravel_index(channels, self.input_shape[1:])
        return np.stack([rows, *rest], axis=1)

    def outputs(self, rows: Places, columns: Places, channels: Places) -> Places:
        """Return places of the output."""
        if len(self.output_shape) == 2:
            return np.stack([rows, channels], axis=1)
        return np.stack([rows, columns, channels], axis=1)

    def pixels(self, row: int, column: int) -> tuple[Places, Places]:
        """Return the rows and the columns that the window at (row, column) covers."""
        down, across = (
            at * s - p + d * np.arange(f)
            for at, s, p, d, f in zip(
                (row, column), self.stride, self.padding, self.dilation, self.filter, strict=True
            )
        )
        return down, across

    def inside(self, rows: Places, columns: Places) -> "np.typing.NDArray[np.bool_]":
        """Return which pixels lie inside of the image."""
        height, width, _ = self.image
        inside: np.typing.NDArray[np.bool_] = (
            (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
        )
        return inside

    def covering(self, row: int, column: int) -> tuple[Places, Places, Places, Places]:
        """Return the windows that cover a pixel, and where in each of them the pixel is.

        Returns:
            Their rows, their columns, and the row and the column within the window, each (n,).
        """
        (i, u), (j, v) = (
            _covering(at, *axis)
            for at, axis in zip(
                (row, column),
                zip(self.stride, self.padding, self.dilation, self.filter, self.grid, strict=True),
                strict=True,
            )
        )
        down, across = product(np.arange(len(i)), np.arange(len(j)))
        return i[down], j[across], u[down], v[across]


def _covering(
    at: int, stride: int, padding: int, dilation: int, size: int, windows: int
) -> tuple[Places, Places]:
    """Return along one axis the windows that cover a pixel, and its number in each."""
    number = np.arange(size)
    start = at + padding - dilation * number
    window = start // stride
    fits = (start % stride == 0) & (window >= 0) & (window < windows)
    return window[fits], number[fits]


def product(*axes: Places) -> tuple[Places, ...]:
    """Return all combinations of values, the last one changing first, each (n,)."""
    return tuple(grid.reshape(-1) for grid in np.meshgrid(*axes, indexing="ij"))

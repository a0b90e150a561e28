"""The convolution with few channels and filters: several outputs from one wider patch."""

import numpy as np

from core.nn.arrays import Array, Shape
from core.nn.buffers import Buffers
from core.nn.conv import Conv2d
from core.nn.kernels.im2col import Patches
from core.nn.layer import Mode, ShapeError
from core.nn.window import Pair

FEW = 6
"""Largest number of channels: more of them make lines of a patch that are copied well as they are,
and the shorter way back of `Conv2d` is faster for them."""

WIDEST = 32
"""Number of columns up to which more outputs from one patch are faster. Products of so many columns
run well; with more of them, the zeros cost as much as the copies that they save."""

MOST = 4
"""Largest number of outputs from one patch."""


def tile(places: int, filter: Pair, channels: int, filters: int) -> int:
    """Return how many neighbouring outputs are best computed from one patch; 1 for no tiling.

    Measured for lines of 14 to 32 pixels, filters of 3 to 7 pixels, strides of 1 and 2 and 1 to 10
    channels.

    Args:
        places: outputs in a line.
        filter: height and width of a filter.
        channels: channels of the input.
        filters: number of filters.
    """
    if filter[1] == 1 or channels > FEW or filters > WIDEST:
        return 1
    widest = max(WIDEST, 2 * filters)
    return max(t for t in range(1, MOST + 1) if places % t == 0 and t * filters <= widest)


class TiledConv2d(Conv2d):
    """Convolution that computes t neighbouring outputs of a line from one patch.

    With few channels im2col is made of short copies, and its products of few columns. But t filter
    positions side by side lie within a patch that is only (t - 1) s pixels wider, and the filters
    at all of them are the columns of one matrix: each filter t times, every time s pixels further
    to the right, between zeros. So there is one patch, and one row of the product, for t outputs;
    in memory such a row is exactly these outputs.

        forward    Y (N Ho Wo / t, t F) = P' W' + b
        backward   dW' = P'^T dY, of which dW sums up the t parts that are no zeros

    The zeros are multiplied as well: t (kw + (t - 1) s) / (t kw) times as much work, which short
    lines of the copies outweigh.

    Shapes and arguments as in `Convolution`, without dilation and groups.

    Args:
        tile: t, which divides the outputs in a line.

    Raises:
        ShapeError: as `Convolution`, or if t does not divide the outputs in a line.
    """

    def __init__(
        self,
        input_shape: Shape,
        filter: int | Pair,
        filters: int,
        stride: int | Pair = 1,
        padding: int | Pair = 0,
        biased: bool = True,
        *,
        tile: int,
    ) -> None:
        super().__init__(input_shape, filter, filters, stride, padding, biased)
        (kh, kw), (sh, sw), (down, across) = self.filter, self.stride, self.grid
        if tile < 1 or across % tile:
            raise ShapeError(f"{across} outputs in a line cannot be computed {tile} at a time")
        self.tile = tile
        wide = kh, kw + (tile - 1) * sw
        self.patches = Patches(
            self.image_shape, wide, (sh, sw * tile), self.padding, (down, across // tile)
        )
        self.block, self.back = self.patches.block, None

    def buffers(self, make: Buffers) -> None:
        """Allocate also the wide filter matrix, whose zeros stay zeros, and its gradient."""
        super().buffers(make)
        self.wide = make.fixed(self._matrix_shape, fill=0.0)
        self.dwide = make.scratch(self._matrix_shape)

    def forward(self, x: Array, mode: Mode) -> Array:
        """Return y (N, Ho, Wo, F) for x (N, H, W, C)."""
        for part in self._parts(self.wide):
            np.copyto(part, self.weight)
        return super().forward(x, mode)

    def backward(self, dy: Array) -> Array | None:
        """Write dW and db; return dx (N, H, W, C), or None."""
        dx = super().backward(dy)
        first, *others = self._parts(self.dwide)
        np.copyto(self.dweight, first)
        for part in others:
            np.add(self.dweight, part, out=self.dweight)
        return dx

    @property
    def _matrix_shape(self) -> tuple[int, int]:
        return self.patches.size, self.tile * self.filters

    def _filter_matrix(self) -> Array:
        return self.wide

    def _gradient_matrix(self) -> Array:
        return self.dwide

    def _parts(self, matrix: Array) -> list[Array]:
        """Return the views (kh, kw, C, F) of the filters in a wide matrix, for each position."""
        by_place = matrix.reshape(*self.patches.filter, self.channels, self.tile, self.filters)
        (_, kw), (_, step) = self.filter, self.stride
        return [by_place[:, t * step : t * step + kw, :, t] for t in range(self.tile)]

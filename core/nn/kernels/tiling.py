"""The convolution with few channels and filters: several outputs from one wider patch."""

from math import prod

import numpy as np

from core.nn.arrays import Array, Shape
from core.nn.buffers import Buffers
from core.nn.conv import Conv2d
from core.nn.kernels.im2col import Patches
from core.nn.layer import Mode, ShapeError
from core.nn.window import Pair

FEW = 6
"""Largest number of channels for which up to `MOST` outputs come from one patch."""

WIDEST = 32
"""Number of columns up to which more outputs from one patch are faster. Products of so many columns
run well; with more of them, the zeros cost as much as the copies that they save."""

MOST = 4
"""Largest number of outputs from one patch."""

SOME, SOME_UNPACKED = 12, 16
"""Largest number of channels and of filters for which two outputs come from one patch; the same if
matrix products are in parts (see `core.nn.kernels.unpacked`): those lose less by the zeros."""


def tile(layer: Conv2d, unpacked: bool = False) -> int:
    """Return how many neighbouring outputs are best computed from one patch; 1 for no tiling.

    Measured for lines of 14 to 32 pixels, filters of 3 to 7 pixels, strides of 1 and 2 and 1 to 24
    channels.

    Args:
        layer: the convolution without tiles.
        unpacked: whether its matrix products are in parts.
    """
    channels, filters, (_, across) = layer.channels, layer.filters, layer.grid
    if layer.filter[1] == 1 or layer.dilation != (1, 1):
        return 1
    if channels <= FEW and filters <= WIDEST:
        widest = max(WIDEST, 2 * filters)
        return max(t for t in range(1, MOST + 1) if across % t == 0 and t * filters <= widest)
    # Adding up the gradients of wide patches would cost more than is saved.
    by_convolution = layer.back is not None and layer.image_shape[1] % 2 == 0
    some = SOME_UNPACKED if unpacked else SOME
    return 2 if across % 2 == 0 and by_convolution and max(channels, filters) <= some else 1


def tiled(layer: Conv2d, unpacked: bool = False) -> Conv2d:
    """Return the convolution with as many outputs from one patch as `tile` returns."""
    count = tile(layer, unpacked)
    if count == 1:
        return layer
    return TiledConv2d(
        layer.image_shape,
        layer.filter,
        layer.filters,
        layer.stride,
        layer.padding,
        layer.biased,
        tile=count,
    )


class TiledConv2d(Conv2d):
    """Convolution that computes t neighbouring outputs of a line from one patch.

    With few channels im2col is made of short copies, and its products of few columns. But t filter
    positions side by side lie within a patch that is only (t - 1) s pixels wider, and the filters
    at all of them are the columns of one matrix: each filter t times, every time s pixels further
    to the right, between zeros. So there is one patch, and one row of the product, for t outputs;
    in memory such a row is exactly these outputs.

        forward    Y (N Ho Wo / t, t F) = P' W' + b
        backward   dW' = P'^T dY, of which dW sums up the t parts that are no zeros

    and so on the way back by convolution (see `Conv2d`), with the rotated filters.

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
        self.block = self.patches.block
        back, (height, width, _) = self.back, self.image_shape
        self.back = None
        if back is not None and width % tile == 0:
            self.back = Patches(
                self.output_image, wide, (1, tile), back.padding, (height, width // tile)
            )

    def buffers(self, make: Buffers) -> None:
        """Allocate also the wide matrices, whose zeros stay zeros, and their gradients."""
        super().buffers(make)
        self.wide = make.fixed(self._matrix_shape, fill=0.0)
        self.dwide = make.scratch(self._matrix_shape)
        if self.back is not None and self.needs_input_gradient:
            self.wide_turned = make.fixed(self._back_shape, fill=0.0)
            self.dwide_turned = make.scratch(self._back_shape)

    def forward(self, x: Array, mode: Mode) -> Array:
        """Return y (N, Ho, Wo, F) for x (N, H, W, C)."""
        self._repeat(self.weight, self.wide)
        return super().forward(x, mode)

    def _by_patches(self, dy: Array) -> None:
        super()._by_patches(dy)
        self._sum_up(self.dwide, self.dweight)

    @property
    def _matrix_shape(self) -> tuple[int, int]:
        return self.patches.size, self.tile * self.filters

    def _filter_matrix(self) -> Array:
        return self.wide

    def _gradient_matrix(self) -> Array:
        return self.dwide

    @property
    def _back_shape(self) -> tuple[int, int]:
        return prod(self.patches.filter) * self.filters, self.tile * self.channels

    def _turned_matrix(self) -> Array:
        self._repeat(self.turned, self.wide_turned)
        return self.wide_turned

    def _turned_gradient_matrix(self) -> Array:
        return self.dwide_turned

    def _sum_turned_gradient(self) -> None:
        self._sum_up(self.dwide_turned, self.dturned)

    def _repeat(self, filters: Array, wide: Array) -> None:
        """Write filters (kh, kw, C, F) to their positions in a wide matrix."""
        for part in self._parts(wide, filters):
            np.copyto(part, filters)

    def _sum_up(self, dwide: Array, dfilters: Array) -> None:
        """Write the gradient of filters (kh, kw, C, F), the sum of those at all positions."""
        first, *others = self._parts(dwide, dfilters)
        np.copyto(dfilters, first)
        for part in others:
            np.add(dfilters, part, out=dfilters)

    def _parts(self, wide: Array, filters: Array) -> list[Array]:
        """Return the views of the filters in a wide matrix, for each position."""
        kh, kw, channels, count = filters.shape
        by_place = wide.reshape(kh, -1, channels, self.tile, count)
        step = self.stride[1]
        return [by_place[:, t * step : t * step + kw, :, t] for t in range(self.tile)]

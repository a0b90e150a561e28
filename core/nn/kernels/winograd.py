"""The 3x3 convolution by Winograd's algorithm."""

import numpy as np
from numpy.lib.stride_tricks import as_strided

from core.nn.arrays import Array, Shape
from core.nn.buffers import Buffers
from core.nn.convolution import Convolution
from core.nn.kernels.zero_windows import ZeroWindows
from core.nn.layer import Mode, ShapeError
from core.nn.window import Pair, opaque_rows, pair

SIDE, TILE, FILTER = 4, 6, 3
"""Outputs of a tile along one axis, the inputs that they need, and the weights."""

BLOCK_ENTRIES = 256 * 1024
"""Values of transformed tiles that are processed at a time, so that they stay in cache."""

CHANNEL_COST, FILTER_COST = 17, 6
"""Cost of the transforms of a channel and of a filter, by what one filter saves for one channel.

Fitted to times of both ways, 8 to 64 channels and filters, forward and backward. A channel costs
more than a filter: it is transformed on the way forward and twice on the way back.
"""

POINTS = (0.0, 2 / 3, -2 / 3, 3 / 2, -3 / 2)
"""Points at which polynomials are evaluated; infinity is the sixth.

Any five would do. The usual 0, 1, -1, 2, -2 give rounder numbers but twice the rounding errors:
the powers of these points stay closer to 1.
"""


def _maps() -> tuple[Array, Array, Array]:
    """Return B^T (6, 6), G (6, 3) and A^T (4, 6).

    A product of polynomials with 4 and 3 coefficients has 6 coefficients. Its values at 6 points
    determine it, and each value takes one multiplication: G and A evaluate the factors, and the
    inverse of V, which evaluates the product, recovers the coefficients. Multiplying polynomials is
    convolution; its transpose is correlation, which networks use: y = A^T ((G w) * (V^-T d)).
    Toom 1963, Cook 1966.
    """
    evaluations = [np.vander(POINTS, count, increasing=True) for count in (TILE, FILTER, SIDE)]
    # At infinity only the highest coefficient counts.
    product, weight, side = (np.vstack([each, np.eye(each.shape[1])[-1]]) for each in evaluations)
    return np.linalg.inv(product).T, weight, side.T


INPUT, WEIGHT, OUTPUT = _maps()
INPUT_2D, WEIGHT_2D, OUTPUT_2D = (np.kron(each, each) for each in (INPUT, WEIGHT, OUTPUT))


class Winograd(Convolution):
    """Convolution with 3x3 filters and stride 1: Winograd's minimal filtering F(4x4, 3x3).

    A tile of 6x6 inputs d gives 4x4 outputs, and along one axis

        y = A^T ((G w) * (B^T d))

    with constant matrices (see `_maps`), where * is elementwise: 6 multiplications instead of 12.
    Along two axes the matrices are Kronecker products with themselves, and the 36 positions of a
    tile do not mix in between. So for all tiles T of a block of images at once, and all channels C
    and filters F, with d (36, T C), w (9, C F) and one GEMM for each of 36 positions k:

        V = (B^T x B^T) d,   U = (G x G) w,   M_k = V_k U_k,   y = (A^T x A^T) M

    which is 36 T C F multiplications where im2col needs 144. Backward applies the transposes:

        dM = (A x A) dy,   dU_k = V_k^T dM_k,   dV_k = dM_k U_k^T
        dw = (G^T x G^T) dU,   dd = (B x B) dV

    and pixels that several tiles share sum their gradients. V is kept for backward: it takes 2.25
    times the memory of x, and less time to read than to compute again.

    The additional sums cost precision: errors in float32 are about 5e-7 of a tensor instead of
    2e-7. Where a window of the image contains only zeros, they would also leave about 1e-7 of the
    neighbouring values, and a following ReLU would let a gradient pass for half of these outputs:
    such windows are found in x and in dy, and their outputs set to 0. Entries of dw that are
    exactly 0 come out as 0 for channels and filters that are 0 throughout, else as rounding errors.

    Lavin and Gray 2016, "Fast algorithms for convolutional neural networks"; Winograd 1980,
    "Arithmetic complexity of computations".

    Shapes, arguments and errors as in `Convolution`.

    Raises:
        ShapeError: also if the filters are not 3x3 or the stride is not 1.
    """

    keeps_input = False

    def __init__(
        self,
        input_shape: Shape,
        filter: int | Pair,
        filters: int,
        stride: int | Pair = 1,
        padding: int | Pair = 0,
        biased: bool = True,
    ) -> None:
        super().__init__(input_shape, filter, filters, stride, padding, biased)
        if self.filter != (FILTER, FILTER) or self.stride != (1, 1):
            raise ShapeError(
                f"this way to convolve takes 3x3 filters and stride 1, not {filter} and {stride}"
            )
        self.across = tuple(-(-size // SIDE) for size in self.grid)
        self.places = self.across[0] * self.across[1]
        widest = max(self.channels, self.filters)
        self.block = max(1, BLOCK_ENTRIES // (TILE * TILE * self.places * widest))
        (height, width, _), (down, right) = self.image_shape, self.padding
        self.inside = np.s_[:, down : down + height, right : right + width]
        self.zero_outputs = ZeroWindows((height, width), self.padding)
        self.zero_inputs = ZeroWindows(self.grid, (FILTER - 1 - down, FILTER - 1 - right))
        self.tiles_exactly = self.grid == tuple(SIDE * count for count in self.across)

    def buffers(self, make: Buffers) -> None:
        """Allocate the output, the transformed tiles of a block, constants, and gradients."""
        high, wide = (SIDE * count for count in self.across)
        tiles, channels, filters = self.block * self.places, self.channels, self.filters
        padded = (self.block, high + TILE - SIDE, wide + TILE - SIDE, channels)
        places = TILE * TILE
        super().buffers(make)
        self.padded = make.fixed(padded, fill=0.0)
        self.tiles = make.scratch((places * tiles * channels,))
        self.values = make.per_image((places * self.places * channels,))
        self.products = make.scratch((places * tiles * filters,))
        self.squares = make.scratch((SIDE * SIDE * tiles * filters,))
        self.weights = make.fixed((places, channels, filters))
        self.dweights, self.dweights_block = (
            make.scratch((places, channels, filters)) for _ in range(2)
        )
        self.input_map = make.fixed((places, places), fill=INPUT_2D)
        self.weight_map = make.fixed((places, FILTER * FILTER), fill=WEIGHT_2D)
        self.output_map = make.fixed((SIDE * SIDE, places), fill=OUTPUT_2D)
        self.channel_ones = make.fixed((max(channels, filters),), fill=1.0)
        if not self.tiles_exactly:
            self.outputs = make.scratch((self.block, high, wide, filters))
        if self.needs_input_gradient:
            self.dvalues = make.scratch((places * tiles * channels,))
            self.turned = make.scratch((FILTER * FILTER, filters, channels))
            self.turned_weights = make.scratch((places, filters, channels))
            self.dpadded = make.scratch(padded)
            self.dx = make.gradient(self.input_shape)

    def forward(self, x: Array, mode: Mode) -> Array:
        """Return y (N, Ho, Wo, F) for x (N, H, W, C)."""
        x = x.reshape(len(x), *self.image_shape)
        self._tile_bias()
        self.matmul(
            self.weight_map,
            self.weight.reshape(FILTER * FILTER, -1),
            out=self.weights.reshape(TILE * TILE, -1),
        )
        for start in range(0, len(x), self.block):
            part = slice(start, start + self.block)
            y = self.y[part]
            values, products, squares = self._forms(start, len(y))
            zero = self.zero_outputs.find(x[part], self.channel_ones[: self.channels], self.tiles)
            self._transform(x[part], values)
            self.matmul(values, self.weights, out=products)
            self.matmul(self.output_map, _flat(products), out=_flat(squares))
            target = y if self.tiles_exactly else self.outputs[: len(y)]
            np.copyto(
                opaque_rows(self._squares_of(target)),
                opaque_rows(self._as_squares(squares, len(y))),
            )
            if not self.tiles_exactly:
                np.copyto(y, target[:, : self.grid[0], : self.grid[1]])
            if zero is not None:
                self.zero_outputs.clear(y, zero)
            self._add_bias(y)
        return self.y

    def backward(self, dy: Array) -> Array | None:
        """Write dW and db; return dx (N, H, W, C), or None."""
        self._bias_gradient(dy)
        if self.needs_input_gradient:
            weight = self.weight.reshape(FILTER * FILTER, self.channels, self.filters)
            np.copyto(self.turned, weight.transpose(0, 2, 1))
            self.matmul(self.weight_map, _flat(self.turned), out=_flat(self.turned_weights))
        for start in range(0, len(dy), self.block):
            images = min(self.block, len(dy) - start)
            values, products, squares = self._forms(start, images)
            source = dy[start : start + images]
            zero = None
            if self.needs_input_gradient:
                ones = self.channel_ones[: self.filters]
                zero = self.zero_inputs.find(source, ones, self.products)
            if not self.tiles_exactly:
                # Entries outside the image stay zero.
                self.outputs.fill(0.0)
                np.copyto(self.outputs[:images, : self.grid[0], : self.grid[1]], source)
                source = self.outputs[:images]
            np.copyto(
                opaque_rows(self._as_squares(squares, images)),
                opaque_rows(self._squares_of(source)),
            )
            self.matmul(self.output_map.T, _flat(squares), out=_flat(products))
            target = self.dweights_block if start else self.dweights
            self.matmul(values.transpose(0, 2, 1), products, out=target)
            if start:
                np.add(self.dweights, target, out=self.dweights)
            if self.needs_input_gradient:
                dvalues = self.dvalues[: values.size].reshape(values.shape)
                self.matmul(products, self.turned_weights, out=dvalues)
                self._scatter(dvalues, start, images, zero)
        self.matmul(
            self.weight_map.T,
            self.dweights.reshape(TILE * TILE, -1),
            out=self.dweight.reshape(FILTER * FILTER, -1),
        )
        return self.dx.reshape(len(dy), *self.input_shape) if self.needs_input_gradient else None

    def _forms(self, start: int, images: int) -> tuple[Array, Array, Array]:
        """Return V (36, T, C), M (36, T, F) and y (16, T, F) for the T tiles of a block."""
        places, squares, tiles = TILE * TILE, SIDE * SIDE, images * self.places
        return (
            self.values[start : start + images].reshape(places, tiles, -1),
            self.products[: places * tiles * self.filters].reshape(places, tiles, -1),
            self.squares[: squares * tiles * self.filters].reshape(squares, tiles, -1),
        )

    def _transform(self, x: Array, values: Array) -> None:
        """Write V for the images x of a block."""
        padded = self.padded[: len(x)]
        np.copyto(padded[self.inside], x)
        tiles = self.tiles[: values.size].reshape(TILE, TILE, len(x), *self.across, self.channels)
        np.copyto(opaque_rows(tiles), opaque_rows(self._tiles_of(padded)))
        self.matmul(self.input_map, tiles.reshape(TILE * TILE, -1), out=_flat(values))

    def _scatter(self, dvalues: Array, start: int, images: int, zero: Array | None) -> None:
        """Add the gradients of tiles to the pixels from which the tiles were cut.

        Neighbours share the last two lines of one, and the first two of the other: these are added
        up tile by tile, in long rows. Then each tile writes its first 4x4 pixels, and the last
        tiles of a line and of a column the rest.
        """
        size = TILE * TILE * images * self.places * self.channels
        dtiles = self.tiles[:size].reshape(TILE, TILE, images, *self.across, self.channels)
        self.matmul(self.input_map.T, _flat(dvalues), out=dtiles.reshape(TILE * TILE, -1))
        lower, right = dtiles[:-SIDE, :, :, 1:], dtiles[:, :-SIDE, :, :, 1:]
        np.add(lower, dtiles[SIDE:, :, :, :-1], out=lower)
        np.add(right, dtiles[:, SIDE:, :, :, :-1], out=right)
        target = self.dpadded[:images]
        pixels, gradients = opaque_rows(self._tiles_of(target)), opaque_rows(dtiles)
        first, rest = slice(SIDE), slice(SIDE, TILE)
        for part in (
            np.s_[first, first],
            np.s_[rest, first, :, -1],
            np.s_[first, rest, :, :, -1],
            np.s_[rest, rest, :, -1, -1],
        ):
            np.copyto(pixels[part], gradients[part])
        dx = self.dx.reshape(-1, *self.image_shape)[start : start + images]
        np.copyto(dx, target[self.inside])
        if zero is not None:
            self.zero_inputs.clear(dx, zero)

    def _tiles_of(self, images: Array) -> Array:
        """Return a view (6, 6, n, down, right, C) of the overlapping tiles of padded images."""
        image, line, pixel, channel = images.strides
        return as_strided(
            images,
            (TILE, TILE, len(images), *self.across, self.channels),
            (line, pixel, image, SIDE * line, SIDE * pixel, channel),
        )

    def _squares_of(self, images: Array) -> Array:
        """Return a view (4, 4, n, down, right, F) of the 4x4 squares of outputs."""
        down, right = self.across
        split = images.reshape(len(images), down, SIDE, right, SIDE, self.filters)
        return split.transpose(2, 4, 0, 1, 3, 5)

    def _as_squares(self, squares: Array, images: int) -> Array:
        """Return (16, T, F) as (4, 4, n, down, right, F)."""
        return squares.reshape(SIDE, SIDE, images, *self.across, self.filters)


def suits(channels: int, filter: int | Pair, filters: int, stride: int | Pair) -> bool:
    """Return whether Winograd's algorithm is faster for a convolution.

    The saved multiplications grow with channels times filters, and the transforms with each alone.
    """
    worth = CHANNEL_COST * channels + FILTER_COST * filters < channels * filters
    return pair(filter) == (FILTER, FILTER) and pair(stride) == (1, 1) and worth


def _flat(array: Array) -> Array:
    """Return a view of an array as a matrix with the same first axis."""
    return array.reshape(len(array), -1)

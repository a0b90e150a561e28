"""The general convolution, by im2col in blocks of images."""

import numpy as np
from numpy.lib.stride_tricks import as_strided

from core.nn import winograd
from core.nn.convolution import Convolution
from core.nn.layer import Array, Buffer, Mode, Shape
from core.nn.patchify import Patchify
from core.nn.window import Pair, pair, runs

BLOCK_ENTRIES = 512 * 1024 // 4
"""Size aimed at for the patches of one block: 512 KB of float32, which stay in an L2 cache."""


def conv2d(
    input_shape: Shape,
    filter: int | Pair,
    filters: int,
    stride: int | Pair = 1,
    padding: int | Pair = 0,
) -> Convolution:
    """Return the convolution that suits.

    `Patchify` where patches do not overlap, `Winograd` for 3x3 filters and many channels, else
    `Conv2d`.

    Args and errors are those of `Convolution`.
    """
    if pair(stride) == pair(filter) and pair(padding) == (0, 0):
        return Patchify(input_shape, filter, filters, stride)
    if len(input_shape) == 3 and winograd.suits(input_shape[2], filter, filters, stride):
        return winograd.Winograd(input_shape, filter, filters, stride, padding)
    return Conv2d(input_shape, filter, filters, stride, padding)


class Conv2d(Convolution):
    """Convolution with any filter, stride and zero padding.

    A block of images at a time, its patches are written out as the rows of a matrix P (im2col) and
    multiplied by the filter matrix W (kh kw C, F):

        forward    Y = P W + b
        backward   dW = sum over blocks of P^T dY,   db = sum of dY over rows,   dP = dY W^T

    and each entry of dP is added to the pixel that it was copied from (col2im). P repeats every
    pixel about kh kw / s^2 times; for the whole batch it would go out to memory and back, for a
    block it stays in cache, and writing it a second time in backward is cheaper than keeping it.

    Shapes and arguments as in `Convolution`. Chellapilla, Puri and Simard, "High performance
    convolutional neural networks for document processing", 2006.
    """

    columns: Array
    padded: Array
    dweight_block: Array
    dpadded: Array
    dx: Array

    def __init__(
        self,
        input_shape: Shape,
        filter: int | Pair,
        filters: int,
        stride: int | Pair = 1,
        padding: int | Pair = 0,
    ) -> None:
        super().__init__(input_shape, filter, filters, stride, padding)
        places = self.grid[0] * self.grid[1]
        self.block = max(1, BLOCK_ENTRIES // (places * self.patch_size))
        (height, width, _), (down, across) = self.image_shape, self.padding
        self.padded_shape = (height + 2 * down, width + 2 * across, self.channels)
        self.inside = np.s_[:, down : down + height, across : across + width]

    def buffers(self) -> dict[str, Buffer]:
        """Output, patches of one block, and gradients."""
        places = self.grid[0] * self.grid[1]
        padded = Buffer((self.block, *self.padded_shape), per_image=False, fill=0.0)
        needed = super().buffers() | {
            "columns": Buffer((self.block * places, self.patch_size), per_image=False),
            "dweight_block": Buffer((self.patch_size, self.filters), per_image=False),
        }
        if any(self.padding):
            needed["padded"] = padded
        if self.needs_input_gradient:
            needed["dx"] = Buffer(self.input_shape)
            if any(self.padding):
                needed["dpadded"] = padded
        return needed

    def forward(self, x: Array, mode: Mode) -> Array:
        """Return y (N, Ho, Wo, F) for x (N, H, W, C)."""
        self.x = x.reshape(len(x), *self.image_shape)
        self._tile_bias()
        weight = self.weight.reshape(self.patch_size, self.filters)
        windows = self._windows(self.padded if any(self.padding) else self.x)
        for start in range(0, len(x), self.block):
            y = self.y[start : start + self.block]
            columns = self._im2col(windows, start, len(y))
            np.matmul(columns, weight, out=y.reshape(-1, self.filters))
            rows = y.reshape(len(y), -1)
            np.add(rows, self.row, out=rows)
        return self.y

    def backward(self, dy: Array) -> Array | None:
        """Write dW and db; return dx (N, H, W, C), or None."""
        self._bias_gradient(dy)
        weight = self.weight.reshape(self.patch_size, self.filters)
        dweight = self.dweight.reshape(self.patch_size, self.filters)
        windows = self._windows(self.padded if any(self.padding) else self.x)
        for start in range(0, len(dy), self.block):
            images = min(self.block, len(dy) - start)
            dy_block = dy[start : start + images].reshape(-1, self.filters)
            columns = self._im2col(windows, start, images)
            if start == 0:
                np.matmul(columns.T, dy_block, out=dweight)
            else:
                np.matmul(columns.T, dy_block, out=self.dweight_block)
                np.add(dweight, self.dweight_block, out=dweight)
            if self.needs_input_gradient:
                # The patches have done their work: their gradient takes their place in cache.
                np.matmul(dy_block, weight.T, out=columns)
                self._col2im(columns, start, images)
        return self.dx.reshape(len(dy), *self.input_shape) if self.needs_input_gradient else None

    def _windows(self, images: Array) -> Array:
        """Return the patches of `images` as an overlapping view (n, Ho, Wo, kh) of runs of kw C."""
        image, line, pixel, channel = images.strides
        (kh, kw), (sh, sw) = self.filter, self.stride
        windows = as_strided(
            images,
            (len(images), *self.grid, kh, kw * self.channels),
            (image, line * sh, pixel * sw, line, channel),
            writeable=False,
        )
        return runs(windows)

    def _im2col(self, windows: Array, start: int, images: int) -> Array:
        """Write out the patches of images start, start + 1, ...; return them as rows."""
        if any(self.padding):
            np.copyto(self.padded[:images][self.inside], self.x[start : start + images])
            start = 0
        source = windows[start : start + images]
        columns = self.columns[: images * self.grid[0] * self.grid[1]]
        np.copyto(runs(columns.reshape((*source.shape, -1))), source)
        return columns

    def _col2im(self, dcolumns: Array, start: int, images: int) -> None:
        """Add the patch gradients to the pixels that the patches came from."""
        (kh, kw), (sh, sw), (down, across) = self.filter, self.stride, self.grid
        dx = self.dx.reshape(-1, *self.image_shape)[start : start + images]
        target = self.dpadded[:images] if any(self.padding) else dx
        target.fill(0.0)
        patches = dcolumns.reshape(images, down, across, kh, kw, self.channels)
        for u in range(kh):
            for v in range(kw):
                pixels = target[:, u : u + sh * down : sh, v : v + sw * across : sw]
                np.add(pixels, patches[:, :, :, u, v], out=pixels)
        if any(self.padding):
            np.copyto(dx, target[self.inside])

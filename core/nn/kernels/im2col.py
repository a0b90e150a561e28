"""Patches of images as the rows of a matrix, and back: im2col and col2im."""

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod

import numpy as np
from numpy.lib.stride_tricks import as_strided

from core.nn.arrays import Array, Shape
from core.nn.buffers import Buffers
from core.nn.window import Pair, opaque_rows

BLOCK_ENTRIES = 2 * 1024 * 1024 // 4
"""Target size of the patches of one block: 2 MB of float32. Matrix products of so many rows run at
full speed, and data that does not fit in an L2 cache of 1 MB is read from the L3 cache."""


@dataclass(frozen=True)
class Patches:
    """The positions of a filter on a zero-padded image.

    The patches of a block of images are copied to the rows of a matrix, kh kw C numbers each. That
    repeats every pixel kh kw / s^2 times; for the whole batch, the matrix would not fit in cache.
    """

    image: Shape
    """(H, W, C)."""
    filter: Pair
    stride: Pair
    padding: Pair
    grid: Pair
    """Number of positions down and across."""
    dilation: Pair = (1, 1)
    """Distance of neighbouring values of a patch, down and across."""

    @property
    def places(self) -> int:
        """Number of patches of one image."""
        return prod(self.grid)

    @property
    def size(self) -> int:
        """Number of values in one patch."""
        return prod(self.filter) * self.image[2]

    @cached_property
    def block(self) -> int:
        """Number of images processed at a time."""
        return max(1, BLOCK_ENTRIES // (self.places * self.size))

    @property
    def entries(self) -> int:
        """Number of values in the patch matrix of a block."""
        return self.block * self.places * self.size

    def padded(self, make: Buffers) -> Array | None:
        """Return an array for a block of padded images, or None without padding."""
        (height, width, channels), (down, across) = self.image, self.padding
        if not any(self.padding):
            return None
        shape = (self.block, height + 2 * down, width + 2 * across, channels)
        return make.fixed(shape, fill=0.0)

    def inside(self, padded: Array) -> Array:
        """Return the view of padded images without the padding."""
        (height, width, _), (down, across) = self.image, self.padding
        return padded[:, down : down + height, across : across + width]

    def write(self, images: Array, padded: Array | None, columns: Array) -> Array:
        """Copy the patches of a block of images to a matrix.

        Args:
            images: (n, H, W, C), n at most `block`.
            padded: the array that `padded` returned.
            columns: flat buffer for the matrix.

        Returns:
            The matrix (n places, size), a view of `columns`.
        """
        windows = self.windows(images, padded)
        rows = columns[: len(images) * self.places * self.size]
        np.copyto(opaque_rows(rows.reshape(windows.shape)), opaque_rows(windows))
        return rows.reshape(-1, self.size)

    def add_up(self, dcolumns: Array, dpadded: Array | None, dx: Array) -> None:
        """Write the gradient of images: add that of every patch to the pixels it was copied from.

        The pixels in a line of a patch lie side by side, and are added as one run. Runs of
        neighbouring patches overlap, so only every so many patches are added at a time.

        Args:
            dcolumns: gradient of the patches, as `write` lays them out.
            dpadded: an array that `padded` returned.
            dx: (n, H, W, C).
        """
        (kh, kw), (dh, dw) = self.filter, self.dilation
        (sh, sw), (down, across) = self.stride, self.grid
        target = dx if dpadded is None else dpadded[: len(dx)]
        target.fill(0.0)
        runs, wide = (1, kw) if dw == 1 else (kw, 1)
        apart = -(-wide // sw)
        _, height, width, channels = target.shape
        pixel = channels * target.itemsize
        line = width * pixel
        steps = height * line, line * sh, pixel * sw * apart, target.itemsize
        patches = dcolumns.reshape(len(dx), down, across, kh, runs, wide * channels)
        for u, v, first in product(range(kh), range(runs), range(min(apart, across))):
            part = patches[:, :, first::apart, u, v]
            pixels = as_strided(target[:, u * dh :, first * sw + v * dw :], part.shape, steps)
            np.add(pixels, part, out=pixels)
        if dpadded is not None:
            np.copyto(dx, self.inside(target))

    def windows(self, images: Array, padded: Array | None) -> Array:
        """Return a view (n, down, across, kh, kw, C) of the patches of images.

        Without horizontal dilation, the pixels in a line of a patch lie side by side, and the view
        is (n, down, across, kh, kw C): longer runs are copied faster.

        Args:
            images: (n, H, W, C), n at most `block`.
            padded: the array that `padded` returned, to which the images are copied.
        """
        count = len(images)
        if padded is not None:
            np.copyto(self.inside(padded[:count]), images)
            images = padded[:count]
        # Not the strides of the array: along an axis of length 1 they may be anything.
        _, height, width, channels = images.shape
        channel = images.itemsize
        pixel = channels * channel
        line = width * pixel
        (kh, kw), (sh, sw), (dh, dw) = self.filter, self.stride, self.dilation
        patch: Shape = (kh, kw, channels)
        steps: Shape = (line * dh, pixel * dw, channel)
        if dw == 1:
            patch, steps = (kh, kw * channels), (line * dh, channel)
        return as_strided(
            images,
            (count, *self.grid, *patch),
            (height * line, line * sh, pixel * sw, *steps),
            writeable=False,
        )

"""Patches of images as the rows of a matrix: im2col."""

from dataclasses import dataclass
from functools import cached_property
from math import prod

import numpy as np
from numpy.lib.stride_tricks import as_strided

from core.nn.arrays import Array, Shape
from core.nn.buffers import Buffers
from core.nn.window import Pair, opaque_rows

BLOCK_ENTRIES = 2 * 1024 * 1024 // 4
"""Size aimed at for the patches of one block: 2 MB of float32. Products of so many rows run at full
speed, and what does not stay in an L2 cache of 1 MB comes from the next one."""


@dataclass(frozen=True)
class Patches:
    """Where a filter stands on an image with zeros around it.

    The patches of a block of images are written out as the rows of a matrix, each kh kw C numbers.
    That repeats every pixel kh kw / s^2 times; the whole batch would go out to memory and back.
    """

    image: Shape
    """(H, W, C)."""
    filter: Pair
    stride: Pair
    padding: Pair
    grid: Pair
    """Places down and across."""

    @property
    def places(self) -> int:
        """Patches of one image."""
        return prod(self.grid)

    @property
    def size(self) -> int:
        """Numbers of one patch."""
        return prod(self.filter) * self.image[2]

    @cached_property
    def block(self) -> int:
        """Images worked on at a time."""
        return max(1, BLOCK_ENTRIES // (self.places * self.size))

    @property
    def entries(self) -> int:
        """Numbers of the matrix of a block."""
        return self.block * self.places * self.size

    def padded(self, make: Buffers) -> Array | None:
        """Return room for a block of images with zeros around them; None where there are none."""
        (height, width, channels), (down, across) = self.image, self.padding
        if not any(self.padding):
            return None
        shape = (self.block, height + 2 * down, width + 2 * across, channels)
        return make.fixed(shape, fill=0.0)

    def inside(self, padded: Array) -> Array:
        """Return the view of padded images that leaves the zeros out."""
        (height, width, _), (down, across) = self.image, self.padding
        return padded[:, down : down + height, across : across + width]

    def write(self, images: Array, padded: Array | None, columns: Array) -> Array:
        """Write out the patches of a block of images.

        Args:
            images: (n, H, W, C), n at most `block`.
            padded: what `padded` has made.
            columns: room for the matrix, flat.

        Returns:
            The matrix (n places, size), a view of `columns`.
        """
        count = len(images)
        if padded is not None:
            np.copyto(self.inside(padded[:count]), images)
            images = padded[:count]
        # Not those of the array, which may be any along an axis of length 1.
        _, height, width, channels = images.shape
        channel = images.itemsize
        pixel = channels * channel
        line = width * pixel
        image = height * line
        (kh, kw), (sh, sw) = self.filter, self.stride
        windows = as_strided(
            images,
            (count, *self.grid, kh, kw * self.image[2]),
            (image, line * sh, pixel * sw, line, channel),
            writeable=False,
        )
        rows = columns[: count * self.places * self.size]
        np.copyto(opaque_rows(rows.reshape(windows.shape)), opaque_rows(windows))
        return rows.reshape(-1, self.size)

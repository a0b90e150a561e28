"""Detection of windows of an image that contain only zeros."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.nn.arrays import Array
from core.nn.window import Pair, opaque_rows

SIDE = 3
"""Height and width of a window."""


@dataclass(frozen=True)
class ZeroWindows:
    """Detects 3x3 windows, at stride 1, that are zero in all channels."""

    size: Pair
    """Height and width of the images."""
    rim: Pair
    """Rows and columns of padding; if negative, rows and columns at the edge to leave out."""

    @cached_property
    def inside(self) -> tuple[slice, ...]:
        """Index of the part of the images that windows reach."""
        return (slice(None), *(slice(max(0, -r), n - max(0, -r)) for n, r in self._directions()))

    @cached_property
    def lattice(self) -> tuple[slice, ...]:
        """Index of pixels of that part of which each window contains at least one."""
        steps = (min(n, max(1, SIDE - max(0, r))) for n, r in self._directions())
        return (slice(None), *(slice(step - 1, None, step) for step in steps))

    def find(self, images: Array, ones: Array, work: Array) -> Array | None:
        """Return the positions of the zero windows of a block of images.

        Zero windows are rare, so the lattice is checked first: usually the sums over its channels
        already show that no pixel is 0. Non-zero values whose sum is 0 only cost the second check,
        which sums absolute values: that sum is 0 exactly where all values are. It allocates some
        bytes per pixel.

        For complex numbers, which only the complex-step check passes, the real parts count.

        Args:
            images: (n, H, W, C).
            ones: C ones.
            work: flat workspace of at least the size of `images`; it is overwritten.

        Returns:
            Booleans (n, H + 2 rim - 2, W + 2 rim - 2), or None if there is no such window.
        """
        images, ones = images.real[self.inside], ones.real
        if max(self.rim) < SIDE:
            lattice = images[self.lattice]
            pixels = work.real[: lattice.size].reshape(lattice.shape)
            np.copyto(pixels, lattice)
            channel_sums = np.matmul(pixels.reshape(-1, len(ones)), ones)
            if np.count_nonzero(channel_sums) == channel_sums.size:
                return None
        magnitudes = np.abs(images, out=work.real[: images.size].reshape(images.shape))
        (height, width), (down, across) = images.shape[1:3], (max(0, r) for r in self.rim)
        zero = np.ones((len(images), height + 2 * down, width + 2 * across), np.bool_)
        inside = zero[:, down : down + height, across : across + width]
        np.equal(np.matmul(magnitudes, ones), 0.0, out=inside)
        zero = zero[:, :-2] & zero[:, 1:-1] & zero[:, 2:]
        zero = zero[:, :, :-2] & zero[:, :, 1:-1] & zero[:, :, 2:]
        return zero if zero.any() else None

    @staticmethod
    def clear(outputs: Array, zero: Array) -> None:
        """Set all channels of outputs (n, h, w, C) to 0 where `zero` (n, h, w) is true."""
        if outputs.dtype.kind == "c":
            outputs.real[zero] = 0.0
        else:
            rows = opaque_rows(outputs)
            np.copyto(rows, np.zeros((), rows.dtype), where=zero)

    def _directions(self) -> Iterator[Pair]:
        return zip(self.size, self.rim, strict=True)

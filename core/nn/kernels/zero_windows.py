"""Which windows of an image hold nothing but zeros."""

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
    """Where a window of 3x3 pixels, moved in steps of 1, holds nothing but zeros in any channel."""

    size: Pair
    """Height and width of the images."""
    rim: Pair
    """Rows and columns of zeros around them; below 0, how many at the edge no window reaches."""

    @cached_property
    def inside(self) -> tuple[slice, ...]:
        """The part of the images that windows reach."""
        return (slice(None), *(slice(max(0, -r), n - max(0, -r)) for n, r in self._directions()))

    @cached_property
    def lattice(self) -> tuple[slice, ...]:
        """Pixels of that part, of which each window holds one at least."""
        steps = (min(n, max(1, SIDE - max(0, r))) for n, r in self._directions())
        return (slice(None), *(slice(step - 1, None, step) for step in steps))

    def find(self, images: Array, ones: Array, work: Array) -> Array | None:
        """Return where the zero windows of a block of images are.

        There is hardly ever one, so a first look is at the lattice: as a rule the sums over its
        channels tell that no pixel is 0. Values that add up to 0 without being 0 cost no more than
        the second look, which adds absolute values: their sum is 0 exactly where all are. It takes
        memory for some bytes of each pixel.

        Complex numbers, which only the complex-step check brings, are taken by their real parts.

        Args:
            images: (n, H, W, C).
            ones: C times 1.
            work: as many numbers as there are in `images` at least, flat, to be written over.

        Returns:
            Booleans (n, H + 2 rim - 2, W + 2 rim - 2), or None where there is no such window.
        """
        images, ones = images.real[self.inside], ones.real
        if max(self.rim) < SIDE:
            few = np.matmul(images[self.lattice], ones)
            if np.count_nonzero(few) == few.size:
                return None
        light = np.abs(images, out=work.real[: images.size].reshape(images.shape))
        (height, width), (down, across) = images.shape[1:3], (max(0, r) for r in self.rim)
        zero = np.ones((len(images), height + 2 * down, width + 2 * across), np.bool_)
        inside = zero[:, down : down + height, across : across + width]
        np.equal(np.matmul(light, ones), 0.0, out=inside)
        zero = zero[:, :-2] & zero[:, 1:-1] & zero[:, 2:]
        zero = zero[:, :, :-2] & zero[:, :, 1:-1] & zero[:, :, 2:]
        return zero if zero.any() else None

    @staticmethod
    def clear(outputs: Array, zero: Array) -> None:
        """Write 0 where `zero` (n, h, w) says so to all channels of outputs (n, h, w, C)."""
        if outputs.dtype.kind == "c":
            outputs.real[zero] = 0.0
        else:
            rows = opaque_rows(outputs)
            np.copyto(rows, np.zeros((), rows.dtype), where=zero)

    def _directions(self) -> Iterator[Pair]:
        return zip(self.size, self.rim, strict=True)

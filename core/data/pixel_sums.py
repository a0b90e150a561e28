"""Exact sums of the pixels of many images, from which means and deviations follow."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from core.data.progress import Progress, silent

CHUNK = 256
"""Images summed at a time. 256 * 255**2 is below 2**24, so every sum is exact in float32."""

Sums = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class PixelSums:
    """The sum and the sum of squares of every value of an image over a number of images, exactly.

    Attributes:
        count: number of images.
        values: int64 (size,), where an image has `size` values.
        squares: the same of their squares.
    """

    count: int
    values: Sums
    squares: Sums

    @classmethod
    def of(cls, images: npt.NDArray[np.uint8], progress: Progress = silent) -> Self:
        """Return the sums over images (N, H, W, C)."""
        flat = images.reshape(len(images), int(np.prod(images.shape[1:])))
        ones = np.ones(CHUNK, np.float32)
        buffer = np.empty((CHUNK, flat.shape[1]), np.float32)
        sums = np.zeros(flat.shape[1], np.int64)
        squares = np.zeros(flat.shape[1], np.int64)
        for start in range(0, len(flat), CHUNK):
            chunk = flat[start : start + CHUNK]
            values, weights = buffer[: len(chunk)], ones[: len(chunk)]
            np.copyto(values, chunk)
            sums += (weights @ values).astype(np.int64)
            np.multiply(values, values, out=values)
            squares += (weights @ values).astype(np.int64)
            progress((start + len(chunk)) / len(flat), "adding up the pixels")
        return cls(len(images), sums, squares)

    def and_of(self, other: Self) -> Self:
        """Return the sums over these images and those of `other`."""
        return type(self)(
            self.count + other.count, self.values + other.values, self.squares + other.squares
        )

    def without(self, other: Self) -> Self:
        """Return the sums over these images but for those of `other`, which are among them."""
        return type(self)(
            self.count - other.count, self.values - other.values, self.squares - other.squares
        )

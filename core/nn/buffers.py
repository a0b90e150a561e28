"""The arrays that a layer works in: allocated, counted, or cut to a smaller batch.

A layer says once which arrays it needs, in `Layer.buffers`. What that makes depends on who asks:
`Allocation` makes arrays, `ByteCount` only adds up what they would take, and `Allocation.first`
gives the leading images of arrays that are there.
"""

from dataclasses import dataclass
from math import prod
from typing import Protocol

import numpy as np
import numpy.typing as npt

from core.nn.arrays import Array, Shape

Fill = float | Array | None
"""Constants that an array starts with; None leaves it as it comes."""


class Buffers(Protocol):
    """Where a layer gets its arrays from. `dtype` None stands for that of the network."""

    def per_image(self, shape: Shape, dtype: type | None = None, fill: Fill = None) -> Array:
        """Return an array (N, *shape) for a batch of N images."""

    def fixed(self, shape: Shape, dtype: type | None = None, fill: Fill = None) -> Array:
        """Return an array of `shape`, however many images come."""


@dataclass(frozen=True)
class Allocated:
    """An array that a layer asked for."""

    array: Array
    per_image: bool
    constant: bool
    """Whether it was filled when it was made."""


class Allocation:
    """Makes the arrays of one layer, and keeps them in the order in which it asked.

    Args:
        batch: the most images that ever come at once.
        dtype: of the network.
    """

    def __init__(self, batch: int, dtype: npt.DTypeLike) -> None:
        self._batch, self._dtype = batch, dtype
        self.arrays: list[Allocated] = []

    def per_image(self, shape: Shape, dtype: type | None = None, fill: Fill = None) -> Array:
        """Allocate (batch, *shape)."""
        return self._make((self._batch, *shape), dtype, fill, per_image=True)

    def fixed(self, shape: Shape, dtype: type | None = None, fill: Fill = None) -> Array:
        """Allocate `shape`."""
        return self._make(shape, dtype, fill, per_image=False)

    def first(self, count: int) -> "FirstImages":
        """Return what gives a layer that asks again its arrays for `count` images."""
        return FirstImages(self.arrays, count)

    def _make(self, shape: Shape, dtype: type | None, fill: Fill, *, per_image: bool) -> Array:
        array: Array = np.empty(shape, dtype or self._dtype)
        if fill is not None:
            np.copyto(array, fill, casting="same_kind")
        self.arrays.append(Allocated(array, per_image, fill is not None))
        return array


class FirstImages:
    """Gives out views of the first images of arrays, in the order in which they were made."""

    def __init__(self, arrays: list[Allocated], count: int) -> None:
        self._arrays, self._count = iter(arrays), count

    def per_image(self, shape: Shape, dtype: type | None = None, fill: Fill = None) -> Array:
        """Return the first images of the next array."""
        return next(self._arrays).array[: self._count]

    def fixed(self, shape: Shape, dtype: type | None = None, fill: Fill = None) -> Array:
        """Return the next array."""
        return next(self._arrays).array


class ByteCount:
    """Adds up the bytes of arrays and allocates none: what it returns is one number, repeated.

    Args:
        batch: images.
        dtype: of the network.
    """

    def __init__(self, batch: int, dtype: npt.DTypeLike) -> None:
        self._batch, self._dtype = batch, dtype
        self.total = 0

    def per_image(self, shape: Shape, dtype: type | None = None, fill: Fill = None) -> Array:
        """Count an array (batch, *shape)."""
        return self.fixed((self._batch, *shape), dtype)

    def fixed(self, shape: Shape, dtype: type | None = None, fill: Fill = None) -> Array:
        """Count an array of `shape`."""
        one = np.empty((), dtype or self._dtype)
        self.total += prod(shape) * one.itemsize
        return np.broadcast_to(one, shape)

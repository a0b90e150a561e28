"""The work arrays of a layer: allocated, counted, or cut to a smaller batch.

A layer declares the arrays that it needs once, in `Layer.buffers`. The effect depends on the
argument: `Allocation` allocates the arrays, `ByteCount` only adds up their sizes, and
`Allocation.first` returns views of the leading images of existing arrays.
"""

from dataclasses import dataclass
from math import prod
from typing import Protocol

import numpy as np
import numpy.typing as npt

from core.nn.arrays import Array, Shape

Fill = float | Array | None
"""Initial values of an array; None leaves it uninitialised."""


class Buffers(Protocol):
    """Source of a layer's arrays. `dtype` None stands for the network's dtype."""

    def per_image(self, shape: Shape, dtype: type | None = None, fill: Fill = None) -> Array:
        """Return an array (N, *shape) for a batch of N images."""

    def fixed(self, shape: Shape, dtype: type | None = None, fill: Fill = None) -> Array:
        """Return an array of `shape`, whatever the batch size."""


@dataclass(frozen=True)
class Allocated:
    """An array that a layer has requested."""

    array: Array
    per_image: bool
    constant: bool
    """Whether it was filled on allocation."""


class Allocation:
    """Allocates the arrays of one layer and stores them in the order of the requests.

    Args:
        batch: largest batch size.
        dtype: dtype of the network.
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
        """Return buffers that repeat the requests with views for `count` images."""
        return FirstImages(self.arrays, count)

    def _make(self, shape: Shape, dtype: type | None, fill: Fill, *, per_image: bool) -> Array:
        array: Array = np.empty(shape, dtype or self._dtype)
        if fill is not None:
            np.copyto(array, fill, casting="same_kind")
        self.arrays.append(Allocated(array, per_image, fill is not None))
        return array


class FirstImages:
    """Returns views of the first images of allocated arrays, in the order of allocation."""

    def __init__(self, arrays: list[Allocated], count: int) -> None:
        self._arrays, self._count = iter(arrays), count

    def per_image(self, shape: Shape, dtype: type | None = None, fill: Fill = None) -> Array:
        """Return a view of the first images of the next array."""
        return next(self._arrays).array[: self._count]

    def fixed(self, shape: Shape, dtype: type | None = None, fill: Fill = None) -> Array:
        """Return the next array."""
        return next(self._arrays).array


class ByteCount:
    """Adds up the bytes of arrays without allocating them; returns broadcast scalars.

    Args:
        batch: batch size.
        dtype: dtype of the network.
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

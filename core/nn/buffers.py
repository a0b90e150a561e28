"""The work arrays of a layer: allocated, counted, or cut to a smaller batch.

A layer declares the arrays that it needs once, in `Layer.buffers`. The effect depends on the
argument: `Allocation` allocates the arrays, `ByteCount` only adds up their sizes, and
`Allocation.first` returns views of the leading images of existing arrays.

Some arrays live shortly: what a layer passes to its neighbour, and what it needs during one call
only. Layers that belong to one chain may hold these in the same memory, see `core.nn.workspace`.
"""

from dataclasses import dataclass
from math import prod
from typing import Protocol

import numpy as np
import numpy.typing as npt

from core.nn.arrays import Array, Shape

Fill = float | Array | None
"""Initial values of an array; None leaves it uninitialised."""

LINE = 64
"""Bytes of a cache line, to which arrays in shared memory are aligned."""


class Buffers(Protocol):
    """Source of a layer's arrays. `dtype` None stands for the network's dtype."""

    def per_image(self, shape: Shape, dtype: type | None = None, fill: Fill = None) -> Array:
        """Return an array (N, *shape) for a batch of N images."""

    def fixed(self, shape: Shape, dtype: type | None = None, fill: Fill = None) -> Array:
        """Return an array of `shape`, whatever the batch size."""

    def output(self, shape: Shape) -> Array:
        """Return an array (N, *shape) for an output that the layer itself does not read later."""

    def gradient(self, shape: Shape, fill: Fill = None) -> Array:
        """Return an array (N, *shape) for dx. With `fill` it is the layer's own."""

    def scratch(self, shape: Shape) -> Array:
        """Return an array of `shape` whose values are needed during one call of the layer only."""


Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Memory:
    """Memory that the layers of a chain share."""

    passing: tuple[Bytes, Bytes]
    """For what layers pass to their neighbours, in turn."""
    scratch: Bytes
    branch: "Memory | None"
    """That of the branches of its residual layers."""


@dataclass(frozen=True)
class Share:
    """The part of one layer in the memory of its chain."""

    memory: Memory
    slot: int
    """Which of the two pieces for passing is the layer's; its neighbours have the other."""
    keeps_output: bool
    """Whether the output is read later, so that it must be the layer's own."""
    keeps_gradient: bool
    """Whether dx must be the layer's own."""

    @property
    def passing(self) -> Bytes:
        """The piece for what the layer passes on."""
        return self.memory.passing[self.slot]


@dataclass(frozen=True)
class Allocated:
    """An array that a layer has requested."""

    array: Array
    per_image: bool
    constant: bool
    """Whether it was filled on allocation."""
    own: bool = True
    """Whether no other layer uses the memory."""


class Allocation:
    """Allocates the arrays of one layer and stores them in the order of the requests.

    Args:
        batch: largest batch size.
        dtype: dtype of the network.
        share: memory that the layer shares; None gives it its own.
    """

    def __init__(self, batch: int, dtype: npt.DTypeLike, share: Share | None = None) -> None:
        self._batch, self._dtype, self._share = batch, np.dtype(dtype), share
        self._used = 0
        self.arrays: list[Allocated] = []

    def per_image(self, shape: Shape, dtype: type | None = None, fill: Fill = None) -> Array:
        """Allocate (batch, *shape)."""
        return self._make((self._batch, *shape), dtype, fill, per_image=True)

    def fixed(self, shape: Shape, dtype: type | None = None, fill: Fill = None) -> Array:
        """Allocate `shape`."""
        return self._make(shape, dtype, fill, per_image=False)

    def output(self, shape: Shape) -> Array:
        """Return (batch, *shape) in the memory for passing, or allocate it."""
        if self._share is None or self._share.keeps_output:
            return self.per_image(shape)
        return self._shared(self._share.passing, (self._batch, *shape), per_image=True)

    def gradient(self, shape: Shape, fill: Fill = None) -> Array:
        """Return (batch, *shape) in the memory for passing, or allocate it."""
        if self._share is None or self._share.keeps_gradient or fill is not None:
            return self.per_image(shape, fill=fill)
        return self._shared(self._share.passing, (self._batch, *shape), per_image=True)

    def scratch(self, shape: Shape) -> Array:
        """Return `shape` in the memory for scratch, behind earlier requests, or allocate it."""
        if self._share is None:
            return self.fixed(shape)
        start, self._used = self._used, self._used + _aligned(shape, self._dtype)
        return self._shared(self._share.memory.scratch[start:], shape, per_image=False)

    def first(self, count: int) -> "FirstImages":
        """Return buffers that repeat the requests with views for `count` images."""
        return FirstImages(self.arrays, count)

    def _make(self, shape: Shape, dtype: type | None, fill: Fill, *, per_image: bool) -> Array:
        array: Array = np.empty(shape, dtype or self._dtype)
        if fill is not None:
            np.copyto(array, fill, casting="same_kind")
        self.arrays.append(Allocated(array, per_image, fill is not None))
        return array

    def _shared(self, memory: Bytes, shape: Shape, *, per_image: bool) -> Array:
        size = prod(shape) * self._dtype.itemsize
        array: Array = memory[:size].view(self._dtype).reshape(shape)
        self.arrays.append(Allocated(array, per_image, constant=False, own=False))
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

    def output(self, shape: Shape) -> Array:
        """Return a view of the first images of the next array."""
        return self.per_image(shape)

    def gradient(self, shape: Shape, fill: Fill = None) -> Array:
        """Return a view of the first images of the next array."""
        return self.per_image(shape)

    def scratch(self, shape: Shape) -> Array:
        """Return the next array."""
        return self.fixed(shape)


class ByteCount:
    """Adds up the bytes of arrays without allocating them; returns broadcast scalars.

    Args:
        batch: batch size.
        dtype: dtype of the network.
        keeps_output: as in `Share`.
        keeps_gradient: as in `Share`.

    Attributes:
        own: bytes of the arrays that the layer cannot share.
        passing: bytes of the largest array that it passes on.
        scratched: bytes of its scratch arrays.
    """

    def __init__(
        self,
        batch: int,
        dtype: npt.DTypeLike,
        keeps_output: bool = True,
        keeps_gradient: bool = True,
    ) -> None:
        self._batch, self._dtype = batch, np.dtype(dtype)
        self._keeps_output, self._keeps_gradient = keeps_output, keeps_gradient
        self.own = self.passing = self.scratched = 0

    def alone(self) -> "ByteCount":
        """Return a count for a layer that shares nothing."""
        return ByteCount(self._batch, self._dtype)

    def per_image(self, shape: Shape, dtype: type | None = None, fill: Fill = None) -> Array:
        """Count an array (batch, *shape)."""
        return self.fixed((self._batch, *shape), dtype)

    def fixed(self, shape: Shape, dtype: type | None = None, fill: Fill = None) -> Array:
        """Count an array of `shape`."""
        one = np.empty((), dtype or self._dtype)
        self.own += prod(shape) * one.itemsize
        return np.broadcast_to(one, shape)

    def output(self, shape: Shape) -> Array:
        """Count an array (batch, *shape), in the memory for passing if it may be there."""
        return self.per_image(shape) if self._keeps_output else self._passed(shape)

    def gradient(self, shape: Shape, fill: Fill = None) -> Array:
        """Count an array (batch, *shape), in the memory for passing if it may be there."""
        own = self._keeps_gradient or fill is not None
        return self.per_image(shape) if own else self._passed(shape)

    def scratch(self, shape: Shape) -> Array:
        """Count an array of `shape` in the memory for scratch."""
        self.scratched += _aligned(shape, self._dtype)
        return np.broadcast_to(np.empty((), self._dtype), shape)

    def _passed(self, shape: Shape) -> Array:
        size = self._batch * prod(shape) * self._dtype.itemsize
        self.passing = max(self.passing, size)
        return np.broadcast_to(np.empty((), self._dtype), (self._batch, *shape))


def _aligned(shape: Shape, dtype: np.dtype[np.generic]) -> int:
    """Return the bytes of an array up to the next full cache line."""
    return -(-prod(shape) * dtype.itemsize // LINE) * LINE

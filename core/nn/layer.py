"""The contract that every layer keeps.

A layer is made in two steps. The constructor takes the shape of one input image and the layer's
own numbers, checks that they fit, and allocates nothing: shapes, parameters and costs can be asked
of it at once. `allocate` then makes the buffers for a batch, so that `forward` and `backward`
allocate nothing. A layer that has been allocated belongs to one thread.

Every array between layers is C-contiguous, the batch first: (N, H, W, C) for images, (N, L, C) for
sequences, (N, D) for vectors. Layers rely on that and check nothing; `Network` does, once, for what
it is given.
"""

import copy
from dataclasses import dataclass
from enum import Enum
from math import prod
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from core.nn.arrays import Array, Shape
from core.nn.buffers import Allocation, Buffers, ByteCount


class Mode(Enum):
    """What a forward pass is for. Layers that behave the same in both ignore it."""

    TRAINING = "training"
    EVALUATION = "evaluation"


class ShapeError(ValueError):
    """A layer cannot take the shape it is given; the message says why, with both shapes."""


@dataclass(frozen=True)
class Parameter:
    """A parameter tensor that a layer asks for."""

    name: str
    """Name within the layer, such as `weight` or `bias`."""
    shape: Shape
    decays: bool
    """Whether weight decay applies to it: to weights, never to biases."""
    fan_in: int
    """Inputs that one output sums over; 0 starts the whole tensor at `start`."""
    start: float = 0.0
    """Value of every entry at first, where there is no `fan_in`."""

    @property
    def size(self) -> int:
        """Number of entries."""
        return prod(self.shape)


@dataclass(frozen=True)
class Statistic:
    """A tensor that a layer learns from what passes through it, and from no gradient.

    A training pass only writes the statistics of its batch; `Network.update_running_stats` moves
    the running values.
    """

    name: str
    """Name within the layer, such as `mean`."""
    shape: Shape
    start: float
    """Running value of every entry at first."""

    @property
    def size(self) -> int:
        """Number of entries."""
        return prod(self.shape)


class Layer:
    """Base of all layers.

    Args:
        input_shape: shape of one image as it arrives, without the batch.

    A subclass calls `super().__init__`, sets `output_shape`, and writes `forward` and `backward`.
    """

    kind: ClassVar[str]
    """The word for this layer in settings and tables."""
    batch_independent: ClassVar[bool] = True
    """Whether what a training pass makes of an image depends on that image alone, wherever in
    the batch it stands."""
    stochastic: ClassVar[bool] = False
    """Whether training passes take random numbers, see `sample`."""

    input_shape: Shape
    output_shape: Shape
    needs_input_gradient: bool = True
    """The first layer of a network in training sets this False: nobody asks for dx."""

    def __init__(self, input_shape: Shape) -> None:
        self.input_shape = input_shape
        self.output_shape = input_shape
        self.batch = 0
        self.dtype: np.dtype[Any] = np.dtype(np.float32)
        self.allocation = Allocation(0, self.dtype)

    def parameters(self) -> list[Parameter]:
        """Parameter tensors in the order of the flat vector; none by default."""
        return []

    def statistics(self) -> list[Statistic]:
        """Statistics in the order of their flat vector; none by default."""
        return []

    def buffers(self, make: Buffers) -> None:
        """Make the arrays that the layer works in; none by default.

        Called by `allocate`, and again by `resize` for fewer images: the same arrays have to be
        asked for in the same order.
        """

    def product(self) -> tuple[int, int, int] | None:
        """Return (rows, inner, columns) of the matrix product of one image; None without one."""
        return None

    def multiply_adds(self) -> int:
        """Multiply-adds of one forward pass of one image; 0 without a matrix product."""
        product = self.product()
        return prod(product) if product else 0

    def buffer_bytes(self, batch: int, dtype: npt.DTypeLike) -> int:
        """Bytes that `allocate` will take."""
        count = ByteCount(batch, dtype)
        copy.copy(self).buffers(count)
        return count.total

    def allocate(self, batch: int, dtype: npt.DTypeLike) -> None:
        """Make the buffers for up to `batch` images of `dtype`."""
        self.batch, self.dtype = batch, np.dtype(dtype)
        self.allocation = Allocation(batch, self.dtype)
        self.buffers(self.allocation)

    def resize(self, batch: int) -> None:
        """Work on `batch` images from now on, at most as many as were allocated."""
        if batch != self.batch:
            self.batch = batch
            self.buffers(self.allocation.first(batch))

    def bind(self, parameters: dict[str, Array], gradients: dict[str, Array]) -> None:
        """Take views into the flat vectors: `weight` and `dweight`, `bias` and `dbias`."""
        for name, view in parameters.items():
            setattr(self, name, view)
        for name, view in gradients.items():
            setattr(self, "d" + name, view)

    def bind_stats(self, running: dict[str, Array], batch: dict[str, Array]) -> None:
        """Take views into the flat vectors of statistics: `running_mean` and `batch_mean`."""
        for name, view in running.items():
            setattr(self, "running_" + name, view)
        for name, view in batch.items():
            setattr(self, "batch_" + name, view)

    def sample(self, rng: np.random.Generator) -> None:
        """Draw what is random in the training passes that follow, where `stochastic` says so."""
        raise TypeError(f"{type(self).__name__} draws nothing")

    def forward(self, x: Array, mode: Mode) -> Array:
        """Return the output for x (N, *input_shape); the array is the layer's own and is reused."""
        raise TypeError(f"{type(self).__name__} has no forward pass")

    def decisions(self) -> Array | None:
        """Return which branch each output took in the latest forward pass, None without branches.

        Two passes that decide alike lie on the same smooth piece of the network. The array may be
        the layer's own and is reused.
        """
        return None

    def backward(self, dy: Array) -> Array | None:
        """Write the parameter gradients and return dL/dx.

        Args:
            dy: dL/dy for the latest forward pass, shape (N, *output_shape). Not written to.

        Returns:
            dL/dx, shape (N, *input_shape), or None where `needs_input_gradient` is False.
        """
        raise TypeError(f"{type(self).__name__} has no backward pass")

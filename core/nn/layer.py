"""The interface of all layers.

A layer is built in two steps. The constructor takes the shape of one input image and the layer's
hyperparameters, checks that they fit, and allocates nothing: shapes, parameters and costs are
available at once. `allocate` then allocates the buffers for a batch, so that `forward` and
`backward` allocate nothing. An allocated layer belongs to one thread.

Every array between layers is C-contiguous with the batch as its first axis: (N, H, W, C) for
images, (N, L, C) for sequences, (N, D) for vectors. Layers rely on that without checking it;
`Network` checks its inputs once.
"""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from math import prod
from typing import Any, ClassVar, Protocol, Self

import numpy as np
import numpy.typing as npt

from core.nn.arrays import Array, Shape
from core.nn.buffers import Allocation, Buffers, ByteCount, Share


class Mode(Enum):
    """Purpose of a forward pass. Layers that behave the same in both modes ignore it."""

    TRAINING = "training"
    EVALUATION = "evaluation"


class MatMul(Protocol):
    """A function that multiplies matrices, or stacks of them, as `numpy.matmul` does."""

    def __call__(self, a: Array, b: Array, /, *, out: Array) -> Array:
        """Write the product to `out` and return it."""


class ShapeError(ValueError):
    """A layer cannot take an input of this shape; the message gives the reason and the shapes."""


@dataclass(frozen=True)
class Parameter:
    """A parameter tensor that a layer needs."""

    name: str
    """Name within the layer, such as `weight` or `bias`."""
    shape: Shape
    decays: bool
    """Whether weight decay applies: to weights, never to biases."""
    fan_in: int
    """Number of inputs that one output sums over; 0 initialises the tensor with `start`."""
    start: float = 0.0
    """Initial value of every entry if `fan_in` is 0."""

    @property
    def size(self) -> int:
        """Number of entries."""
        return prod(self.shape)


@dataclass(frozen=True)
class Statistic:
    """A tensor that a layer learns from its inputs instead of from gradients.

    A training pass only writes the statistics of its batch; `Network.update_running_stats` updates
    the running statistics.
    """

    name: str
    """Name within the layer, such as `mean`."""
    shape: Shape
    start: float
    """Initial running value of every entry."""

    @property
    def size(self) -> int:
        """Number of entries."""
        return prod(self.shape)


class Layer:
    """Base class of all layers.

    Args:
        input_shape: shape of one input image, without the batch.

    A subclass calls `super().__init__`, sets `output_shape`, and implements `forward` and
    `backward`.
    """

    kind: ClassVar[str]
    """Name of the layer type in settings and tables."""
    batch_independent: bool = True
    """Whether the output of a training pass for an image depends on that image alone, at any index
    in the batch."""
    stochastic: bool = False
    """Whether training passes use random numbers, see `sample`."""
    rectifies: bool = False
    """Whether a unit that is never above 0 passes on (next to) nothing, neither forward nor back:
    it does not fire."""

    keeps_input: bool = True
    """Whether the backward pass reads x, or y is x: then x must not be overwritten before it."""
    passes_input: bool = False
    """Whether the output may be the input itself, and dx the dy, instead of a buffer."""

    input_shape: Shape
    output_shape: Shape
    branch: "tuple[Layer, ...]" = ()
    """The layers of the branch of a residual layer."""
    needs_input_gradient: bool = True
    """False for the first layer of a network in training, where dx is not needed."""
    matmul: MatMul = np.matmul
    """Multiplies matrices; `with_matmul` selects another way."""

    def __init__(self, input_shape: Shape) -> None:
        self.input_shape = input_shape
        self.output_shape = input_shape
        self.batch = 0
        self.dtype: np.dtype[Any] = np.dtype(np.float32)
        self.allocation = Allocation(0, self.dtype)

    def parameters(self) -> list[Parameter]:
        """Return the parameter tensors in the order of the flat vector; none by default."""
        return []

    def statistics(self) -> list[Statistic]:
        """Return the statistics in the order of their flat vector; none by default."""
        return []

    def learned(self) -> "list[Parameter | Statistic]":
        """Return all learned tensors."""
        return [*self.parameters(), *self.statistics()]

    def parts(self) -> "tuple[Layer, ...]":
        """Return the layers that this one consists of; none by default."""
        return ()

    def named_parts(self) -> "list[tuple[str, Layer]]":
        """Return `parts` with their names in this layer."""
        return []

    def working_copy(self, needs_input_gradient: bool) -> Self:
        """Return a copy that a network can bind and allocate."""
        layer = copy.copy(self)
        layer.needs_input_gradient = needs_input_gradient
        return layer

    def mapped(self, change: "Callable[[Layer], Layer]") -> "Layer":
        """Return what `change` makes of the layer, or a copy with what it makes of its parts."""
        return change(self)

    def with_matmul(self, matmul: MatMul) -> Self:
        """Return a copy that multiplies matrices with another function."""
        layer = copy.copy(self)
        layer.matmul = matmul
        return layer

    def unseen(self) -> tuple[int, int]:
        """Return how many rows and columns at the end of its input the layer does not read."""
        return 0, 0

    def smallest_batch(self) -> int:
        """Return the smallest number of images in a training pass."""
        return 1

    def buffers(self, make: Buffers) -> None:
        """Allocate the layer's work arrays; none by default.

        `allocate` calls this method, and `resize` calls it again for fewer images: it must request
        the same arrays in the same order.
        """

    def product(self) -> tuple[int, int, int] | None:
        """Return (rows, inner, columns) of the matrix product for one image, if there is one."""
        return None

    def multiply_adds(self) -> int:
        """Return the multiply-adds of a forward pass per image; 0 without a matrix product."""
        product = self.product()
        return prod(product) if product else 0

    def count(self, count: ByteCount) -> None:
        """Add the bytes of the buffers, without those of a branch."""
        copy.copy(self).buffers(count)

    def allocate(self, batch: int, dtype: npt.DTypeLike, share: Share | None = None) -> None:
        """Allocate the buffers for up to `batch` images of `dtype`.

        Args:
            batch: largest batch size.
            dtype: dtype of the network.
            share: memory that the layer shares with others of its chain; None gives it its own.
        """
        self.batch, self.dtype = batch, np.dtype(dtype)
        self.allocation = Allocation(batch, self.dtype, share)
        self.buffers(self.allocation)

    def resize(self, batch: int) -> None:
        """Set the batch size, at most the allocated one."""
        if batch != self.batch:
            self.batch = batch
            self.buffers(self.allocation.first(batch))

    def bind(self, parameters: dict[str, Array], gradients: dict[str, Array]) -> None:
        """Set views into the flat vectors: `weight` and `dweight`, `bias` and `dbias`."""
        for name, view in parameters.items():
            setattr(self, name, view)
        for name, view in gradients.items():
            setattr(self, "d" + name, view)

    def bind_stats(self, running: dict[str, Array], batch: dict[str, Array]) -> None:
        """Set views into the flat vectors of statistics: `running_mean` and `batch_mean`."""
        for name, view in running.items():
            setattr(self, "running_" + name, view)
        for name, view in batch.items():
            setattr(self, "batch_" + name, view)

    def sample(self, rng: np.random.Generator) -> None:
        """Sample the random numbers of the next training passes; only if `stochastic`."""
        raise TypeError(f"{type(self).__name__} draws nothing")

    def forward(self, x: Array, mode: Mode) -> Array:
        """Return the output for x (N, *input_shape), a buffer of the layer that is reused."""
        raise TypeError(f"{type(self).__name__} has no forward pass")

    def each_output(self, x: Array, mode: Mode) -> "Iterator[tuple[str, Layer, Array]]":
        """Compute the layer as `forward` does; yield every part and, last, the layer.

        Args:
            x: as in `forward`.
            mode: as in `forward`.

        Yields:
            Name in this layer, empty for the layer itself; layer; and output, a buffer that is
            reused and is valid until the next is computed.
        """
        yield "", self, self.forward(x, mode)

    def decisions(self) -> Array | None:
        """Return which branch each output took in the latest forward pass, None without branches.

        Two passes with equal decisions lie on the same smooth piece of the network. The array may
        be a buffer of the layer that is reused.
        """
        return None

    def clearance(self, x: Array) -> npt.NDArray[np.float64] | None:
        """Return the distance of each image (N,) from the nearest kink, None without branches.

        That is the smallest change of one value of x at which a decision changes. Exact zeros and
        ties, which are the same in every number format, do not count.
        """
        return None

    def backward(self, dy: Array) -> Array | None:
        """Write the parameter gradients and return dL/dx.

        It may be called again for the same forward pass, with another dy: outputs of layers, which
        are the inputs of others, stay as they are.

        Args:
            dy: dL/dy for the latest forward pass, shape (N, *output_shape); not modified.

        Returns:
            dL/dx, shape (N, *input_shape), or None if `needs_input_gradient` is False.
        """
        raise TypeError(f"{type(self).__name__} has no backward pass")

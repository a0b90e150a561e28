"""How one number of a layer is explained: as a sum of products.

A layer's value is a sum over what it sees, y = bias + sum of x w: the weighted window of a
convolution, the values of a pooling window of which one has the factor 1, a single value behind a
gate. So is a gradient, over the values that a number goes into, and the gradient of a weight, over
all places at which the weight is used. All sums are computed anew, in double precision, from the
numbers of the layer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import fsum, prod

import numpy as np
import numpy.typing as npt

from core.nn.arrays import Array, Shape
from core.nn.layer import Layer, Mode

Place = tuple[int, ...]
"""Indices of one value of an image's activations: (row, column, channel), (step, channel), or
(index,)."""

Places = npt.NDArray[np.int64]
Exact = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Terms:
    """The products of a sum."""

    places: Places
    """Where each x is, (n, d); outside of the array where `inside` is False."""
    x: Exact
    """(n,)."""
    w: Exact
    """The factor of each x, (n,)."""
    inside: npt.NDArray[np.bool_]
    """Whether x is a value and not the padding around the image, (n,)."""
    images: Places
    """The image of the batch that each x belongs to, (n,)."""

    def __len__(self) -> int:
        return len(self.x)

    @classmethod
    def of(
        cls,
        places: npt.ArrayLike,
        x: npt.ArrayLike,
        w: npt.ArrayLike,
        inside: npt.ArrayLike | None = None,
        images: npt.ArrayLike | int = 0,
    ) -> "Terms":
        """Return terms from arrays or lists; a single number stands for all."""
        numbers = np.asarray(places, np.int64)
        count = len(numbers)
        return cls(
            numbers,
            np.broadcast_to(np.asarray(x, np.float64), count),
            np.broadcast_to(np.asarray(w, np.float64), count),
            np.ones(count, np.bool_) if inside is None else np.asarray(inside, np.bool_),
            np.broadcast_to(np.asarray(images, np.int64), count),
        )

    @property
    def products(self) -> Exact:
        """The products (n,); 0 where the factor is 0, even of an infinite x."""
        return np.multiply(self.x, self.w, out=np.zeros(len(self)), where=self.w != 0)


@dataclass(frozen=True, eq=False)
class Sum:
    """A number as a sum of products."""

    terms: Terms
    bias: float = 0.0
    """What is added to the products."""
    facts: Mapping[str, float] = field(default_factory=dict)
    """Further numbers that the factors or the bias come from, by name."""

    @property
    def exact(self) -> float:
        """The sum, rounded once."""
        return fsum([self.bias, *self.terms.products.tolist()])


@dataclass(frozen=True, eq=False)
class Observed:
    """What a layer took and gave in one pass over a batch."""

    layer: Layer
    mode: Mode
    image: int
    """Index of the image that is explained in the batch."""
    x: Array
    """Its inputs (N, *input_shape)."""
    y: Array
    """Its outputs (N, *output_shape)."""
    dy: Array
    """The gradient with respect to the outputs (N, *output_shape)."""
    tensors: Mapping[str, Array]
    """Parameters and running statistics by name, and the `mask` of dropout (N, *input_shape)."""

    def value(self, at: Place) -> float:
        """Return an input of the image."""
        return float(self.x[(self.image, *at)])

    def output(self, at: Place) -> float:
        """Return an output of the image."""
        return float(self.y[(self.image, *at)])

    def gradient(self, at: Place) -> float:
        """Return the gradient with respect to an output of the image."""
        return float(self.dy[(self.image, *at)])


def everywhere(shape: Shape) -> Places:
    """Return all places of an array of `shape`, (n, d), in their order."""
    return np.indices(shape, np.int64).reshape(len(shape), prod(shape)).T


def single(at: Place, x: float, w: float) -> Terms:
    """Return one term."""
    return Terms.of([at], [x], [w])

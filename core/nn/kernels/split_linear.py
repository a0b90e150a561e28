"""A large fully connected layer, whose weights are divided among the workers."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from core.nn.arrays import Array, Shape
from core.nn.layer import Layer
from core.nn.linear import Linear

MIN_WEIGHTS = 300_000
"""Number of weights from which dividing them takes less time than dividing the batch."""


def divided(layers: Sequence[Layer]) -> int | None:
    """Return the index of the fully connected layer whose weights are worth dividing, or None."""
    sizes = {
        at: layer.multiply_adds() for at, layer in enumerate(layers) if isinstance(layer, Linear)
    }
    at = max(sizes, key=lambda each: sizes[each], default=None)
    return None if at is None or sizes[at] < MIN_WEIGHTS else at


def shared_bytes(layer: Layer, batch: int, shards: int, dtype: npt.DTypeLike) -> int:
    """Return the bytes of the arrays that a divided layer needs."""
    (length,), (units,) = layer.input_shape, layer.output_shape
    return batch * (2 * length + (1 + shards) * units) * np.dtype(dtype).itemsize


class SplitLinear:
    """One fully connected layer of all shards, computed for the whole batch, part by part.

    A worker that multiplies its shard by the whole matrix W reads W twice per update and writes a
    gradient of the same size, and so does every other worker. Here it does so with some rows of W
    alone, W_k, and the inputs x_k that these rows multiply, of the images of all shards. So its
    products are taller, and gradients of the weights need no sum over the shards:

        y = b + sum over k of x_k W_k,   dW_k = x_k^T dy,   dx_k = dy W_k^T

    In return the shards exchange x, dx and dy, and each adds up its rows of y, in the order of the
    parts. There are as many parts as shards, so the result does not depend on the number of
    workers. dW_k goes to the gradients of the shard of the same index, whose other rows stay 0.

    Args:
        networks: the layers of each shard.
        at: index of the layer among them.
        bounds: index of the first image of each shard in the batch, and the size of the batch.
        zeros: allocates an array of a shape and a dtype that all workers share.
    """

    def __init__(
        self,
        networks: Sequence[Sequence[Layer]],
        at: int,
        bounds: Sequence[int],
        zeros: Callable[[Shape, npt.DTypeLike], Array],
    ) -> None:
        self.at, self._bounds = at, bounds
        self._layers = [layer for each in networks if isinstance(layer := each[at], Linear)]
        first, parts = self._layers[0], len(self._layers)
        (length,), (units,) = first.input_shape, first.output_shape
        batch, dtype = bounds[-1], first.dtype
        self._x = zeros((batch, length), dtype)
        self._dx = zeros((batch, length), dtype)
        self._dy = zeros((batch, units), dtype)
        self._y = zeros((parts, batch, units), dtype)
        self._edges = [length * part // parts for part in range(parts + 1)]
        self._inputs = [slice(*each) for each in pairwise(self._edges)]

    def give(self, shard: int, x: Array) -> None:
        """Take the input (n, D) of a shard."""
        np.copyto(self._x[self._rows(shard)], x)

    def forward(self, part: int) -> None:
        """Compute the outputs of a part of the inputs."""
        inputs = self._inputs[part]
        layer = self._layers[part]
        layer.matmul(self._x[:, inputs], layer.weight[inputs], out=self._y[part])

    def output(self, shard: int) -> Array:
        """Return the output (n, K) for a shard."""
        layer = self._layers[shard]
        first, *others = self._y[:, self._rows(shard)]
        np.copyto(layer.y, first)
        for other in others:
            np.add(layer.y, other, out=layer.y)
        if layer.biased:
            np.add(layer.y, layer.bias, out=layer.y)
        return layer.y

    def give_back(self, shard: int, dy: Array) -> None:
        """Take the gradient (n, K) of a shard's output, and write that of the bias."""
        layer = self._layers[shard]
        np.copyto(self._dy[self._rows(shard)], dy)
        if layer.biased:
            np.matmul(layer.ones, dy, out=layer.dbias)

    def backward(self, part: int) -> None:
        """Write the weight gradient of a part of the inputs, and their own gradient if needed."""
        layer, inputs = self._layers[part], self._inputs[part]
        layer.matmul(self._x[:, inputs].T, self._dy, out=layer.dweight[inputs])
        if layer.needs_input_gradient:
            layer.matmul(self._dy, layer.weight[inputs].T, out=self._dx[:, inputs])

    def input_gradient(self, shard: int) -> Array | None:
        """Return dx (n, D) for a shard, or None if it is not needed."""
        needed = self._layers[shard].needs_input_gradient
        return self._dx[self._rows(shard)] if needed else None

    def places(self, parameters: Array) -> list[slice]:
        """Return where the weights of each part stand in the flat vector of the network."""
        (units,), weight = self._layers[0].output_shape, self._layers[0].weight
        start = (weight.ctypes.data - parameters.ctypes.data) // weight.itemsize
        return [
            slice(start + each.start * units, start + each.stop * units) for each in self._inputs
        ]

    def blocks(
        self, block: slice, parameters: Array, gradients: list[Array]
    ) -> list[tuple[slice, list[Array]]]:
        """Return the parts of a block of the parameters, each with the gradients to add up in it.

        Args:
            block: where the block stands in the flat vector.
            parameters: the flat vector.
            gradients: that of each shard. A part of the divided weights has a single one.
        """
        places = self.places(parameters)
        edges = {edge for place in places for edge in (place.start, place.stop)}
        inside = (edge for edge in edges if block.start < edge < block.stop)
        parts = []
        for start, stop in pairwise(sorted({block.start, *inside, block.stop})):
            own = [
                each
                for each, place in zip(gradients, places, strict=True)
                if place.start <= start and stop <= place.stop
            ]
            parts.append((slice(start, stop), own or gradients))
        return parts

    def _rows(self, shard: int) -> slice:
        return slice(self._bounds[shard], self._bounds[shard + 1])

"""Chains of layers, where the output of each is the input of the next.

A network is a chain, and so is the branch of a residual layer.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from core.nn.arrays import Array
from core.nn.layer import Layer, Mode, Parameter, ShapeError, Statistic


def check_chain(layers: Sequence[Layer], what: str = "a network") -> None:
    """Check that the shapes fit.

    Args:
        layers: the chain.
        what: name of the chain in messages.

    Raises:
        ShapeError: if there are no layers, or two in a row do not fit.
    """
    if not layers:
        raise ShapeError(f"{what} needs one layer at least")
    for number, (before, after) in enumerate(pairwise(layers), 1):
        if before.output_shape != after.input_shape:
            raise ShapeError(
                f"layer {number} ({before.kind}) gives {before.output_shape}, but layer "
                f"{number + 1} ({after.kind}) takes {after.input_shape}"
            )


def numbered(layers: Sequence[Layer]) -> Iterator[tuple[str, Layer]]:
    """Yield every layer with its name: its kind and its number among those, such as `conv2`."""
    counts: Counter[str] = Counter()
    for layer in layers:
        counts[layer.kind] += 1
        yield f"{layer.kind}{counts[layer.kind]}", layer


def named(layers: Sequence[Layer]) -> list[tuple[str, Layer, Parameter | Statistic]]:
    """Return every learned tensor with its name, such as `conv2.weight`, and its layer."""
    return [
        (f"{name}.{tensor.name}", layer, tensor)
        for name, layer in numbered(layers)
        for tensor in layer.learned()
    ]


def every_layer(layers: Sequence[Layer]) -> Iterator[tuple[str, Layer]]:
    """Yield every layer with its name after its parts, such as `residual1.relu1`.

    The order is that of `each_output`.
    """
    for name, layer in numbered(layers):
        yield from _parts(name, layer)
        yield name, layer


def _parts(name: str, layer: Layer) -> Iterator[tuple[str, Layer]]:
    for inner, part in layer.named_parts():
        yield from _parts(f"{name}.{inner}", part)
        yield f"{name}.{inner}", part


def needs_input_gradients(layers: Sequence[Layer], input_gradient: bool = False) -> list[bool]:
    """Return which layers must compute dx.

    A layer must compute dx if a layer before it has parameters. The first layer with parameters,
    and all before it, need not, unless the gradient of the chain's input is requested.
    """
    needed, result = input_gradient, []
    for layer in layers:
        result.append(needed)
        needed = needed or bool(layer.parameters())
    return result


def working_copies(layers: Sequence[Layer], input_gradient: bool) -> list[Layer]:
    """Return copies of the layers for a chain whose input gradient is or is not needed."""
    needed = needs_input_gradients(layers, input_gradient)
    return [layer.working_copy(need) for layer, need in zip(layers, needed, strict=True)]


def leaves(layers: Sequence[Layer]) -> Iterator[Layer]:
    """Yield the layers, with the parts of a composite layer in its place."""
    for layer in layers:
        if parts := layer.parts():
            yield from leaves(parts)
        else:
            yield layer


def forward(layers: Sequence[Layer], x: Array, mode: Mode) -> Array:
    """Return the output of the chain for x."""
    for layer in layers:
        x = layer.forward(x, mode)
    return x


def each_output(
    layers: Sequence[Layer], x: Array, mode: Mode
) -> Iterator[tuple[str, Layer, Array]]:
    """Compute the chain as `forward` does; yield name, layer and output of each, parts included.

    The outputs are buffers that are reused, valid until the next is computed.
    """
    for name, layer in numbered(layers):
        for inner, part, y in layer.each_output(x, mode):
            yield f"{name}.{inner}" if inner else name, part, y
        x = y  # the last is that of the layer itself


def backward(layers: Sequence[Layer], dy: Array) -> Array | None:
    """Write the parameter gradients of the chain; return dx, or None if it is not needed."""
    gradient: Array | None = dy
    for layer in reversed(layers):
        if gradient is None:
            break
        gradient = layer.backward(gradient)
    return gradient


def clearance(layers: Sequence[Layer], x: Array) -> npt.NDArray[np.float64]:
    """Return the distance of each image (N,) from the nearest kink of a chain in training.

    Infinity for a chain without kinks.
    """
    smallest = np.full(len(x), np.inf)
    for layer in layers:
        distance = layer.clearance(x)
        if distance is not None:
            smallest = np.minimum(smallest, distance)
        x = layer.forward(x, Mode.TRAINING)
    return smallest

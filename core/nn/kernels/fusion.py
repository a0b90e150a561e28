"""Reordering of layers that computes the same network in less time."""

from collections.abc import Sequence
from itertools import pairwise

from core.nn.layer import Layer
from core.nn.pool import MaxPool2d
from core.nn.relu import ReLU
from core.nn.residual import Residual


def fuse(layers: Sequence[Layer]) -> list[Layer]:
    """Return faster layers with the same output and the same parameter gradients as `layers`.

    A ReLU before a max pool moves behind it, where it has fewer values to rectify: ReLU never
    decreases as x grows, so it commutes with the maximum, and where the maximum is 0 no gradient
    passes in either order.
    """
    chain = [
        layer.with_branch(fuse(layer.branch)) if isinstance(layer, Residual) else layer
        for layer in layers
    ]
    for place, (layer, after) in enumerate(pairwise(layers)):
        if isinstance(layer, ReLU) and isinstance(after, MaxPool2d):
            chain[place : place + 2] = after, ReLU(after.output_shape)
    return chain

"""The same network in an order that takes less time."""

from collections.abc import Sequence
from itertools import pairwise

from core.nn.activation import ReLU
from core.nn.layer import Layer
from core.nn.pool import MaxPool2d


def fuse(layers: Sequence[Layer]) -> list[Layer]:
    """Return layers that compute what `layers` do, gradients of parameters included, in less time.

    A ReLU before a max pool goes behind it, where there is less left to rectify: of values that
    only grow with x, the largest is that of the largest x, and where it is 0 no gradient passes
    either way.
    """
    chain = list(layers)
    for place, (layer, after) in enumerate(pairwise(layers)):
        if isinstance(layer, ReLU) and isinstance(after, MaxPool2d):
            chain[place : place + 2] = after, ReLU(after.output_shape)
    return chain

"""Kinks of a network, where it has no derivative, and flips, where two passes differ in a decision.

A ReLU has a kink where its input is 0, max pooling where the two largest values of a window are
equal. The gradients on the two sides of a kink differ, and both are correct: two correct
implementations whose rounding puts an input on different sides differ by far more than rounding
errors. So such flips are counted separately instead of being reported as errors.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from core.nn import chain
from core.nn.arrays import Array
from core.nn.network import Network

Decisions = Sequence[Array | None]
Counts = npt.NDArray[np.int64]


def flips(ours: Decisions, theirs: Decisions) -> Counts:
    """Return the number of decisions that differ, (layers, N), for each layer and image."""
    count = next((len(layer) for layer in ours if layer is not None), 0)
    table = np.zeros((len(ours), count), np.int64)
    for row, a, b in zip(table, ours, theirs, strict=True):
        if a is not None and b is not None:
            row[:] = np.not_equal(a, b).reshape(count, -1).sum(axis=1)
    return table


def same(ours: Decisions, theirs: Decisions) -> bool:
    """Return whether all decisions are the same."""
    return all(
        np.array_equal(a, b)
        for a, b in zip(ours, theirs, strict=True)
        if a is not None and b is not None
    )


def activations(decisions: Decisions) -> int:
    """Return the number of decisions in a batch."""
    return sum(layer.size for layer in decisions if layer is not None)


def clearance(network: Network, x: Array) -> npt.NDArray[np.float64]:
    """Return the distance of each image (N,) from the nearest kink, in units of activations.

    For a ReLU that is |x|; for max pooling the difference of the two largest values. Exact zeros,
    such as those of dropout, and exact ties, such as those of zeros after a ReLU, are the same in
    every number format and do not count.
    """
    return chain.clearance(network.layers, x)

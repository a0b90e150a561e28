"""Kinks of a network, where it has no derivative, and flips, where two passes differ in a decision.

A ReLU has a kink where its input is 0, max pooling where the two largest values of a window are
equal. The gradients on the two sides of a kink differ, and both are correct: two correct
implementations whose rounding puts an input on different sides differ by far more than rounding
errors. So such flips are counted separately instead of being reported as errors.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from core.nn.activation import ReLU
from core.nn.arrays import Array
from core.nn.layer import Mode
from core.nn.network import Network
from core.nn.pool import MaxPool2d

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
    smallest = np.full(len(x), np.inf)
    for layer in network.layers:
        if isinstance(layer, ReLU):
            distance = np.where(x == 0, np.inf, np.abs(x)).reshape(len(x), -1)
            smallest = np.minimum(smallest, distance.min(axis=1))
        elif isinstance(layer, MaxPool2d):
            smallest = np.minimum(smallest, _leads(layer, x))
        x = layer.forward(x, Mode.TRAINING)
    return smallest


def _leads(pool: MaxPool2d, x: Array) -> Array:
    images = x.reshape(-1, *pool.image_shape)
    (kh, kw), (sh, sw) = pool.filter, pool.stride
    if kh * kw == 1:
        return np.full(len(x), np.inf)
    windows = sliding_window_view(images, (kh, kw), axis=(1, 2))[:, ::sh, ::sw]
    values = np.partition(windows.reshape(len(images), -1, kh * kw), kh * kw - 2, axis=-1)
    lead = values[..., -1] - values[..., -2]
    nearest: Array = np.where(lead > 0, lead, np.inf).min(axis=1)
    return nearest

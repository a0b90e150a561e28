"""Helpers of the layer tests: layers with random parameters, and references in PyTorch."""

import numpy as np
import pytest
from hypothesis import settings

from core.nn.layer import Mode
from core.nn.network import Network

CLOSE = {"rtol": 1e-11, "atol": 1e-12}
drawn = settings(max_examples=40)


def ready(layer, batch, dtype=np.float64, seed=0):
    """Return a network of one layer with random parameters, which returns dx."""
    network = Network([layer], batch, dtype, input_gradient=True)
    network.parameters[:] = np.random.default_rng(seed).standard_normal(network.parameters.size)
    # Any read of uninitialised memory becomes visible.
    network.gradients.fill(np.nan)
    worker = network.layers[0]
    for each in worker.allocation.arrays:
        if not each.constant and each.array.dtype == network.dtype:
            each.array.fill(np.nan)
    return network


def passes(network, x, dy):
    """Return copies of y, dx and the flat gradients."""
    y = network.forward(x, Mode.TRAINING).copy()
    dx = network.backward(dy).copy()
    return y, dx, network.gradients.copy()


def normal(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape)


def torch_module():
    try:
        import torch
    except ImportError:
        pytest.skip("PyTorch is not installed; the comparison with it needs it")
    return torch

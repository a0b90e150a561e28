"""Tests that fused layers give bitwise the same results."""

import numpy as np
import pytest

from core.nn.acceleration import conv2d, prepare
from core.nn.flatten import Flatten
from core.nn.init import initialise
from core.nn.kernels.fusion import fuse
from core.nn.layer import Mode
from core.nn.linear import Linear
from core.nn.network import Network
from core.nn.pool import MaxPool2d
from core.nn.relu import ReLU
from tests.nn.test_network import chain

CHAINS = {
    "side by side": [lambda s: conv2d(s, 3, 4, 1, 1), ReLU, lambda s: MaxPool2d(s, 2)],
    "overlapping": [lambda s: conv2d(s, 3, 4, 1, 1), ReLU, lambda s: MaxPool2d(s, 3, 2)],
    "two of each": [ReLU, ReLU, lambda s: MaxPool2d(s, 2), lambda s: MaxPool2d(s, 2, 1)],
    "at the start": [ReLU, lambda s: MaxPool2d(s, 2), lambda s: conv2d(s, 3, 4, 1, 1)],
    "pool first": [lambda s: MaxPool2d(s, 2), ReLU, lambda s: conv2d(s, 3, 4, 1, 1), ReLU],
}


@pytest.mark.parametrize("name", CHAINS)
@pytest.mark.parametrize("coarse", [False, True])
def test_outputs_and_gradients_are_the_same(name: str, coarse: bool) -> None:
    layers = chain((8, 8, 3), *CHAINS[name], Flatten, lambda s: Linear(s, 10))
    slow = Network(layers, 5, np.float32, input_gradient=True)
    initialise(slow, np.random.default_rng(0))
    if coarse:  # many equal values, so that the first of several has to win, and zeros
        slow.parameters[:] = np.round(2 * slow.parameters)
    quick = Network(fuse(layers), 5, np.float32, slow.parameters, input_gradient=True)
    rng = np.random.default_rng(1)
    x = np.round(rng.standard_normal((5, 8, 8, 3)), 0 if coarse else 6).astype(np.float32)
    dy = rng.standard_normal((5, 10)).astype(np.float32)
    logits = slow.forward(x, Mode.TRAINING)
    np.testing.assert_array_equal(quick.forward(x, Mode.TRAINING), logits)
    np.testing.assert_array_equal(quick.backward(dy), slow.backward(dy))
    np.testing.assert_array_equal(quick.gradients, slow.gradients)


def test_every_relu_that_stands_before_a_pool_goes_behind_it() -> None:
    layers = chain((8, 8, 3), ReLU, lambda s: MaxPool2d(s, 2), ReLU, lambda s: MaxPool2d(s, 2))
    assert [layer.kind for layer in fuse(layers)] == ["pool", "relu", "pool", "relu"]
    assert [layer.kind for layer in layers] == ["relu", "pool", "relu", "pool"]


def test_a_network_that_begins_with_a_relu_before_a_pool_is_prepared_in_that_order() -> None:
    layers = chain((8, 8, 3), ReLU, lambda s: MaxPool2d(s, 2), lambda s: conv2d(s, 2, 4, 2))
    prepared = prepare(layers)
    assert [layer.kind for layer in prepared.layers] == ["pool", "relu", "conv"]
    assert prepared.layout.shape == (8, 8, 3)
    assert not prepared.layout.rearranges

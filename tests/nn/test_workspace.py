"""Tests of the memory that layers share: the results are those of layers that share none."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.nn import workspace
from core.nn.acceleration import conv2d
from core.nn.avgpool import AveragePool2d
from core.nn.batchnorm import BatchNorm
from core.nn.conv import Conv2d
from core.nn.dropout import Dropout
from core.nn.flatten import Flatten
from core.nn.gelu import GELU
from core.nn.kernels.winograd import Winograd
from core.nn.layer import Layer, Mode, ShapeError
from core.nn.layernorm import LayerNorm
from core.nn.leakyrelu import LeakyReLU
from core.nn.linear import Linear
from core.nn.network import Network
from core.nn.pool import MaxPool2d
from core.nn.relu import ReLU
from core.nn.residual import Residual
from tests.nn.harness import normal, passes
from tests.nn.test_network import chain, everything, normalised, published

BATCH = 3

MAKERS = {
    "conv": lambda shape: conv2d(shape, 3, 4, 1, 1),
    "strided conv": lambda shape: Conv2d(shape, 3, 3, 2, 1, biased=False),
    "dilated conv": lambda shape: conv2d(shape, 2, 4, 1, 1, dilation=2),
    "grouped conv": lambda shape: conv2d(shape, 3, shape[-1], 1, 1, groups=shape[-1]),
    "patches": lambda shape: conv2d(shape, 2, 5, 2),
    "winograd": lambda shape: Winograd(shape, 3, 5, 1, 1),
    "batchnorm": BatchNorm,
    "layernorm": LayerNorm,
    "relu": ReLU,
    "leakyrelu": lambda shape: LeakyReLU(shape, 0.1),
    "gelu": GELU,
    "dropout": lambda shape: Dropout(shape, 0.4),
    "pool": lambda shape: MaxPool2d(shape, 2),
    "overlapping pool": lambda shape: MaxPool2d(shape, 3, 2, 1),
    "pool with gaps": lambda shape: AveragePool2d(shape, 1, 2),
    "flatten": Flatten,
    "linear": lambda shape: Linear(shape, 6),
    "residual": lambda shape: Residual(
        shape,
        chain(shape, MAKERS["conv"], BatchNorm, ReLU, MAKERS["strided conv"], BatchNorm),
    ),
    "nested": lambda shape: Residual(
        shape,
        chain(
            shape,
            BatchNorm,
            lambda inner: Residual(inner, chain(inner, ReLU, lambda s: conv2d(s, 3, s[-1], 1, 1))),
            ReLU,
            Flatten if len(shape) == 1 else ReLU,
        ),
    ),
}


def random_chain(names: list[str]) -> list[Layer]:
    """Return those layers of the names that fit."""
    layers: list[Layer] = []
    shape: tuple[int, ...] = (9, 8, 2)
    for name in names:
        try:
            layers.append(MAKERS[name](shape))
        except (ShapeError, TypeError, IndexError):
            continue
        shape = layers[-1].output_shape
    return layers or [ReLU(shape)]


def alone(layers: list[Layer], network: Network, **given: bool) -> Network:
    """Return a network with the same parameters whose layers share nothing."""
    other = Network(layers, BATCH, network.dtype, network.parameters, **given)
    for layer in other.layers:
        layer.allocate(BATCH, network.dtype)
    return other


def poison(network: Network) -> None:
    """Overwrite all shared memory with NaN."""
    memory = network._memory
    while memory is not None:
        for piece in (*memory.passing, memory.scratch):
            size = len(piece) // 8 * 8
            piece[:size].view(np.float64).fill(np.nan)
        memory = memory.branch


@given(
    names=st.lists(st.sampled_from(sorted(MAKERS)), min_size=1, max_size=9),
    input_gradient=st.booleans(),
)
@example(names=["conv", "dropout", "overlapping pool"], input_gradient=False)
@example(names=["conv", "flatten", "layernorm", "linear"], input_gradient=True)
@example(names=["conv", "residual", "batchnorm", "nested", "relu"], input_gradient=True)
def test_any_chain_computes_the_same(names: list[str], input_gradient: bool) -> None:
    layers = random_chain(names)
    network = Network(layers, BATCH, np.float64, input_gradient=input_gradient)
    network.parameters[:] = normal(0, network.parameters.size)
    other = alone(layers, network, input_gradient=input_gradient)
    for each in (network, other):
        each.sample(np.random.default_rng)
    x = normal(1, BATCH, *network.input_shape)
    for mode in (Mode.TRAINING, Mode.EVALUATION, Mode.TRAINING):
        poison(network)
        assert np.array_equal(network.forward(x, mode), other.forward(x, mode))
    # Going back a second time starts from the same outputs.
    for seed in (2, 3):
        dy = normal(seed, BATCH, *network.output_shape)
        dx, expected = network.backward(dy), other.backward(dy)
        assert np.array_equal(network.gradients, other.gradients)
        if input_gradient:
            assert np.array_equal(dx, expected)
        poison(network)


@given(
    names=st.lists(st.sampled_from(sorted(MAKERS)), min_size=1, max_size=9),
    input_gradient=st.booleans(),
    batch=st.integers(1, 4),
)
def test_it_is_as_large_as_announced(names: list[str], input_gradient: bool, batch: int) -> None:
    layers = random_chain(names)
    network = Network(layers, batch, np.float32, input_gradient=input_gradient)
    held = {}
    for _, layer in every_part(network.layers):
        for each in layer.allocation.arrays:
            if each.own:
                held[each.array.ctypes.data] = each.array.nbytes
    memory = network._memory
    shared = len(memory.scratch)
    while memory is not None:
        shared += sum(map(len, memory.passing))
        memory = memory.branch
    announced = Network.buffer_bytes(layers, batch, np.float32, input_gradient=input_gradient)
    assert announced == sum(held.values()) + shared


def every_part(layers: list[Layer]) -> list[tuple[str, Layer]]:
    found = []
    for layer in layers:
        found.append((layer.kind, layer))
        found += every_part(list(layer.parts()))
    return found


@pytest.mark.parametrize("layers", [published(), everything(), normalised()])
def test_known_networks_compute_the_same(layers: list[Layer]) -> None:
    network = Network(layers, BATCH, np.float64, input_gradient=True)
    network.parameters[:] = normal(0, network.parameters.size)
    other = alone(layers, network, input_gradient=True)
    for each in (network, other):
        each.sample(np.random.default_rng)
    x, dy = normal(1, BATCH, *network.input_shape), normal(2, BATCH, *network.output_shape)
    for ours, theirs in zip(passes(network, x, dy), passes(other, x, dy), strict=True):
        assert np.array_equal(ours, theirs)


def test_the_input_gradient_stays_when_the_next_pass_comes() -> None:
    network = Network(everything(), BATCH, np.float64, input_gradient=True)
    network.parameters[:] = normal(0, network.parameters.size)
    x, dy = normal(1, BATCH, *network.input_shape), normal(2, BATCH, *network.output_shape)
    y = network.forward(x, Mode.TRAINING)
    dx = network.backward(dy)
    kept, logits = dx.copy(), y.copy()
    assert np.array_equal(y, logits)
    network.forward(2 * x, Mode.TRAINING)
    assert np.array_equal(dx, kept)


def test_two_pieces_hold_all_gradients_of_a_chain() -> None:
    shape = (8, 8, 4)
    conv = lambda before: conv2d(before, 3, 4, 1, 1)  # noqa: E731
    short = chain(shape, conv, BatchNorm, ReLU)
    needs = [workspace.needs([short * times], 2, np.float32) for times in (2, 5)]
    assert needs[0].passing == needs[1].passing == (2 * 8 * 8 * 4 * 4,) * 2
    assert needs[0].scratch == needs[1].scratch

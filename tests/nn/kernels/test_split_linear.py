"""Tests of the fully connected layer whose weights are divided."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.nn.kernels.split_linear import MIN_WEIGHTS, SplitLinear, divided, shared_bytes
from core.nn.layer import Layer, Mode
from core.nn.linear import Linear
from core.nn.network import Network
from core.nn.relu import ReLU


@given(
    length=st.integers(1, 12),
    units=st.integers(1, 6),
    sizes=st.lists(st.integers(1, 5), min_size=1, max_size=4),
    biased=st.booleans(),
    needed=st.booleans(),
)
def test_it_computes_the_layer(
    length: int, units: int, sizes: list[int], biased: bool, needed: bool
) -> None:
    rng = np.random.default_rng(0)
    layer = Linear((length,), units, biased)
    count = Network.parameter_count([layer])
    parameters = rng.standard_normal(count)
    networks = [
        Network([layer], size, "float64", parameters, input_gradient=needed) for size in sizes
    ]
    bounds = np.cumsum([0, *sizes]).tolist()
    allocated = []

    def zeros(shape: tuple[int, ...], dtype: object) -> np.ndarray:
        allocated.append(np.zeros(shape))
        return allocated[-1]

    split = SplitLinear([each.layers for each in networks], 0, bounds, zeros)
    assert sum(each.nbytes for each in allocated) == shared_bytes(
        layer, bounds[-1], len(sizes), "float64"
    )
    whole = Network([layer], bounds[-1], "float64", parameters, input_gradient=True)
    x, dy = rng.standard_normal((bounds[-1], length)), rng.standard_normal((bounds[-1], units))
    y = whole.forward(x, Mode.TRAINING)
    dx = whole.backward(dy)
    rows = [slice(*bounds[shard : shard + 2]) for shard in range(len(sizes))]
    for shard, part in enumerate(rows):
        split.give(shard, x[part])
    for part in range(len(sizes)):
        split.forward(part)
    for shard, part in enumerate(rows):
        np.testing.assert_allclose(split.output(shard), y[part], rtol=1e-12, atol=1e-12)
        split.give_back(shard, dy[part])
    for part in range(len(sizes)):
        split.backward(part)
    for shard, part in enumerate(rows):
        mine = split.input_gradient(shard)
        if needed:
            np.testing.assert_allclose(mine, dx[part], rtol=1e-12, atol=1e-12)
        else:
            assert mine is None
    total = sum(each.gradients for each in networks)
    np.testing.assert_allclose(total, whole.gradients, rtol=1e-12, atol=1e-12)
    # The parts of the weight stand where they say, each in the vector of one shard.
    for each, place in zip(networks, split.places(parameters), strict=True):
        np.testing.assert_allclose(
            each.gradients[place], whole.gradients[place], rtol=1e-12, atol=1e-12
        )


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ([ReLU((8,))], None),
        ([Linear((8,), 8)], None),
        ([Linear((MIN_WEIGHTS,), 1)], 0),
        ([ReLU((8,)), Linear((8,), 8), Linear((8,), MIN_WEIGHTS // 8 + 1)], 2),
        ([Linear((MIN_WEIGHTS - 1,), 1)], None),
    ],
)
def test_only_a_large_layer_is_divided(layers: list[Layer], expected: int | None) -> None:
    assert divided(layers) == expected

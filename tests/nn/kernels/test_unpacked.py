"""Tests of matrix products in parts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.build_layers import layers_of
from core.config import presets
from core.nn import chain
from core.nn.acceleration import prepare
from core.nn.init import initialise
from core.nn.kernels import unpacked
from core.nn.layer import Mode
from core.nn.network import Network
from tests.nn.harness import drawn

BOUNDS = {
    "LIMIT": 60,
    "SMALLEST": 0,
    "TURNED_OUTPUTS": 24,
    "TURNED_INNER": 3,
    "LEAST_TURNED": 2,
    "LEAST_ROWS": 2,
    "LEAST_COLUMNS": 3,
    "LEAST_INNER": 2,
    "MOST_COLUMNS": 5,
}
"""Bounds with which small products are divided as large ones are."""

sizes = st.integers(1, 19)


@pytest.fixture
def small_bounds(monkeypatch):
    for name, value in BOUNDS.items():
        monkeypatch.setattr(unpacked, name, value)
    unpacked._divided.cache_clear()
    yield
    unpacked._divided.cache_clear()


def matrices(rng, stack, rows, columns, turned):
    if turned:
        return matrices(rng, stack, columns, rows, False).swapaxes(-1, -2)
    return rng.standard_normal((*stack, rows, columns)).astype(np.float32)


@pytest.mark.usefixtures("small_bounds")
@drawn
@given(st.lists(st.integers(1, 3), max_size=2), sizes, sizes, sizes, st.booleans(), st.booleans())
def test_any_product_is_that_of_numpy(stack, rows, inner, columns, a_turned, b_turned):
    rng = np.random.default_rng(0)
    a = matrices(rng, stack, rows, inner, a_turned)
    b = matrices(rng, stack, inner, columns, b_turned)
    around = np.full((*stack, rows + 2, columns + 2), np.nan, np.float32)
    out = around[..., 1:-1, 1:-1]
    assert unpacked.matmul(a, b, out=out) is out
    exact = np.matmul(a.astype(np.float64), b.astype(np.float64))
    np.testing.assert_allclose(out, exact, rtol=1e-4, atol=1e-5)
    around[..., 1:-1, 1:-1] = np.nan
    assert np.isnan(around).all()


@pytest.mark.usefixtures("small_bounds")
def test_small_bounds_reach_every_way_with_and_without_a_rest():
    found = {
        (plan.axis, bool(size % plan.length))
        for rows in range(1, 20)
        for inner in range(1, 20)
        for columns in range(1, 20)
        for turned in ((False, False), (True, False), (False, True))
        if (plan := unpacked._divided(rows, inner, columns, *turned))
        for size in [{"rows": rows, "columns": columns, "inner": inner}[plan.axis]]
    }
    assert found == {
        (axis, rest) for axis in ("rows", "columns", "inner") for rest in (True, False)
    }


@pytest.mark.parametrize(
    ("rows", "inner", "columns", "a_turned", "b_turned", "plan"),
    [
        (3200, 48, 10, False, False, ("rows", 1600)),  # the patches of arch-2, forward
        (48, 3200, 10, True, False, ("inner", 1600)),  # and the gradient of its filters
        (640, 50, 200, True, False, ("rows", 80)),  # the gradient of a hidden layer of arch-6
        (50, 200, 640, False, True, ("columns", 20)),  # and that of its inputs
        (36, 36, 8192, True, False, ("columns", 512)),  # a transform of Winograd's algorithm
        (50, 640, 200, False, False, None),
        (50, 50, 10, False, False, None),
        (768, 200, 160, True, True, None),
    ],
)
def test_products_of_networks(rows, inner, columns, a_turned, b_turned, plan):
    assert unpacked._divided(rows, inner, columns, a_turned, b_turned) == plan


@pytest.mark.parametrize("dtype", [np.float64, np.complex128])
def test_other_numbers_are_multiplied_as_a_whole(dtype):
    a, b = (np.random.default_rng(0).standard_normal(shape) for shape in ((3200, 48), (48, 10)))
    a, b = a.astype(dtype), b.astype(dtype)
    out = unpacked.matmul(a, b, out=np.empty((3200, 10), dtype))
    np.testing.assert_array_equal(out, a @ b)


def test_later_sums_over_parts_use_the_same_memory():
    a, b = (np.random.default_rng(0).standard_normal((3200, n)).astype("f4") for n in (48, 10))
    out = np.empty((48, 10), np.float32)
    unpacked.matmul(a.T, b, out=out)
    before = unpacked._kept.memory
    unpacked.matmul(a.T, b, out=out)
    assert unpacked._kept.memory is before


@pytest.mark.parametrize("name", ["arch-2", "arch-6", "lenet", "conv1d", "resnet", "deep"])
def test_networks_give_the_same_either_way(name):
    layers, _ = layers_of(presets.load(name))
    results = []
    for kernel in ("Haswell", "SkylakeX"):
        prepared = prepare(layers, kernel)
        network = Network(prepared.layers, 12, np.float32)
        initialise(network, np.random.default_rng(0))
        rng = np.random.default_rng(1)
        x = rng.standard_normal((12, *prepared.layout.shape)).astype(np.float32)
        dy = rng.standard_normal((12, *network.output_shape)).astype(np.float32)
        y = network.forward(x, Mode.TRAINING).copy()
        network.backward(dy)
        results += [(y, network.gradients)]
    for one, other in zip(*results, strict=True):
        assert np.linalg.norm(one - other) <= 2e-4 * np.linalg.norm(one)


def test_every_part_of_a_network_multiplies_in_the_way_of_the_processor():
    layers, _ = layers_of(presets.load("resnet"))
    for kernel, matmul in (
        ("Haswell", np.matmul),
        ("", np.matmul),
        ("SkylakeX", unpacked.matmul),
    ):
        for _, layer in chain.every_layer(prepare(layers, kernel).layers):
            assert layer.parts() or layer.matmul is matmul
    assert all(layer.matmul is np.matmul for _, layer in chain.every_layer(layers))

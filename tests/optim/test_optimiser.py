"""What all rules share: blocks, chunks, the order of the gradients, clipping."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.optim.adamw import AdamW
from core.optim.optimiser import CHUNK, Optimiser, clip_scale
from core.optim.sgd import SGD
from tests.nn.harness import torch_module

RULES = [SGD(), SGD(0.9), SGD(0.9, nesterov=True), AdamW()]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("decay_size", [0, 10, 23])
def test_blocks_do_not_show_in_the_weights(rule, decay_size):
    rng = np.random.default_rng(0)
    start, g = rng.standard_normal(23), rng.standard_normal(23)
    results = []
    for blocks in (1, 2, 5, 23, 40):
        w = start.copy()
        optimiser = Optimiser(rule, w, decay_size, blocks)
        assert len(optimiser.blocks) == blocks
        work = optimiser.work()
        for update in range(2):
            for block in reversed(optimiser.blocks):
                optimiser.step(block, [g.copy(), g], 0.1, 0.5, work, update, 0.75)
        results.append(w)
    for other in results[1:]:
        np.testing.assert_array_equal(other, results[0])


@pytest.mark.parametrize("rule", RULES)
def test_chunks_do_not_show_in_the_weights(rule):
    size = 2 * CHUNK + 5
    rng = np.random.default_rng(0)
    start, g = rng.standard_normal(size), rng.standard_normal(size)
    w, decay_size = start.copy(), CHUNK + 3
    Optimiser(rule, w, decay_size).update([g], 0.1, 0.25)
    for place in (0, CHUNK - 1, CHUNK, decay_size - 1, decay_size, size - 1):
        alone = start[place : place + 1].copy()
        Optimiser(rule, alone, int(place < decay_size)).update([g[place : place + 1]], 0.1, 0.25)
        assert w[place] == alone[0], place


@pytest.mark.parametrize("rule", RULES)
def test_gradients_stay_as_they_are(rule):
    g = [np.arange(6.0), np.ones(6)]
    before = [part.copy() for part in g]
    Optimiser(rule, np.ones(6), 3, 2).update(g, 0.1, 0.5, clip_norm=0.5)
    np.testing.assert_array_equal(g, before)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_a_step_over_many_chunks_allocates_nothing(rule, scale):
    w = np.ones(3 * CHUNK + 5, np.float32)
    optimiser = Optimiser(rule, w, 2 * CHUNK)
    work, g, [block] = optimiser.work(), [w.copy(), w.copy()], optimiser.blocks

    def step():
        optimiser.squared_norm(block, g, work)
        optimiser.step(block, g, 0.1, 0.1, work, 3, scale)

    step()
    tracemalloc.start()
    try:
        step()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8192


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
def test_dtype_is_kept(dtype):
    w, g = np.ones(4, dtype), np.ones(4, dtype)
    Optimiser(SGD(), w, 2).update([g], 0.5, 0.25)
    np.testing.assert_array_equal(w, np.array([0.25, 0.25, 0.5, 0.5], dtype))
    assert w.dtype == dtype
    assert all(
        vector.dtype == dtype for rule in RULES for vector in Optimiser(rule, w, 2).state.values()
    )


@given(st.integers(1, 40), st.integers(1, 5), st.sampled_from([1e-3, 0.5, 1.0, 100.0]))
def test_clipping_is_pytorchs(size, blocks, limit):
    torch = torch_module()
    g = np.random.default_rng(size).standard_normal((2, size))
    theirs = torch.zeros(size, dtype=torch.float64, requires_grad=True)
    theirs.grad = torch.from_numpy(g[0] + g[1])
    torch.nn.utils.clip_grad_norm_([theirs], limit)
    w = np.zeros(size)
    Optimiser(SGD(), w, size, blocks).update(list(g), 1.0, 0.0, clip_norm=limit)
    np.testing.assert_allclose(-w, theirs.grad.numpy(), rtol=1e-12, atol=1e-15)


def test_clipping_leaves_the_decay_alone_and_short_gradients_as_they_are():
    w = np.full(2, 10.0)
    Optimiser(SGD(), w, 2).update([np.array([3.0, 4.0])], 1.0, 0.25, clip_norm=1.0)
    np.testing.assert_allclose(w, [10 - 5 - 0.6, 10 - 5 - 0.8], rtol=1e-6)
    assert clip_scale(0.25, 1.0) == 1.0
    assert clip_scale(0.0, 1.0) == 1.0
    assert clip_scale(4.0, 1.0) == pytest.approx(0.5)

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.optim.sgd import CHUNK, SGD, l2_penalty
from tests.nn.harness import torch_module


@given(st.integers(1, 40), st.data(), st.sampled_from([0.0, 0.003, 2.0]), st.integers(1, 3))
def test_update_is_the_formula(size, data, weight_decay, parts):
    decay_size, blocks = data.draw(st.integers(0, size)), data.draw(st.integers(1, 5))
    rng = np.random.default_rng(size)
    w, gs = rng.standard_normal(size), [rng.standard_normal(size) for _ in range(parts)]
    decays = np.arange(size) < decay_size
    expected = w - 0.1 * (sum(gs) + 2 * weight_decay * w * decays)
    penalty = weight_decay * np.sum(w**2 * decays)
    assert SGD(w, decay_size, blocks).update(gs, 0.1, weight_decay) == pytest.approx(penalty)
    np.testing.assert_allclose(w, expected, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("decay_size", [0, 10, 23])
def test_blocks_do_not_show_in_the_weights(decay_size):
    rng = np.random.default_rng(0)
    start, g = rng.standard_normal(23), rng.standard_normal(23)
    results = []
    for blocks in (1, 2, 5, 23, 40):
        w = start.copy()
        optimiser = SGD(w, decay_size, blocks)
        assert len(optimiser.blocks) == blocks
        work = optimiser.work()
        for block in reversed(optimiser.blocks):
            optimiser.step(block, [g.copy(), g], 0.1, 0.5, work)
        results.append(w)
    for other in results[1:]:
        np.testing.assert_array_equal(other, results[0])


@given(
    st.integers(1, 40),
    st.sampled_from([0.0, 0.003]),
    st.sampled_from([0.5, 0.9, 0.999]),
    st.booleans(),
    st.integers(1, 3),
)
def test_momentum_is_pytorchs(size, weight_decay, momentum, nesterov, blocks):
    torch = torch_module()
    rng = np.random.default_rng(size)
    w, decays = rng.standard_normal(size), size // 2
    parts = [torch.tensor(part, requires_grad=True) for part in (w[:decays], w[decays:])]
    theirs = torch.optim.SGD(
        [{"params": parts[0], "weight_decay": 2 * weight_decay}, {"params": parts[1]}],
        momentum=momentum, nesterov=nesterov, lr=0.1,
    )  # fmt: skip
    ours = SGD(w, decays, blocks, momentum, nesterov)
    for update in range(4):
        g, rate = rng.standard_normal((2, size)), 0.1 + 0.05 * update
        ours.update(list(g), rate, weight_decay)
        for part, gradient in zip(parts, np.split(g[0] + g[1], [decays]), strict=True):
            part.grad = torch.from_numpy(gradient)
        for group in theirs.param_groups:
            group["lr"] = rate
        theirs.step()
    found = np.concatenate([part.detach().numpy() for part in parts])
    np.testing.assert_allclose(w, found, rtol=1e-12, atol=1e-13)


def test_without_momentum_there_is_no_velocity_and_every_step_is_the_same():
    w = np.ones(3)
    plain = SGD(w, 3)
    assert plain.velocity is None
    plain.update([np.ones(3)], 0.25, 0.0)
    plain.update([np.ones(3)], 0.25, 0.0)
    np.testing.assert_array_equal(w, 0.5)


def test_a_velocity_that_is_given_is_used_and_kept():
    w, velocity = np.zeros(2), np.array([1.0, 2.0])
    optimiser = SGD(w, 0, momentum=0.5, velocity=velocity)
    optimiser.update([np.ones(2)], 1.0, 0.0)
    assert optimiser.velocity is velocity
    np.testing.assert_array_equal(velocity, [1.5, 2.0])
    np.testing.assert_array_equal(w, [-1.5, -2.0])


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_a_step_over_many_chunks_allocates_nothing(momentum):
    w = np.ones(3 * CHUNK + 5, np.float32)
    optimiser = SGD(w, 2 * CHUNK, momentum=momentum, nesterov=True)
    work, g = optimiser.work(), [w.copy(), w.copy()]
    optimiser.step(optimiser.blocks[0], g, 0.1, 0.1, work)
    tracemalloc.start()
    try:
        optimiser.step(optimiser.blocks[0], g, 0.1, 0.1, work)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8192


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
def test_dtype_is_kept(dtype):
    w, g = np.ones(4, dtype), np.ones(4, dtype)
    SGD(w, 2).update([g], 0.5, 0.25)
    np.testing.assert_array_equal(w, np.array([0.25, 0.25, 0.5, 0.5], dtype))
    assert w.dtype == dtype


def test_penalty_counts_what_decays_in_double_precision():
    w = np.array([3.0, 4.0, 100.0], np.float32)
    penalty = l2_penalty(w, 2, 0.1)
    assert penalty == pytest.approx(2.5)
    assert isinstance(penalty, np.float64)
    assert l2_penalty(w, 0, 0.1) == 0.0


def test_penalty_has_a_complex_step():
    w = np.array([3.0, 4.0 + 1e-30j, 1j])
    assert l2_penalty(w, 2, 0.1).imag / 1e-30 == pytest.approx(2 * 0.1 * 4.0)


def test_its_gradient_is_the_decay_of_the_update():
    rng = np.random.default_rng(1)
    before = rng.standard_normal(6)
    w = before.copy()
    SGD(w, 4).update([np.zeros(6)], 1.0, 0.3)
    for place in range(6):
        up, down = before.copy(), before.copy()
        up[place] += 1e-5
        down[place] -= 1e-5
        slope = (l2_penalty(up, 4, 0.3) - l2_penalty(down, 4, 0.3)) / 2e-5
        assert before[place] - w[place] == pytest.approx(slope, abs=1e-8)

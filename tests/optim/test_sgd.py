import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.optim.optimiser import Optimiser
from core.optim.sgd import SGD
from tests.nn.harness import torch_module


@given(st.integers(1, 40), st.data(), st.sampled_from([0.0, 0.003, 2.0]), st.integers(1, 3))
def test_update_is_the_formula(size, data, weight_decay, parts):
    decay_size, blocks = data.draw(st.integers(0, size)), data.draw(st.integers(1, 5))
    rng = np.random.default_rng(size)
    w, gs = rng.standard_normal(size), [rng.standard_normal(size) for _ in range(parts)]
    decays = np.arange(size) < decay_size
    expected = w - 0.1 * (sum(gs) + 2 * weight_decay * w * decays)
    penalty = weight_decay * np.sum(w**2 * decays)
    optimiser = Optimiser(SGD(), w, decay_size, blocks)
    assert optimiser.update(gs, 0.1, weight_decay) == pytest.approx(penalty)
    np.testing.assert_allclose(w, expected, rtol=1e-13, atol=1e-14)


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
    ours = Optimiser(SGD(momentum, nesterov), w, decays, blocks)
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
    plain = Optimiser(SGD(), w, 3)
    assert plain.state == {}
    plain.update([np.ones(3)], 0.25, 0.0)
    plain.update([np.ones(3)], 0.25, 0.0)
    np.testing.assert_array_equal(w, 0.5)


def test_a_velocity_that_is_given_is_used_and_kept():
    w, velocity = np.zeros(2), np.array([1.0, 2.0])
    optimiser = Optimiser(SGD(0.5), w, 0, state={"velocity": velocity})
    optimiser.update([np.ones(2)], 1.0, 0.0)
    assert optimiser.state["velocity"] is velocity
    np.testing.assert_array_equal(velocity, [1.5, 2.0])
    np.testing.assert_array_equal(w, [-1.5, -2.0])

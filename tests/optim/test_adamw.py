import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.optim.adamw import EPSILON, AdamW
from core.optim.optimiser import Optimiser
from tests.nn.harness import torch_module


@given(
    st.integers(1, 40),
    st.sampled_from([0.0, 0.003]),
    st.sampled_from([(0.9, 0.999), (0.0, 0.5), (0.5, 0.0)]),
    st.integers(1, 3),
)
def test_steps_are_pytorchs(size, weight_decay, betas, blocks):
    torch = torch_module()
    rng = np.random.default_rng(size)
    w, decays = rng.standard_normal(size), size // 2
    parts = [torch.tensor(part, requires_grad=True) for part in (w[:decays], w[decays:])]
    theirs = torch.optim.AdamW(
        [
            {"params": parts[0], "weight_decay": 2 * weight_decay},
            {"params": parts[1], "weight_decay": 0.0},
        ],
        lr=0.1, betas=betas, eps=EPSILON,
    )  # fmt: skip
    ours = Optimiser(AdamW(*betas), w, decays, blocks)
    for update in range(5):
        g, rate = rng.standard_normal((2, size)), 0.1 + 0.05 * update
        ours.update(list(g), rate, weight_decay, update)
        for part, gradient in zip(parts, np.split(g[0] + g[1], [decays]), strict=True):
            part.grad = torch.from_numpy(gradient)
        for group in theirs.param_groups:
            group["lr"] = rate
        theirs.step()
    found = np.concatenate([part.detach().numpy() for part in parts])
    np.testing.assert_allclose(w, found, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_the_first_step_has_the_size_of_the_rate_whatever_the_gradient(scale):
    w = np.zeros(2)
    Optimiser(AdamW(), w, 0).update([scale * np.array([2.0, -0.1])], 0.25, 0.0)
    np.testing.assert_allclose(w, [-0.25, 0.25], rtol=1e-3)


def test_weights_shrink_beside_the_step_and_not_through_it():
    w = np.array([2.0, 2.0])
    Optimiser(AdamW(), w, 1).update([np.zeros(2)], 0.5, 0.1)
    np.testing.assert_allclose(w, [2.0 * (1 - 0.5 * 0.2), 2.0], rtol=1e-14)


def test_a_state_that_is_given_is_used_and_kept():
    w, mean, square = np.zeros(1), np.array([1.0]), np.array([4.0])
    optimiser = Optimiser(AdamW(0.5, 0.75), w, 0, state={"square": square, "mean": mean})
    optimiser.update([np.array([2.0])], 1.0, 0.0, update=1)
    np.testing.assert_array_equal([mean, square], [[1.5], [4.0]])
    expected = -(1.5 / (1 - 0.5**2)) / (np.sqrt(4.0 / (1 - 0.75**2)) + EPSILON)
    np.testing.assert_allclose(w, expected, rtol=1e-14)

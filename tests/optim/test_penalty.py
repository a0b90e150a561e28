import numpy as np
import pytest

from core.optim.optimiser import Optimiser
from core.optim.penalty import l2_penalty
from core.optim.sgd import SGD


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
    Optimiser(SGD(), w, 4).update([np.zeros(6)], 1.0, 0.3)
    for place in range(6):
        up, down = before.copy(), before.copy()
        up[place] += 1e-5
        down[place] -= 1e-5
        slope = (l2_penalty(up, 4, 0.3) - l2_penalty(down, 4, 0.3)) / 2e-5
        assert before[place] - w[place] == pytest.approx(slope, abs=1e-8)

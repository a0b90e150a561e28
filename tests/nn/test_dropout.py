import numpy as np
import pytest

from core.nn.dropout import Dropout
from core.nn.layer import Mode
from core.nn.network import Network
from tests.nn.harness import normal, passes, ready


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
def test_what_is_left_makes_up_for_what_is_dropped(dtype):
    network = ready(Dropout((40, 50), 0.3), 100, dtype)
    network.sample(lambda number: rng())
    x, dy = np.ones((100, 40, 50), dtype), normal(1, 100, 40, 50).astype(dtype)
    y, dx, _ = passes(network, x, dy)
    assert y.dtype == dx.dtype == dtype
    np.testing.assert_allclose(np.unique(y.real), [0, 1 / 0.7], rtol=1e-6)
    assert np.mean(y == 0) == pytest.approx(0.3, abs=0.01)
    assert np.mean(y) == pytest.approx(1, abs=0.01)
    np.testing.assert_array_equal(dx, dy * y)


def test_the_mask_holds_until_it_is_drawn_again_and_is_one_before():
    network, x = ready(Dropout((64,), 0.5), 8), normal(1, 8, 64)
    np.testing.assert_array_equal(network.forward(x, Mode.TRAINING), x)
    network.sample(lambda number: rng(1))
    first = network.forward(x, Mode.TRAINING).copy()
    np.testing.assert_array_equal(network.forward(x, Mode.EVALUATION), x)
    np.testing.assert_array_equal(network.forward(x, Mode.TRAINING), first)
    network.sample(lambda number: rng(2))
    assert np.any(network.forward(x, Mode.TRAINING) != first)
    network.sample(lambda number: rng(1))
    np.testing.assert_array_equal(network.forward(x, Mode.TRAINING), first)


def test_every_format_drops_the_same():
    masks = []
    for dtype in (np.float32, np.float64, np.complex128):
        network = ready(Dropout((7, 5), 0.4), 3, dtype)
        network.sample(lambda number: rng(3))
        masks.append(network.layers[0].mask != 0)
    assert 0 < masks[0].mean() < 1
    for mask in masks[1:]:
        np.testing.assert_array_equal(mask, masks[0])


def test_each_layer_draws_by_its_own_number():
    network, asked = Network([Dropout((9,), 0.5), Dropout((9,), 0.5)], 4, np.float64), []

    def make(number):
        asked.append(number)
        return rng(number)

    network.sample(make)
    assert asked == [0, 1]
    first, second = network.layers
    assert np.any(first.mask != second.mask)


def test_nothing_is_dropped_with_probability_0():
    network, x = ready(Dropout((64,), 0.0), 8), normal(1, 8, 64)
    network.sample(lambda number: rng())
    np.testing.assert_array_equal(network.forward(x, Mode.TRAINING), x)


@pytest.mark.parametrize("probability", [-0.1, 1.0])
def test_a_probability_out_of_range_is_refused(probability):
    with pytest.raises(ValueError, match="not from 0 to below 1"):
        Dropout((3,), probability)

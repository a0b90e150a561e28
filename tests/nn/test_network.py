import copy
from math import log, prod

import numpy as np
import pytest

from core.nn.acceleration import conv2d
from core.nn.avgpool import AveragePool2d
from core.nn.batchnorm import BatchNorm
from core.nn.conv1d import Conv1d
from core.nn.dropout import Dropout
from core.nn.flatten import Flatten
from core.nn.globalpool import GlobalAveragePool
from core.nn.init import he, initialise
from core.nn.layer import Mode, ShapeError
from core.nn.linear import Linear
from core.nn.loss import SoftmaxCrossEntropy
from core.nn.network import Network
from core.nn.pool import MaxPool2d
from core.nn.relu import ReLU
from tests.nn.harness import CLOSE, normal


def chain(shape, *makers):
    """Return layers, each constructed for the output of the one before."""
    layers = []
    for make in makers:
        layers.append(make(shape))
        shape = layers[-1].output_shape
    return layers


def published(filter=4, filters=10, hidden=50):
    return chain(
        (32, 32, 3),
        lambda shape: conv2d(shape, filter, filters, filter),
        ReLU,
        Flatten,
        lambda shape: Linear(shape, hidden),
        ReLU,
        lambda shape: Linear(shape, 10),
    )


def everything():
    return chain(
        (9, 8, 2),
        lambda shape: conv2d(shape, 3, 4, 1, 1),
        lambda shape: MaxPool2d(shape, 3, 2),
        ReLU,
        lambda shape: conv2d(shape, 2, 5, 2),
        ReLU,
        lambda shape: Conv1d(shape, 2, 6, 1, 1),
        lambda shape: MaxPool2d(shape, 2, 1),
        Flatten,
        lambda shape: Linear(shape, 10),
    )


def normalised():
    """The layers that look at more than one image, or at what was drawn, and the averages."""
    return chain(
        (9, 8, 2),
        lambda shape: conv2d(shape, 3, 4, 1, 1, False),
        BatchNorm,
        ReLU,
        lambda shape: AveragePool2d(shape, 3, 2),
        lambda shape: conv2d(shape, 2, 5, 2),
        lambda shape: Dropout(shape, 0.3),
        lambda shape: Conv1d(shape, 2, 6, 1, 1, False),
        BatchNorm,
        ReLU,
        lambda shape: MaxPool2d(shape, 2, 1),
        GlobalAveragePool,
        lambda shape: Linear(shape, 7, False),
        BatchNorm,
        lambda shape: Linear(shape, 10),
    )


LABELS = np.array([0, 3, 3, 9, 5])


def cost(network, loss, x, labels, smoothing=0.1):
    loss.forward(network.forward(x, Mode.TRAINING), labels, smoothing)
    return loss.sums().smoothed / len(labels)


def gradients(layers, dtype=np.float64, batch=5, labels=LABELS, seed=0):
    network = Network(layers, batch, dtype, input_gradient=True)
    initialise(network, np.random.default_rng(seed))
    network.sample(np.random.default_rng)
    loss = SoftmaxCrossEntropy(10, batch, dtype)
    x = normal(seed + 1, batch, *network.input_shape).astype(dtype)
    cost(network, loss, x, labels)
    dx = network.backward(loss.backward(1 / len(labels)))
    return network, loss, x, dx


@pytest.mark.parametrize("layers", [everything(), normalised()], ids=["plain", "normalised"])
def test_complex_step_through_every_kind_of_layer(layers):
    network, loss, x, dx = gradients(layers, np.complex128)
    gradient, dx = network.gradients.copy(), dx.copy()
    assert np.all(gradient.imag == 0)
    assert np.all(dx.imag == 0)
    for vector, analytic in ((network.parameters, gradient), (x.reshape(-1), dx.reshape(-1))):
        derivative = np.empty(vector.size)
        for place in range(vector.size):
            before = vector[place]
            vector[place] = before + 1e-30j
            derivative[place] = cost(network, loss, x, LABELS).imag / 1e-30
            vector[place] = before
        np.testing.assert_allclose(analytic.real, derivative, rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize("layers", [everything(), normalised()], ids=["plain", "normalised"])
def test_dtypes_start_from_the_same_numbers_and_agree(layers):
    exact, _, _, dx = gradients(layers)
    for dtype, close in ((np.float32, 2e-4), (np.complex128, 1e-12)):
        other, _, _, other_dx = gradients(layers, dtype)
        np.testing.assert_array_equal(other.parameters, exact.parameters.astype(dtype))
        np.testing.assert_allclose(other.gradients, exact.gradients, rtol=close, atol=close)
        np.testing.assert_allclose(other_dx, dx, rtol=close, atol=close)
        assert other.gradients.dtype == other_dx.dtype == dtype


def test_decaying_tensors_come_first_and_all_are_views():
    network = Network(published(), 2, np.float32)
    assert network.decay_size == 480 + 32_000 + 500
    assert network.parameters.shape == network.gradients.shape == (33_050,)
    assert Network.parameter_count(published()) == 33_050
    assert network.names == [
        "conv1.weight",
        "conv1.bias",
        "linear1.weight",
        "linear1.bias",
        "linear2.weight",
        "linear2.bias",
    ]
    network.parameters[: network.decay_size] = 1.0
    network.gradients[: network.decay_size] = 2.0
    for name, (parameter, gradient) in network.tensors().items():
        decays = name.endswith("weight")
        assert np.all(parameter == (1.0 if decays else 0.0))
        assert np.all(gradient == (2.0 if decays else 0.0))
        assert parameter.shape == gradient.shape
    network.parameters[:] = np.arange(33_050)
    ends = [parameter.flat[[0, -1]] for parameter, _ in network.tensors().values()]
    expected = [(0, 479), (32_980, 32_989), (480, 32_479)]
    expected += [(32_990, 33_039), (32_480, 32_979), (33_040, 33_049)]
    np.testing.assert_array_equal(ends, expected)


def test_networks_of_one_list_share_parameters_and_nothing_else():
    layers = everything()
    before = [copy.copy(vars(layer)) for layer in layers]
    first = Network(layers, 3, np.float64)
    second = Network(layers, 2, np.float64, first.parameters)
    assert [vars(layer) for layer in layers] == before
    assert second.parameters is first.parameters
    initialise(first, np.random.default_rng(0))
    x, dy = normal(1, 5, 9, 8, 2), normal(2, 5, 10)
    whole = Network(layers, 5, np.float64, first.parameters)
    y = whole.forward(x, Mode.TRAINING)
    parts = [first.forward(x[:3], Mode.TRAINING), second.forward(x[3:], Mode.TRAINING)]
    np.testing.assert_allclose(np.concatenate(parts), y, **CLOSE)
    assert whole.backward(dy) is None
    first.backward(dy[:3])
    second.backward(dy[3:])
    np.testing.assert_allclose(first.gradients + second.gradients, whole.gradients, **CLOSE)


def test_input_gradient_changes_no_other():
    with_dx, _, x, dx = gradients(everything())
    without = Network(everything(), 5, np.float64, with_dx.parameters)
    loss = SoftmaxCrossEntropy(10, 5, np.float64)
    cost(without, loss, x, LABELS)
    assert without.backward(loss.backward(1 / 5)) is None
    # Two ways to the same result: if dx is needed too, dW is computed from the patches of dy.
    np.testing.assert_allclose(without.gradients, with_dx.gradients, **CLOSE)
    assert dx.shape == x.shape


def test_no_gradient_is_made_before_the_first_parameters():
    layers = chain((4, 4, 2), ReLU, Flatten, lambda shape: Linear(shape, 10))
    network = Network(layers, 2, np.float64)
    assert [layer.needs_input_gradient for layer in network.layers] == [False] * 3
    network.forward(np.abs(normal(1, 2, 4, 4, 2)), Mode.TRAINING)
    assert network.backward(normal(2, 2, 10)) is None
    assert np.all(network.gradients != 0)


def test_a_smaller_batch_is_a_fresh_network():
    big, _, x, _ = gradients(everything())
    fresh = Network(everything(), 2, np.float64, big.parameters, input_gradient=True)
    big.resize(2)
    results = []
    for network in (big, fresh):
        loss = SoftmaxCrossEntropy(10, 2, np.float64)
        value = cost(network, loss, x[:2], LABELS[:2])
        dx = network.backward(loss.backward(1 / 2)).copy()
        results.append((value, dx, network.gradients.copy()))
    for a, b in zip(*results, strict=True):
        np.testing.assert_allclose(a, b, **CLOSE)
    big.resize(5)
    assert big.forward(x, Mode.EVALUATION).shape == (5, 10)
    for count in (0, 6):
        with pytest.raises(ShapeError, match=f"{count} images do not fit buffers for 1 to 5"):
            big.resize(count)


def test_layers_that_do_not_fit_are_refused():
    with pytest.raises(ShapeError, match=r"layer 1 \(relu\) gives \(4,\), but .* takes \(5,\)"):
        Network([ReLU((4,)), Linear((5,), 10)], 1, np.float32)
    with pytest.raises(ShapeError, match="one layer at least"):
        Network([], 1, np.float32)
    with pytest.raises(ShapeError, match=r"\(3,\) does not suit .* \(50,\)"):
        Network([Linear((4,), 10)], 1, np.float32, np.zeros(3, np.float32))
    with pytest.raises(ShapeError, match=r"statistics vector of shape \(3,\) does not .* \(8,\)"):
        Network([BatchNorm((4,))], 1, np.float32, statistics=np.zeros(3, np.float32))
    with pytest.raises(TypeError, match="float64, the network float32"):
        Network([Linear((4,), 10)], 1, np.float32, np.zeros(50))


def test_he_has_the_variance_and_the_order_of_the_layers():
    draws = he(np.random.default_rng(0), (200, 300), 50, np.float32)
    assert draws.dtype == np.float32
    assert draws.std() == pytest.approx((2 / 50) ** 0.5, rel=0.01)
    assert abs(draws.mean()) < 0.005

    network = Network(published(), 1, np.float32)
    network.parameters.fill(7.0)
    initialise(network, np.random.default_rng(3))
    rng = np.random.default_rng(3)
    for name, (parameter, _) in network.tensors().items():
        expected = np.zeros(parameter.shape)
        if name.endswith("weight"):
            fan_in = prod(parameter.shape[:-1])
            expected = rng.standard_normal(parameter.shape) * np.sqrt(2 / fan_in)
        np.testing.assert_array_equal(parameter, expected.astype(np.float32))


def test_initial_loss_is_near_the_logarithm_of_ten():
    # He's weights give logits of variance 2, which by the second order of the exponential cost
    # somewhat more than guessing; small inputs leave nothing but guessing.
    for size, low, high in ((1.0, 0.0, 1.2), (0.01, -0.01, 0.01)):
        losses = []
        for seed in range(5):
            network = Network(published(), 100, np.float32)
            initialise(network, np.random.default_rng(seed))
            x = (size * normal(seed, 100, 32, 32, 3)).astype(np.float32)
            loss = SoftmaxCrossEntropy(10, 100, np.float32)
            losses.append(cost(network, loss, x, np.arange(100) % 10, 0.0))
        assert log(10) + low < np.mean(losses) < log(10) + high

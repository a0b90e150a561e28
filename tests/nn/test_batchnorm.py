import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.nn.batchnorm import EPSILON, BatchNorm
from core.nn.layer import Mode
from core.nn.network import MOMENTUM, Network
from tests.nn.harness import drawn, normal, passes, ready, torch_module

sizes = st.integers(1, 5)
shapes = st.lists(sizes, min_size=0, max_size=2).flatmap(
    lambda sides: sizes.map(lambda channels: (*sides, channels))
)
CLOSE = {"rtol": 1e-9, "atol": 1e-10}


def naive(x, dy, gamma, beta):
    """The formulas, channel by channel, dx by the derivative of every mean and variance."""
    y, dx = np.zeros(x.shape), np.zeros(x.shape)
    dgamma, dbeta = np.zeros(len(gamma)), np.zeros(len(gamma))
    means, variances = np.zeros(len(gamma)), np.zeros(len(gamma))
    for c in range(len(gamma)):
        values, slopes = x[..., c].ravel(), dy[..., c].ravel()
        count = len(values)
        mean = sum(values) / count
        variance = sum((value - mean) ** 2 for value in values) / count
        root = np.sqrt(variance + EPSILON)
        unit = (values - mean) / root
        y[..., c] = (gamma[c] * unit + beta[c]).reshape(x.shape[:-1])
        dgamma[c], dbeta[c] = sum(slopes * unit), sum(slopes)
        # du_i / dx_j = ([i = j] - 1/M) / root - (x_i - m) (x_j - m) / (M root^3)
        jacobian = (np.eye(count) - 1 / count) / root
        jacobian -= np.outer(values - mean, values - mean) / (count * root**3)
        dx[..., c] = (gamma[c] * slopes @ jacobian).reshape(x.shape[:-1])
        means[c], variances[c] = mean, variance * count / max(1, count - 1)
    return y, dx, dgamma, dbeta, means, variances


@drawn
@given(sizes, shapes, st.sampled_from((0.0, 3.0)))
def test_agrees_with_the_formulas(batch, shape, offset):
    network = ready(BatchNorm(shape), batch)
    layer = network.layers[0]
    x, dy = offset + normal(1, batch, *shape), normal(2, batch, *shape)
    y, dx, _ = passes(network, x, dy)
    expected = naive(x, dy, layer.gamma, layer.beta)
    found = (y, dx, layer.dgamma, layer.dbeta, layer.batch_mean, layer.batch_variance)
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, **CLOSE)


@drawn
@given(st.integers(2, 5), shapes, st.integers(1, 4))
def test_agrees_with_pytorch_in_training_and_then_in_evaluation(batch, shape, batches):
    torch = torch_module()
    network = ready(BatchNorm(shape), batch)
    layer, channels = network.layers[0], shape[-1]
    theirs = torch.nn.BatchNorm1d(channels, dtype=torch.float64)
    with torch.no_grad():
        theirs.weight.copy_(torch.from_numpy(layer.gamma))
        theirs.bias.copy_(torch.from_numpy(layer.beta))
    for number in range(batches):
        x, dy = normal(number, batch, *shape), normal(9 + number, batch, *shape)
        y, dx, _ = passes(network, x, dy)
        network.update_running_stats([network.batch_stats])
        # Places are images to PyTorch: it takes (n, C).
        tx = torch.tensor(x.reshape(-1, channels), requires_grad=True)
        ty = theirs(tx)
        theirs.zero_grad()
        ty.backward(torch.tensor(dy.reshape(-1, channels)))
        np.testing.assert_allclose(y.reshape(-1, channels), ty.detach().numpy(), **CLOSE)
        np.testing.assert_allclose(dx.reshape(-1, channels), tx.grad.numpy(), **CLOSE)
        np.testing.assert_allclose(layer.dgamma, theirs.weight.grad.numpy(), **CLOSE)
        np.testing.assert_allclose(layer.dbeta, theirs.bias.grad.numpy(), **CLOSE)
    np.testing.assert_allclose(layer.running_mean, theirs.running_mean.numpy(), **CLOSE)
    np.testing.assert_allclose(layer.running_variance, theirs.running_var.numpy(), **CLOSE)
    theirs.eval()
    with torch.no_grad():
        ty = theirs(torch.from_numpy(x.reshape(-1, channels))).numpy()
    y = network.forward(x, Mode.EVALUATION)
    np.testing.assert_allclose(y.reshape(-1, channels), ty, **CLOSE)


def test_a_pass_moves_no_running_value_and_evaluation_observes_nothing():
    network = ready(BatchNorm((3, 3, 2)), 4)
    start = network.statistics.copy()
    np.testing.assert_array_equal(start, [0, 0, 1, 1])
    x = 5 + normal(1, 4, 3, 3, 2)
    first = network.forward(x, Mode.TRAINING).copy()
    np.testing.assert_array_equal(network.forward(x, Mode.TRAINING), first)
    batch_stats = network.batch_stats.copy()
    network.forward(3 * x, Mode.EVALUATION)
    np.testing.assert_array_equal(network.statistics, start)
    np.testing.assert_array_equal(network.batch_stats, batch_stats)


def test_the_parts_of_a_batch_are_averaged_in_their_order():
    network = ready(BatchNorm((2,)), 4, np.float32)
    parts = [np.float32(0.1) + normal(n, 4).astype(np.float32) for n in range(3)]
    mean = ((parts[0] + parts[1]) + parts[2]) * np.float32(MOMENTUM / 3)
    expected = network.statistics * np.float32(1 - MOMENTUM) + mean
    network.update_running_stats(parts)
    np.testing.assert_array_equal(network.statistics, expected)
    np.testing.assert_allclose(
        network.statistics, 0.9 * np.array([0, 0, 1, 1]) + 0.1 * np.mean(parts, 0), rtol=1e-5
    )


def test_networks_can_share_their_statistics():
    first = Network([BatchNorm((2,))], 3, np.float64)
    second = Network([BatchNorm((2,))], 3, np.float64, first.parameters, None, first.statistics)
    second.forward(normal(1, 3, 2), Mode.TRAINING)
    second.update_running_stats([second.batch_stats])
    assert np.all(first.statistics != [0, 0, 1, 1])
    assert not first.batch_stats.any()
    assert list(first.tensors()) == [
        "batchnorm1.gamma", "batchnorm1.beta", "batchnorm1.mean", "batchnorm1.variance"
    ]  # fmt: skip
    assert first.names == ["batchnorm1.gamma", "batchnorm1.beta"]
    assert first.decay_size == 0
    running, batch = second.tensors()["batchnorm1.variance"]
    assert np.shares_memory(running, first.statistics)
    assert np.shares_memory(batch, second.batch_stats)


@pytest.mark.parametrize("dtype", [np.float32, np.complex128])
def test_other_formats_compute_the_same(dtype):
    shape, batch = (4, 3, 5), 6
    x, dy = 2 + normal(1, batch, *shape), normal(2, batch, *shape)
    exact = passes(ready(BatchNorm(shape), batch), x, dy)
    found = passes(ready(BatchNorm(shape), batch, dtype), x.astype(dtype), dy.astype(dtype))
    for a, b in zip(exact, found, strict=True):
        assert b.dtype == dtype
        np.testing.assert_allclose(b, a, rtol=2e-4 if dtype == np.float32 else 1e-12, atol=2e-6)


def test_without_a_gradient_for_the_input_the_others_are_the_same():
    layer, x, dy = BatchNorm((4, 2)), normal(1, 3, 4, 2), normal(2, 3, 4, 2)
    whole = ready(layer, 3)
    passes(whole, x, dy)
    first = Network([layer], 3, np.float64, whole.parameters)
    first.forward(x, Mode.TRAINING)
    assert first.backward(dy) is None
    np.testing.assert_array_equal(first.gradients, whole.gradients)


def test_a_smaller_batch_is_a_fresh_layer():
    layer = BatchNorm((3, 2, 4))
    big, fresh = ready(layer, 6), ready(layer, 2)
    passes(big, normal(3, 6, 3, 2, 4), normal(4, 6, 3, 2, 4))
    big.resize(2)
    x, dy = normal(5, 2, 3, 2, 4), normal(6, 2, 3, 2, 4)
    for a, b in zip(passes(big, x, dy), passes(fresh, x, dy), strict=True):
        np.testing.assert_allclose(a, b, **CLOSE)

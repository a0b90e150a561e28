"""Tests of whole updates: they learn, allocate nothing, and are correct."""

import os
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from core.nn.acceleration import conv2d
from core.nn.avgpool import AveragePool2d
from core.nn.batchnorm import BatchNorm
from core.nn.dropout import Dropout
from core.nn.flatten import Flatten
from core.nn.globalpool import GlobalAveragePool
from core.nn.init import initialise
from core.nn.layer import Mode
from core.nn.linear import Linear
from core.nn.loss import SoftmaxCrossEntropy
from core.nn.network import Network
from core.nn.pool import MaxPool2d
from core.nn.relu import ReLU
from core.optim.optimiser import Optimiser
from core.optim.penalty import l2_penalty
from core.optim.sgd import SGD
from tests.nn.harness import normal
from tests.nn.test_network import chain, published


def convolutional():
    return chain(
        (32, 32, 3),
        lambda shape: conv2d(shape, 3, 16, 1, 1),
        lambda shape: MaxPool2d(shape, 3, 2),
        ReLU,
        lambda shape: conv2d(shape, 3, 16, 1, 1),
        lambda shape: MaxPool2d(shape, 2),
        Flatten,
        lambda shape: Linear(shape, 10),
    )


def deep():
    return chain(
        (32, 32, 3),
        lambda shape: conv2d(shape, 3, 16, 1, 1, False),
        BatchNorm,
        ReLU,
        lambda shape: AveragePool2d(shape, 2),
        lambda shape: conv2d(shape, 3, 16, 1, 1, False),
        BatchNorm,
        ReLU,
        lambda shape: Dropout(shape, 0.1),
        GlobalAveragePool,
        lambda shape: Linear(shape, 10),
    )


class Run:
    def __init__(self, layers, batch, dtype=np.float32, seed=0):
        self.network = Network(layers, batch, dtype)
        initialise(self.network, np.random.default_rng(seed))
        self.loss = SoftmaxCrossEntropy(10, batch, dtype)
        self.optimiser = Optimiser(SGD(), self.network.parameters, self.network.decay_size)
        self.work = self.optimiser.work()
        self.x = normal(seed, batch, 32, 32, 3).astype(dtype)
        self.labels = np.arange(batch) % 10

    def update(self, rate=0.05, weight_decay=0.001, smoothing=0.1):
        network = self.network
        network.sample(np.random.default_rng)
        logits = network.forward(self.x, Mode.TRAINING)
        self.loss.forward(logits, self.labels, smoothing)
        network.backward(self.loss.backward(1 / len(self.x)))
        step = self.optimiser.step
        step(self.optimiser.blocks[0], [network.gradients], rate, weight_decay, self.work)
        return self.loss.sums()


@pytest.mark.parametrize(
    ("layers", "rate"), [(published(), 0.05), (convolutional(), 0.005), (deep(), 1.0)]
)
def test_twenty_images_are_learned_by_heart(layers, rate):
    run = Run(layers, 20)
    for _ in range(150):
        sums = run.update(rate, 0.0, 0.0)
    assert run.loss.correct() == 20
    assert sums.plain / 20 < 0.1


@pytest.mark.parametrize("layers", [published(), convolutional(), deep()])
def test_an_update_allocates_nothing_of_the_size_of_the_batch(layers):
    run = Run(layers, 64)
    run.update()
    tracemalloc.start()
    try:
        run.update()
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        run.update()
        peak = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    # The rest are the three buffers of 8,192 entries that NumPy uses in one operation.
    limit = 3 * 8192 * 4 + 8192
    assert peak < limit
    assert min(layer.y.nbytes for layer in run.network.layers if layer.kind == "conv") > limit


def test_gradient_of_the_whole_cost_by_central_differences():
    layers = chain((32, 32, 3), lambda shape: conv2d(shape, 16, 2, 16), ReLU, Flatten)
    layers.append(Linear(layers[-1].output_shape, 10))
    run = Run(layers, 4, np.float64)
    network, decay_size, weight_decay = run.network, run.network.decay_size, 0.3

    def cost():
        run.loss.forward(network.forward(run.x, Mode.TRAINING), run.labels, 0.2)
        return run.loss.sums().smoothed / 4 + l2_penalty(
            network.parameters, decay_size, weight_decay
        )

    cost()
    network.backward(run.loss.backward(1 / 4))
    before = network.parameters.copy()
    run.optimiser.update([network.gradients], 1.0, weight_decay)
    gradient = before - network.parameters  # At rate 1 the step is the gradient.
    network.parameters[:] = before
    rng = np.random.default_rng(0)
    biases = np.arange(decay_size, before.size)
    for place in [*rng.choice(decay_size, 60, replace=False), *biases]:
        values = []
        for step in (1e-5, -1e-5):
            network.parameters[place] = before[place] + step
            values.append(cost())
        network.parameters[place] = before[place]
        assert gradient[place] == pytest.approx((values[0] - values[1]) / 2e-5, abs=1e-7)


@pytest.fixture
def reference():
    path = os.environ.get("CONVSOLE_TEST_KTH")
    if not path or not Path(path).is_file():
        pytest.skip("CONVSOLE_TEST_KTH names no debug_info.npz of the course")
    with np.load(path) as file:
        return dict(file)


def test_the_values_of_the_course(reference):
    """KTH DD2424: filter 4, 2 filters, no convolution bias, 10 hidden units, 5 images."""
    layers = published(4, 2, 10)
    network = Network(layers, 5, np.float64)
    views = {name: parameter for name, (parameter, _) in network.tensors().items()}
    views["conv1.weight"][:] = reference["Fs"]
    for number in (1, 2):
        views[f"linear{number}.weight"][:] = reference[f"W{number}"].T
        views[f"linear{number}.bias"][:] = reference[f"b{number}"].ravel()
    x = np.ascontiguousarray(reference["X"].T.reshape(5, 3, 32, 32).transpose(0, 2, 3, 1))
    loss = SoftmaxCrossEntropy(10, 5, np.float64)
    passed = {name: y.copy() for name, _, y in network.each_output(x, Mode.TRAINING)}
    loss.forward(network.forward(x, Mode.TRAINING), reference["Y"].argmax(axis=0))
    network.backward(loss.backward(1 / 5))
    ours = {name: gradient for name, (_, gradient) in network.tensors().items()}

    close = {"rtol": 0, "atol": 1e-12}
    outputs = reference["conv_outputs"].transpose(3, 0, 1, 2)
    np.testing.assert_allclose(passed["conv1"], outputs, **close)
    np.testing.assert_allclose(passed["relu1"].reshape(5, -1), reference["conv_flat"].T, **close)
    np.testing.assert_allclose(passed["relu2"], reference["X1"].reshape(10, 5).T, **close)
    np.testing.assert_allclose(loss.probabilities, reference["P"].T, **close)
    expected = {
        "conv1.weight": reference["grad_Fs_flat"].reshape(4, 4, 3, 2),
        "linear1.weight": reference["grad_W1"].T,
        "linear1.bias": reference["grad_b1"].ravel(),
        "linear2.weight": reference["grad_W2"].T,
        "linear2.bias": reference["grad_b2"].ravel(),
    }
    for name, value in expected.items():
        np.testing.assert_allclose(ours[name], value, **close, err_msg=name)

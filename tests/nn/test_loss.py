from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.nn.loss import SoftmaxCrossEntropy
from core.nn.plain.loss import cross_entropy, cross_entropy_backward
from tests.nn.harness import CLOSE, drawn, normal, torch_module


def summed(loss, *arguments):
    loss.forward(*arguments)
    return loss.sums()


smoothings = st.sampled_from([0.0, 0.1, 0.5])


@drawn
@given(st.integers(1, 6), st.integers(2, 6), smoothings, st.integers(0, 99))
def test_agrees_with_the_loop_and_with_pytorch(images, classes, smoothing, seed):
    rng = np.random.default_rng(seed)
    logits, labels = 3 * rng.standard_normal((images, classes)), rng.integers(0, classes, images)
    loss = SoftmaxCrossEntropy(classes, images, np.float64)
    sums = summed(loss, logits, labels, smoothing)
    gradient = loss.backward(0.25)

    plain, smoothed = cross_entropy(logits, labels), cross_entropy(logits, labels, smoothing)
    expected = cross_entropy_backward(logits, labels, smoothing)
    np.testing.assert_allclose([sums.plain, sums.smoothed], [plain, smoothed], **CLOSE)
    np.testing.assert_allclose(gradient, 0.25 * expected, **CLOSE)
    assert loss.correct() == sum(
        int(row.argmax() == label) for row, label in zip(logits, labels, strict=True)
    )
    np.testing.assert_allclose(loss.probabilities.sum(axis=1), 1.0, **CLOSE)

    torch = torch_module()
    leaf = torch.tensor(logits, requires_grad=True)
    total = torch.nn.functional.cross_entropy(
        leaf, torch.tensor(labels), label_smoothing=smoothing, reduction="sum"
    )
    (0.25 * total).backward()
    np.testing.assert_allclose(sums.smoothed, total.item(), **CLOSE)
    np.testing.assert_allclose(gradient, leaf.grad.numpy(), **CLOSE)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_gradient_by_central_differences(smoothing):
    logits, labels = normal(1, 4, 5), np.array([0, 3, 3, 4])
    loss = SoftmaxCrossEntropy(5, 4, np.float64)
    loss.forward(logits, labels, smoothing)
    gradient = loss.backward(1.0).copy()
    for place in np.ndindex(logits.shape):
        step = np.zeros(logits.shape)
        step[place] = 1e-5
        up = summed(loss, logits + step, labels, smoothing).smoothed
        down = summed(loss, logits - step, labels, smoothing).smoothed
        assert gradient[place] == pytest.approx((up - down) / 2e-5, abs=1e-8)


def test_equal_logits_cost_the_logarithm_of_the_number_of_classes():
    loss = SoftmaxCrossEntropy(10, 3, np.float32)
    sums = summed(loss, np.full((3, 10), 7, np.float32), [1, 2, 3])
    assert sums.plain == pytest.approx(3 * log(10), rel=1e-6)
    assert sums.smoothed == sums.plain
    assert isinstance(sums.plain, np.float64)


def test_huge_logits_neither_overflow_nor_lose_the_loss():
    logits = np.array([[1000.0, 0.0], [-1000.0, -2000.0], [0.0, 1e4]], np.float32)
    with np.errstate(all="raise", under="ignore"):
        loss = SoftmaxCrossEntropy(2, 3, np.float32)
        sums = summed(loss, logits, np.array([0, 1, 0]))
    assert sums.plain == pytest.approx(1000 + 10_000)
    assert loss.correct() == 1


def test_complex_step_gives_the_gradient():
    logits, labels = normal(1, 3, 4), np.array([0, 2, 2])
    loss = SoftmaxCrossEntropy(4, 3, np.complex128)
    loss.forward(logits.astype(complex), labels, 0.1)
    gradient = loss.backward(1.0).copy()
    assert np.all(gradient.imag == 0)
    for place in np.ndindex(logits.shape):
        step = np.zeros(logits.shape, complex)
        step[place] = 1e-30j
        derivative = summed(loss, logits + step, labels, 0.1).smoothed.imag / 1e-30
        assert gradient[place].real == pytest.approx(derivative, rel=1e-13)


def test_fewer_images_than_the_batch():
    logits, labels = normal(1, 5, 3), np.array([0, 1, 2, 1, 0])
    loss, fresh = SoftmaxCrossEntropy(3, 5, np.float64), SoftmaxCrossEntropy(3, 2, np.float64)
    loss.forward(logits, labels, 0.1)
    two = logits[:2], labels[:2], 0.2
    assert summed(loss, *two) == summed(fresh, *two)
    np.testing.assert_array_equal(loss.backward(1.0), fresh.backward(1.0))
    assert loss.backward(1.0).shape == (2, 3)

import hashlib
from collections.abc import Callable

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from core.data import synthetic
from core.data.dataset import DataError, Dataset, Split
from core.data.normalise import Normaliser

Array = np.ndarray


@pytest.fixture(scope="module")
def data() -> Dataset:
    return synthetic.load(1000)


def test_sizes_and_types(data: Dataset) -> None:
    assert (len(data.train), len(data.validation), len(data.test)) == (10_000, 1000, 2000)
    assert (data.name, data.source) == ("synthetic", "built in")
    assert len(data.classes) == len(set(data.classes)) == 10
    for split in (data.train, data.validation, data.test):
        assert split.images.shape == (len(split), 32, 32, 3)
        assert (split.images.dtype, split.labels.dtype) == (np.uint8, np.int64)
        assert split.images.flags.c_contiguous


def test_classes_are_even_and_mixed(data: Dataset) -> None:
    every = np.concatenate([data.train.labels, data.validation.labels])
    np.testing.assert_array_equal(np.bincount(every), np.full(10, 1100))
    np.testing.assert_array_equal(np.bincount(data.test.labels), np.full(10, 200))
    assert np.bincount(data.validation.labels, minlength=10).min() > 60


def test_always_the_same_images(
    data: Dataset, drawn_anew: Callable[[int, int], Split], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(synthetic, "_draw", drawn_anew)
    again = synthetic.load(0)
    assert not np.shares_memory(again.test.images, data.test.images)
    np.testing.assert_array_equal(again.train.images[:10_000], data.train.images)
    np.testing.assert_array_equal(again.train.images[10_000:], data.validation.images)
    np.testing.assert_array_equal(again.test.images, data.test.images)
    np.testing.assert_array_equal(again.test.labels, data.test.labels)


def test_no_image_is_in_two_splits(data: Dataset) -> None:
    splits = (data.train, data.validation, data.test)
    seen = {hashlib.sha1(image).digest() for split in splits for image in split.images}
    assert len(seen) == 13_000


def test_shapes_are_lighter_or_darker_than_their_ground(data: Dataset) -> None:
    discs = data.train.images[data.train.labels == data.classes.index("disc")].astype(int)
    lighter = discs[:, 14:18, 14:18].mean(axis=(1, 2, 3)) > discs[:, :2].mean(axis=(1, 2, 3))
    assert 0.4 < lighter.mean() < 0.6


@pytest.mark.parametrize("size", [-1, 11_000])
def test_a_validation_set_that_does_not_fit(size: int) -> None:
    with pytest.raises(DataError, match="does not fit the built-in set"):
        synthetic.load(size)


def test_a_small_network_learns_it_and_a_linear_model_does_not(data: Dataset) -> None:
    # Matrices of this size are much slower on two threads when anything else runs.
    with threadpool_limits(1, user_api="blas"):
        network, linear = accuracy(data, hidden=True), accuracy(data, hidden=False)
    assert network >= 0.45, network
    assert linear <= network - 0.12, (network, linear)


def patches(images: Array) -> Array:
    """The 8x8 patches of 4x4 pixels, each a row: what a convolution of stride 4 sees."""
    return images.reshape(-1, 8, 4, 8, 4, 3).transpose(0, 1, 3, 2, 4, 5).reshape(-1, 48)


def accuracy(data: Dataset, hidden: bool, updates: int = 1200) -> float:
    """Accuracy on the test set after plain gradient descent with a rising and falling rate."""
    rng = np.random.default_rng(0)
    normaliser = Normaliser(data.train.images)
    shapes = [(48, 10), (640, 50), (50, 10)] if hidden else [(3072, 10)]
    weights = [rng.normal(0, np.sqrt(2 / s[0]), s).astype(np.float32) for s in shapes]
    biases = [np.zeros(s[1], np.float32) for s in shapes]

    def forward(images: Array) -> list[Array]:
        x = np.empty(images.shape, np.float32)
        normaliser.apply(images, x)
        if not hidden:
            flat = x.reshape(len(x), -1)
            return [flat, flat @ weights[0] + biases[0]]
        seen = patches(x)
        filtered = np.maximum(seen @ weights[0] + biases[0], 0)
        h = np.maximum(filtered.reshape(-1, 640) @ weights[1] + biases[1], 0)
        return [seen, filtered, h, h @ weights[2] + biases[2]]

    def step(split: Split, rows: Array, rate: float) -> None:
        *inputs, logits = forward(split.images[rows])
        dy = np.exp(logits - logits.max(axis=1, keepdims=True))
        dy /= dy.sum(axis=1, keepdims=True)
        dy[np.arange(len(rows)), split.labels[rows]] -= 1
        dy /= len(rows)
        for layer in reversed(range(len(weights))):
            w, x = weights[layer], inputs[layer].reshape(len(dy), -1)
            dx = dy @ w.T if layer else None
            biases[layer] -= rate * dy.sum(axis=0)
            w -= rate * (x.T @ dy + 0.006 * w)
            if dx is not None:
                inner = inputs[layer].reshape(dx.shape)
                dy = (dx * (inner > 0)).reshape(-1, weights[layer - 1].shape[1])

    for update in range(updates):
        rows = rng.integers(0, len(data.train), 100)
        step(data.train, rows, 1e-5 + 0.1 * (1 - abs(2 * update / updates - 1)))
    hits = [
        forward(data.test.images[i : i + 500])[-1].argmax(axis=1) == data.test.labels[i : i + 500]
        for i in range(0, len(data.test), 500)
    ]
    return float(np.mean(hits))

"""Tests of a data set in numbers."""

import numpy as np
import pytest

from core.data.dataset import Dataset
from core.data.normalise import Per
from core.data.summary import CHUNK, Summary, value_counts


@pytest.mark.parametrize("per", ["pixel", "channel"])
def test_the_numbers_are_those_of_the_images(small: Dataset, per: Per) -> None:
    found = Summary.of(small, per)
    axes = 0 if per == "pixel" else (0, 1, 2)
    np.testing.assert_allclose(found.mean, small.train.images.mean(axis=axes), rtol=1e-12)
    np.testing.assert_allclose(found.deviation, small.train.images.std(axis=axes), rtol=1e-9)
    assert (found.shape, found.classes, found.per) == ((32, 32, 3), small.classes, per)
    assert found.bytes == (307 + 103 + 57) * 32 * 32 * 3
    assert [(one.name, one.images) for one in found.splits] == [
        ("train", 307), ("validation", 103), ("test", 57)
    ]  # fmt: skip
    for one, (_, split) in zip(found.splits, small.splits, strict=True):
        assert one.per_class == tuple((split.labels == label).sum() for label in range(10))


def test_every_value_of_every_training_image_is_counted() -> None:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (CHUNK + 3, 2, 3, 1), np.uint8)
    counted = value_counts(images)
    assert counted.sum() == images.size
    assert [counted[value] for value in (0, 7, 255)] == [
        (images == value).sum() for value in (0, 7, 255)
    ]

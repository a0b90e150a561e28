"""Tests of the images that batches are drawn from."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.config.experiment import Experiment
from core.data import augment
from core.data.dataset import Dataset, Images, Split
from core.nn.acceleration import InputLayout, prepare
from core.nn.flatten import Flatten
from core.plan import plan
from core.training.loader import DataLoader
from core.training.training_set import AugmentedImages, as_rows
from tests.data.test_augment import one_by_one
from tests.training.made import all_of

SHAPE = (32, 32, 3)
AS_STORED = InputLayout(Flatten(SHAPE))
PATCHES = prepare(plan(Experiment.of({"architecture": "8x8/3/7"})).layers).layout


def pictures(count: int, seed: int = 0) -> Split:
    rng = np.random.default_rng(seed)
    return Split(rng.integers(0, 256, (count, *SHAPE), np.uint8), np.arange(count) % 10)


def with_copies(train: Split, seed: int, copies: int, flips: float, shift: int) -> AugmentedImages:
    drawn = augment.offline_draws(len(train), seed, copies, flips, shift)
    return AugmentedImages(train, *augment.after_originals(len(train), *drawn), AS_STORED)


def source(copy: Images, train: Split) -> int:
    (found,) = np.flatnonzero([np.array_equal(copy[:, ::-1], image) for image in train.images])
    return int(found)


def test_copies_follow_the_originals() -> None:
    train = pictures(20)
    more = with_copies(train, 3, 12, 1.0, 0)
    assert len(more) == 32
    images = all_of(more, SHAPE)
    np.testing.assert_array_equal(images[:20], train.images)
    np.testing.assert_array_equal(more.labels[:20], train.labels)
    rows = [source(image, train) for image in images[20:]]
    assert len(set(rows)) == 12
    np.testing.assert_array_equal(more.labels[20:], train.labels[rows])


def test_more_copies_than_images_use_each_equally_often() -> None:
    train = pictures(6)
    images = all_of(with_copies(train, 0, 15, 1.0, 0), SHAPE)
    rows = [source(image, train) for image in images[6:]]
    assert sorted(rows[:6]) == sorted(rows[6:12]) == list(range(6))
    assert len(set(rows[12:])) == 3


def test_copies_are_a_function_of_the_seed() -> None:
    train = pictures(20)
    first, again, other = (all_of(with_copies(train, s, 12, 0.5, 3), SHAPE) for s in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_no_copies() -> None:
    train = pictures(5)
    np.testing.assert_array_equal(all_of(with_copies(train, 0, 0, 0.5, 3), SHAPE), train.images)


@given(
    rows=st.lists(st.integers(0, 19), min_size=1, max_size=30),
    seed=st.integers(0, 99),
    shift=st.integers(0, 5),
)
def test_a_batch_is_the_plain_transform_in_the_order_of_the_layout(
    rows: list[int], seed: int, shift: int
) -> None:
    train = pictures(8)
    drawn = augment.offline_draws(8, seed, 12, 0.5, shift)
    origins, transforms = augment.after_originals(8, *drawn)
    at = np.array(rows)
    plain = one_by_one(train.images, origins[at], transforms.at(at))
    for layout in (AS_STORED, PATCHES):
        data = AugmentedImages(train, origins, transforms, layout)
        expected, found = (np.zeros((len(rows), 3072), np.uint8) for _ in range(2))
        layout.write(plain, expected)
        data.load(at, np.empty_like(plain), found)
        np.testing.assert_array_equal(found, expected)
        np.testing.assert_array_equal(data.labels, train.labels[origins])


@pytest.mark.parametrize("layout", [AS_STORED, PATCHES])
def test_stored_images_are_taken_as_they_are(layout: InputLayout) -> None:
    train, rows = pictures(8), np.array([5, 0, 5])
    found, expected = (np.zeros((3, 3072), np.uint8) for _ in range(2))
    as_rows(train, layout).load(rows, np.empty((3, *SHAPE), np.uint8), found)
    layout.write(train.images[rows], expected)
    np.testing.assert_array_equal(found, expected)


@given(seed=st.integers(0, 50), epoch=st.integers(0, 3))
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_fresh_epoch_is_a_function_of_seed_and_epoch(
    small: Dataset, seed: int, epoch: int
) -> None:
    experiment = Experiment.of({"augmentation": "fresh", "seed": seed, "dataset": "synthetic"})

    def images(seed: int, epoch: int) -> Images:
        loader = DataLoader(experiment.changed(seed=seed), small, AS_STORED)
        loader.rows(epoch * loader.batches.updates_per_epoch)
        return all_of(loader.data, SHAPE)

    first = images(seed, epoch)
    np.testing.assert_array_equal(first, images(seed, epoch))
    assert not np.array_equal(first, images(seed, epoch + 1))
    assert not np.array_equal(first, images(seed + 1, epoch))


def test_a_fresh_epoch_keeps_every_image_in_its_row(small: Dataset) -> None:
    changes = {"augmentation": "fresh", "flip_probability": 1.0, "largest_shift": 0}
    loader = DataLoader(Experiment.of({**changes, "dataset": "synthetic"}), small, AS_STORED)
    loader.rows(0)
    np.testing.assert_array_equal(all_of(loader.data, SHAPE), small.train.images[:, :, ::-1])

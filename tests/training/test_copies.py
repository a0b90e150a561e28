"""Tests of the augmented copies of one image: those of the training, to the pixel."""

from typing import Any

import numpy as np
import pytest

from core.config.experiment import Experiment
from core.data.dataset import Dataset
from core.nn.acceleration import prepare
from core.plan import plan
from core.training.copies import Copies
from core.training.loader import DataLoader
from tests.training.made import all_of

ROWS = (0, 7, 306)


def experiment(augmentation: str, **changes: Any) -> Experiment:
    values = {"dataset": "synthetic", "batch_size": 20, "seed": 3}
    linear = [{"kind": "linear", "units": 10}]
    values |= {"architecture": linear, "augmentation": augmentation, "max_updates": 50}
    return Experiment.of({**values, **changes})


def loader(settings: Experiment, dataset: Dataset) -> DataLoader:
    layout = prepare(plan(settings, training_images=len(dataset.train)).layers).layout
    assert not layout.rearranges
    return DataLoader(settings, dataset, layout)


@pytest.mark.parametrize("row", ROWS)
def test_fresh_copies_are_the_images_of_every_epoch(small: Dataset, row: int) -> None:
    settings = experiment("fresh", flip_probability=0.4, largest_shift=5)
    copies, training = Copies(settings, small.train, row), loader(settings, small)
    assert len(copies) == 4, "50 updates of 20 images are three epochs of 307 and a part"
    found = copies.take(0, 10)
    assert [copy.number for copy in found] == [0, 1, 2, 3]
    per_epoch = training.batches.updates_per_epoch
    for copy in found:
        training.rows(copy.number * per_epoch)
        seen = all_of(training.data, small.shape)[row]
        np.testing.assert_array_equal(copy.image, seen)


@pytest.mark.parametrize("count", [100, 700])
def test_offline_copies_are_rows_of_the_images_trained_on(small: Dataset, count: int) -> None:
    settings = experiment("offline", copies=count)
    data, number = all_of(loader(settings, small).data, small.shape), len(small.train)
    numbers = []
    for row in range(number):
        copies = Copies(settings, small.train, row)
        for copy in copies.take(0, len(copies)):
            numbers.append(copy.number)
            seen = data[number + copy.number]
            np.testing.assert_array_equal(copy.image, seen)
    assert sorted(numbers) == list(range(count))


def test_what_was_done_to_a_copy_is_told(small: Dataset) -> None:
    copies = Copies(experiment("fresh", flip_probability=1.0, largest_shift=9), small.train, 5)
    image = small.train.images[5]
    for copy in copies.take(0, 4):
        assert copy.flip
        y, x = max(0, copy.dy), max(0, copy.dx)
        height, width = 32 - abs(copy.dy), 32 - abs(copy.dx)
        mirrored = image[:, ::-1]
        np.testing.assert_array_equal(
            copy.image[y : y + height, x : x + width],
            mirrored[y - copy.dy : y - copy.dy + height, x - copy.dx : x - copy.dx + width],
        )


def test_copies_are_taken_from_any_place_on(small: Dataset) -> None:
    copies = Copies(experiment("fresh"), small.train, 1)
    assert [copy.number for copy in copies.take(2, 5)] == [2, 3]
    assert copies.take(4, 5) == []


def test_without_augmentation_there_are_none(small: Dataset) -> None:
    copies = Copies(experiment("none"), small.train, 0)
    assert len(copies) == 0
    assert copies.take(0, 5) == []

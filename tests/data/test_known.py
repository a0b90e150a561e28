"""Tests of the known data sets: what is known of them is what they are."""

import dataclasses
from pathlib import Path

import pytest

from core.data import dataset, known, synthetic
from core.data.dataset import DataError, Dataset, Facts, Split
from core.data.normalise import Normaliser
from core.data.pixel_sums import PixelSums
from core.data.progress import silent
from tests.data import letters


def test_auto_may_stand_for_either_set() -> None:
    shapes, cifar10 = known.get("synthetic"), known.get("cifar10")
    assert known.get("auto") is cifar10
    assert shapes.shape == cifar10.shape
    assert len(shapes.classes) == len(cifar10.classes)


def test_the_built_in_shapes_are_as_they_are_known() -> None:
    agrees(known.get("synthetic").load(None, 1000, silent), "synthetic")


def test_cifar10_is_as_it_is_known(real_cifar10: Path) -> None:
    agrees(known.get("cifar10").load(real_cifar10, 1000, silent), "cifar10")


def agrees(found: Dataset, name: str) -> None:
    about = known.get(name)
    assert found.name == about.name == name
    assert (found.shape, found.classes) == (about.shape, about.classes)
    assert len(found.train) + len(found.validation) == about.training
    assert len(found.test) == about.test


def test_a_set_that_is_made_known_has_a_name() -> None:
    with letters.known_set() as made:
        assert known.names() == ("auto", "cifar10", "synthetic", "letters")
        assert known.get("letters") is made
        assert known.title("letters") == "the letters"
        agrees(made.load(None, 100, silent), "letters")
    assert known.title("letters") == "letters"
    with pytest.raises(DataError, match=r"no data set 'letters'; choose auto, cifar10, synthetic$"):
        known.get("letters")


def test_the_hash_is_of_the_contents_and_not_of_the_cut() -> None:
    found = letters.load(100).hash
    assert len(found) == 64
    assert letters.load(250).hash == found
    assert letters.load(100, seed=6).hash != found


@pytest.mark.parametrize("part", ["images", "labels", "classes", "test", "order"])
def test_every_part_of_the_contents_counts(part: str) -> None:
    whole = letters.load()
    train, validation, test, classes = whole.train, whole.validation, whole.test, whole.classes
    if part == "images":
        images = train.images.copy()
        images[3, 4, 5, 0] ^= 1
        train = Split(images, train.labels)
    elif part == "labels":
        labels = validation.labels.copy()
        labels[0] = (labels[0] + 1) % 5
        validation = Split(validation.images, labels)
    elif part == "classes":
        classes = (*classes[:4], "zeta")
    elif part == "test":
        test = Split(test.images[:-1], test.labels[:-1])
    else:
        train = Split(train.images[::-1], train.labels[::-1])
    assert Dataset("letters", "made", classes, train, validation, test).hash != whole.hash


def test_where_it_lies_and_what_it_is_called_do_not_count() -> None:
    whole = synthetic.load()
    other = Dataset("x", "y", whole.classes, whole.train, whole.validation, whole.test)
    assert other.hash == whole.hash


@pytest.mark.parametrize("validation_size", [0, 1, 250])
def test_what_is_known_of_all_images_serves_every_cut(validation_size: int) -> None:
    plain, whole = letters.load(validation_size), letters.load(0)
    facts = Facts(whole.hash, PixelSums.of(whole.train.images))
    known_of = dataclasses.replace(plain, facts=facts)
    assert known_of.hash == known_of.computed_hash() == plain.hash
    for per in ("pixel", "channel"):
        mine, true = (Normaliser.of_training(each, per) for each in (known_of, plain))
        assert mine.mean.tobytes() == true.mean.tobytes()
        assert mine.deviation.tobytes() == true.deviation.tobytes()


def test_facts_of_other_images_are_refused() -> None:
    whole = letters.load(100)
    facts = Facts(whole.hash, PixelSums.of(whole.train.images))
    with pytest.raises(ValueError, match="facts of"):
        dataclasses.replace(whole, facts=facts)


def test_hashing_reports_its_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dataset, "HASHED", 100)
    told: list[float] = []
    whole = letters.load(250)
    assert whole.computed_hash(lambda done, _: told.append(done)) == whole.hash
    assert told == sorted(told)
    assert len(told) > 5
    assert told[-1] == 1

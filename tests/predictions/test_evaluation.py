"""Metrics of an evaluation, against counts image by image."""

import csv
import io
import json
from itertools import pairwise
from math import isnan
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from core.data.dataset import Dataset
from core.predictions import evaluation
from core.predictions.evaluation import Evaluation
from core.predictions.model import Model
from core.settings import SettingError
from tests.runs import made

CLASSES = tuple("abcdefghij")


def told(labels: Any, probabilities: Any) -> Evaluation:
    count = len(labels)
    images = np.arange(count, dtype=np.uint8)[:, None, None, None] * np.ones((32, 32, 3), np.uint8)
    return Evaluation(
        "mine-1", 8, "synthetic", "built in", "test", CLASSES, images, labels, probabilities, 1.5
    )


@st.composite
def anything(draw: st.DrawFn) -> Evaluation:
    count = draw(st.integers(0, 40))
    labels = draw(hnp.arrays(np.int64, count, elements=st.integers(0, 9)))
    # Few values, so that there are ties.
    scores = draw(hnp.arrays(np.float32, (count, 10), elements=st.sampled_from((0.0, 0.25, 0.5))))
    return told(labels, scores)


@given(anything())
def test_everything_is_counted_right(found: Evaluation) -> None:
    answers = [max(range(10), key=lambda k: row[k]) for row in found.probabilities]
    pairs = list(zip(found.labels.tolist(), answers, strict=True))
    assert found.predicted.tolist() == answers
    for label in range(10):
        mine = [answer for true, answer in pairs if true == label]
        taken = [true for true, answer in pairs if answer == label]
        for other in range(10):
            assert found.confusion[label, other] == mine.count(other)
        for shares, some in ((found.class_accuracy, mine), (found.precision, taken)):
            expected = some.count(label) / len(some) if some else float("nan")
            assert shares[label] == pytest.approx(expected, nan_ok=True)
    right = sum(true == answer for true, answer in pairs)
    if pairs:
        assert found.accuracy == right / len(pairs)
    else:
        assert isnan(found.accuracy)
    wrong = len(pairs) - right
    assert sum(pair.images for pair in found.confusions(90)) == wrong
    assert len(found.mistakes(1_000)) == wrong


@given(anything())
def test_a_mistake_keeps_its_own_image_and_no_other(found: Evaluation) -> None:
    for mistake in found.mistakes(3):
        assert mistake.image.base is None
        np.testing.assert_array_equal(mistake.image, found.images[mistake.index])


@given(anything())
def test_the_surest_mistakes_come_first(found: Evaluation) -> None:
    some = found.mistakes(7)
    assert some == some[:7]
    every = found.mistakes(1_000)
    assert [each.index for each in some] == [each.index for each in every[:7]]
    for before, after in pairwise(every):
        assert (-before.probability, before.index) < (-after.probability, after.index)
    for each in every:
        assert each.label == found.labels[each.index] != each.predicted
        row = found.probabilities[each.index]
        assert each.probability == row[each.predicted] == row.max()
        assert each.label_probability == row[each.label]
        assert each.image[0, 0, 0] == each.index


@given(anything())
def test_the_most_frequent_confusions_come_first(found: Evaluation) -> None:
    pairs = found.confusions(5)
    assert len(pairs) <= 5
    assert [pair.images for pair in pairs] == sorted((p.images for p in pairs), reverse=True)
    for pair in pairs:
        assert pair.label != pair.predicted
        assert found.confusion[pair.label, pair.predicted] == pair.images > 0


@given(anything())
def test_json_and_csv_say_the_same(found: Evaluation) -> None:
    line = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    rows = list(csv.DictReader(io.StringIO(found.as_csv())))
    assert (line["run"], line["updates"], line["split"]) == ("mine-1", 8, "test")
    assert line["images"] == len(found.labels)
    assert line["confusion"] == found.confusion.tolist()
    assert len(line["mistakes"]) == len(found.mistakes())
    assert len(rows) == len(line["classes"]) == 10
    for at, (row, entry) in enumerate(zip(rows, line["classes"], strict=True)):
        assert row["class"] == entry["class"] == CLASSES[at]
        assert int(row["images"]) == entry["images"] == found.confusion[at].sum()
        for name, share in (("accuracy", found.class_accuracy), ("precision", found.precision)):
            if isnan(share[at]):
                assert (row[name], entry[name]) == ("", None)
            else:
                assert float(row[name]) == entry[name] == share[at]
        taken = [int(row[f"taken_for_{name}"]) for name in CLASSES]
        assert taken == found.confusion[at].tolist()


def test_what_is_no_number_is_told_as_none() -> None:
    scores = np.full((3, 10), np.nan, np.float32)
    found = told(np.array([0, 1, 2]), scores)
    assert json.loads(json.dumps(found.as_dict(), allow_nan=False))["mistakes"][0] == {
        "index": 1, "class": "b", "predicted": "a", "probability": None, "class_probability": None,
    }  # fmt: skip


def test_a_network_is_evaluated_on_each_set(small: Dataset) -> None:
    model = Model(made.checkpoint(small))
    for split in evaluation.SPLITS:
        found = evaluation.evaluate(model, small, split)
        images = getattr(small, split)
        assert found.split == split
        assert found.images is images.images
        assert found.classes == small.classes
        assert found.probabilities.shape == (len(images), 10)
        picked = found.probabilities[np.arange(len(images)), images.labels].astype(np.float64)
        assert found.loss == pytest.approx(-np.log(picked).mean(), rel=1e-5)
    assert evaluation.evaluate(model, small).split == "test"


@pytest.mark.parametrize("name", ["", "Test", "name", "classes", "__class__"])
def test_there_are_three_sets(small: Dataset, name: str) -> None:
    with pytest.raises(SettingError, match="choose train, validation, test"):
        evaluation.split_of(small, name)


def test_other_training_images_are_known(small: Dataset) -> None:
    import dataclasses

    from core.data.dataset import Split

    model = Model(made.checkpoint(small))
    assert evaluation.knows(model, small)
    fewer = Split(small.train.images[1:], small.train.labels[1:])
    assert not evaluation.knows(model, dataclasses.replace(small, train=fewer))


def test_the_images_of_a_run_are_cut_as_they_were(small: Dataset, tmp_path: Path) -> None:
    session = made.trained(small, tmp_path, validation_size=300)
    assert session.record is not None
    found = evaluation.images_of(session.record)
    assert found.name == "synthetic"
    assert len(found.validation) == 300

"""Predictions of a saved network, against the training and a reference implementation."""

import dataclasses
import tracemalloc
from typing import Any

import numpy as np
import pytest

from core.data import synthetic
from core.data.dataset import Dataset
from core.data.normalise import Normaliser
from core.predictions import evaluation
from core.predictions.model import Model
from core.runs.checkpoint import Checkpoint
from core.training.control import Control
from core.training.events import Finished
from core.training.trainer import Trainer
from tests.predictions.reference import NETWORKS, probabilities
from tests.runs import made


@pytest.fixture(scope="module")
def kept(small: Dataset) -> Checkpoint:
    return made.checkpoint(small)


@pytest.mark.parametrize("normalisation", ["pixel", "channel"])
@pytest.mark.parametrize("network", NETWORKS)
def test_it_is_what_the_tensors_say(small: Dataset, network: str, normalisation: str) -> None:
    kept = made.checkpoint(
        small, architecture=NETWORKS[network], normalisation=normalisation, max_updates=4
    )
    images = small.test.images[:9]
    found = Model(kept).probabilities(images)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, probabilities(kept, images), atol=2e-6)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-6)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"shards": 3},
        {"batch_size": 1, "shards": 1},
        {"dtype": "float64", "normalisation": "channel"},
        {"architecture": NETWORKS["lenet"]},
        {"architecture": NETWORKS["conv1d"], "shards": 7},
    ],
)
def test_it_scores_what_the_run_recorded_to_the_bit(small: Dataset, values: dict[str, Any]) -> None:
    trainer = Trainer(made.EXPERIMENT.changed(half_cycle=12, **values), small, 1)
    last = trainer.run(Control(), lambda event: None)
    assert isinstance(last, Finished)
    normaliser, result = trainer.loader.normaliser, last.result
    model = Model(
        Checkpoint("x", trainer.timeline, trainer.state(), normaliser.mean, normaliser.deviation)
    )
    for split in evaluation.SPLITS:
        found = evaluation.evaluate(model, small, split)
        assert found.accuracy == getattr(result, f"{split}_accuracy")
        if split != "test":
            assert found.loss == pytest.approx(getattr(result, f"{split}_loss"), rel=1e-12)


def test_it_takes_the_statistics_of_the_checkpoint(small: Dataset, kept: Checkpoint) -> None:
    images = small.test.images[:5]
    other = dataclasses.replace(kept, mean=kept.mean + 20, deviation=kept.deviation * 2)
    found = Model(other).probabilities(images)
    np.testing.assert_allclose(found, probabilities(other, images), atol=2e-6)
    assert np.abs(found - Model(kept).probabilities(images)).max() > 1e-3


def test_statistics_that_were_taken_before_normalise_alike(small: Dataset) -> None:
    taken = Normaliser(small.train.images)
    again = Normaliser.of(taken.mean, taken.deviation, (32, 32, 3))
    outs = [np.empty((4, 32, 32, 3), np.float32) for _ in range(2)]
    for normaliser, out in zip((taken, again), outs, strict=True):
        normaliser.apply(small.test.images[:4], out)
    assert np.array_equal(*outs)


@pytest.mark.parametrize("count", [0, 1, 19, 20, 21, 57])
def test_any_number_of_images(small: Dataset, kept: Checkpoint, count: int) -> None:
    model = Model(kept)
    told: list[tuple[int, int]] = []
    found = model.probabilities(small.test.images[:count], lambda *what: told.append(what))
    assert found.shape == (count, 10)
    whole = Model(kept).probabilities(small.test.images)
    np.testing.assert_allclose(found, whole[:count], atol=1e-6)
    assert model.slice == 20
    assert told == [(min(done, count), count) for done in range(20, count + 20, 20)]


def test_images_may_be_views(small: Dataset, kept: Checkpoint) -> None:
    images, model = small.test.images, Model(kept)
    for view in (images[::-1], images[:, :, ::-1], images[..., ::-1]):
        assert not view.flags.c_contiguous
        assert np.array_equal(model.probabilities(view), model.probabilities(view.copy()))


def test_buffers_do_not_grow_with_the_images(kept: Checkpoint) -> None:
    model, images = Model(kept), np.zeros((6_000, 32, 32, 3), np.uint8)
    model.probabilities(images[:100])
    tracemalloc.start()
    try:
        found = model.probabilities(images)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # Labels and predictions; a copy of the images alone would be 18 MB.
    assert peak < found.nbytes + 8 * len(images) + 500_000


def test_what_is_told_can_end_the_work(small: Dataset, kept: Checkpoint) -> None:
    def enough(done: int, total: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        evaluation.evaluate(Model(kept), small, "train", enough)


@pytest.mark.parametrize(
    "images",
    [
        np.zeros((2, 32, 32, 3), np.float32),
        np.zeros((2, 3, 32, 32), np.uint8),
        np.zeros((32, 32, 3), np.uint8),
    ],
)
def test_other_images_are_refused(kept: Checkpoint, images: Any) -> None:
    with pytest.raises(ValueError, match="no images"):
        Model(kept).probabilities(images)


def test_numbers_without_bound_do_no_harm(small: Dataset, kept: Checkpoint) -> None:
    tensors = {name: value * 1e30 for name, value in kept.state.tensors.items()}
    wild = dataclasses.replace(kept, state=dataclasses.replace(kept.state, tensors=tensors))
    assert evaluation.evaluate(Model(wild), small).confusion.sum() == len(small.test)


def test_classes_are_those_of_the_data(kept: Checkpoint) -> None:
    assert Model(kept).classes == tuple(synthetic.SHAPES)

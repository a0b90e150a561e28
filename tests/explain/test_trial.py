"""One step of learning on one image, held against a step by hand."""

from dataclasses import replace
from math import inf

import numpy as np
import pytest

from core.config import presets
from core.config.experiment import Experiment
from core.data import synthetic
from core.data.dataset import Dataset
from core.explain import Subject, run
from core.explain.trial import learn, moved


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return synthetic.load(1000)


def experiment(**changes: object) -> Experiment:
    small = {"dataset": "synthetic", "dtype": "float64", "eta_max": 0.02, "weight_decay": 0.01}
    return presets.load("arch-2").changed(**{**small, **changes})


def test_a_step_is_the_rate_times_gradient_and_decay(dataset: Dataset) -> None:
    subject = Subject.fresh(experiment(), dataset)
    image, label = dataset.test.images[3], int(dataset.test.labels[3])
    trace = run(subject, image, label)
    trial = learn(subject, image, label)
    assert trial.rate == 0.02
    for name, (value, gradient) in trace.weights.items():
        decay = 0.0 if name.endswith("bias") else 2 * 0.01 * value
        wanted = value - 0.02 * (gradient + decay)
        np.testing.assert_allclose(trial.subject.tensors[name], wanted, rtol=1e-12, atol=1e-15)


def test_the_network_learns_the_image_and_the_former_one_stays(dataset: Dataset) -> None:
    subject = Subject.fresh(experiment(weight_decay=0), dataset)
    image, label = dataset.test.images[3], int(dataset.test.labels[3])
    kept = {name: value.copy() for name, value in subject.tensors.items()}
    before, after = (
        run(subject, image, label),
        run(learn(subject, image, label).subject, image, label),
    )
    assert after.loss < before.loss
    assert after.probabilities[label] > before.probabilities[label]
    for name, value in kept.items():
        assert (subject.tensors[name] == value).all()


def test_the_past_of_the_optimiser_plays_no_part(dataset: Dataset) -> None:
    subject = Subject.fresh(experiment(momentum=0.9), dataset)
    size = subject.network(1).parameters.size
    driven = replace(subject, optimiser={"velocity": np.ones(size)}, updates=7)
    image, label = dataset.test.images[3], int(dataset.test.labels[3])
    one, other = learn(subject, image, label), learn(driven, image, label)
    for name in one.subject.tensors:
        assert (one.subject.tensors[name] == other.subject.tensors[name]).all()


def test_statistics_stay(dataset: Dataset) -> None:
    layers = [
        {"kind": "conv", "filters": 4, "stride": 4},
        {"kind": "batchnorm"},
        {"kind": "relu"},
        {"kind": "linear", "units": 10},
    ]
    subject = Subject.fresh(experiment(architecture=layers, optimiser="adamw"), dataset)
    trial = learn(subject, dataset.test.images[3], int(dataset.test.labels[3]))
    for name in ("batchnorm1.mean", "batchnorm1.variance"):
        assert (trial.subject.tensors[name] == subject.tensors[name]).all()


def test_how_far_a_layer_has_moved_is_told_by_all_of_its_parameters() -> None:
    before = {"a.weight": np.array([3.0, 0.0]), "a.bias": np.array([4.0]), "b.bias": np.zeros(2)}
    after = {"a.weight": np.array([3.0, 1.0]), "a.bias": np.array([4.0]), "b.bias": np.ones(2)}
    assert moved(before, after) == {"a": 0.2, "b": inf}
    assert moved(before, before) == {"a": 0.0, "b": 0.0}

"""What the next update makes of a weight, held against the training itself."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.config import presets
from core.config.experiment import Experiment
from core.data import synthetic
from core.data.dataset import Dataset
from core.errors import ExplainError
from core.explain import Subject, run_in_batch
from core.explain.batch import first_shard, next_batch, with_first
from core.explain.update import Update
from core.layers.explanation import Place
from core.nn.acceleration import InputLayout
from core.nn.flatten import Flatten
from core.plan import shard_sizes
from core.runs.checkpoint import Checkpoint
from core.training.loader import DataLoader
from core.training.timeline import Timeline
from core.training.trainer import Trainer

BEFORE = 5
"""Number of updates before the one that is explained."""

LAYERS = [
    {"kind": "conv", "filters": 4, "stride": 4},
    {"kind": "batchnorm"},
    {"kind": "relu"},
    {"kind": "dropout", "probability": 0.2},
    {"kind": "linear", "units": 10},
]


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return synthetic.load(1000)


def experiment(**changes: Any) -> Experiment:
    small = {"architecture": LAYERS, "batch_size": 20, "shards": 2, "dtype": "float64"}
    return presets.load("arch-2").changed(dataset="synthetic", **{**small, **changes})


def trained(settings: Experiment, dataset: Dataset) -> tuple[Trainer, Subject]:
    """Train for some updates, and return the network between two of them."""
    trainer = Trainer(settings, dataset)
    with trainer.working():
        for update in range(BEFORE):
            trainer.step(update)
            trainer.updates_done = update + 1
    normaliser = trainer.loader.normaliser
    timeline = Timeline.of(settings, ())
    checkpoint = Checkpoint("", timeline, trainer.state(), normaliser.mean, normaliser.deviation)
    return trainer, Subject.of(checkpoint)


RULES: list[dict[str, Any]] = [
    {"eta_max": 0.1, "weight_decay": 0.01},
    {"eta_max": 0.1, "weight_decay": 0.01, "momentum": 0.9},
    {"eta_max": 0.1, "momentum": 0.9, "nesterov": "on", "clip_norm": 0.1},
    {"eta_max": 0.01, "weight_decay": 0.01, "optimiser": "adamw"},
    {"augmentation": "fresh", "label_smoothing": 0.1},
    {"augmentation": "offline", "copies": 100},
]


@pytest.mark.parametrize("changes", RULES, ids=str)
def test_the_step_of_every_weight_is_that_of_the_training(
    changes: dict[str, Any], dataset: Dataset
) -> None:
    settings = experiment(**changes)
    trainer, subject = trained(settings, dataset)
    update = Update(subject, next_batch(subject, dataset), shard_sizes(settings))
    with trainer.working():
        trainer.step(BEFORE)
    after = trainer.state()
    for name, before in subject.tensors.items():
        if name.endswith((".mean", ".variance")):
            continue
        for at in np.ndindex(before.shape):
            step = update.explain(name, at)
            assert step.before == before[at]
            # The training runs a fused form of the network, which rounds differently.
            assert step.after == pytest.approx(after.tensors[name][at], rel=1e-9, abs=1e-12)
            assert step.exact == pytest.approx(step.after, rel=1e-11, abs=1e-13)


def test_decay_is_told_apart_from_the_gradient(dataset: Dataset) -> None:
    settings = experiment(weight_decay=0.01, eta_max=0.1)
    _, subject = trained(settings, dataset)
    update = Update(subject, next_batch(subject, dataset), shard_sizes(settings))
    at: Place = (0, 0, 0, 0)
    step = update.explain("conv1.weight", at)
    assert step.decay == 2 * 0.01 * step.before
    assert step.parts["decay"] == pytest.approx(-step.rate * step.decay)
    assert update.explain("batchnorm1.gamma", (0,)).decay == 0
    assert step.rate == settings_rate(settings)


def settings_rate(settings: Experiment) -> float:
    return Timeline.of(settings, ()).schedule.rate(BEFORE)


def test_the_gradients_of_the_shards_add_up_to_that_of_the_batch(dataset: Dataset) -> None:
    settings = experiment()
    _, subject = trained(settings, dataset)
    batch = next_batch(subject, dataset)
    trace = run_in_batch(subject, *first_shard(subject, batch))
    _, first = trace.weights["linear1.weight"]
    step = Update(subject, batch, [20]).explain("linear1.bias", (3,))
    assert first.shape == (8 * 8 * 4, 10)
    labels, p = batch.labels[:10], trace.nodes["softmax"].y
    wanted = (p[:, 3] - (labels == 3)).sum() / 20
    assert trace.weights["linear1.bias"][1][3] == pytest.approx(wanted)
    assert step.gradient != trace.weights["linear1.bias"][1][3]


def test_an_image_takes_the_place_of_the_first_of_its_batch(dataset: Dataset) -> None:
    _, subject = trained(experiment(), dataset)
    batch = next_batch(subject, dataset)
    image = dataset.test.images[7]
    changed = with_first(batch, image, 4)
    assert (changed.images[0] == image).all()
    assert changed.labels[0] == 4
    assert (changed.images[1:] == batch.images[1:]).all()


def test_after_a_training_its_last_update_is_made_once_more(dataset: Dataset) -> None:
    settings = experiment(max_updates=BEFORE, momentum=0.9, weight_decay=0.01)
    _, subject = trained(settings, dataset)
    longer = experiment(max_updates=BEFORE + 1, momentum=0.9, weight_decay=0.01)
    loader = DataLoader(longer, dataset, InputLayout(Flatten(dataset.shape)))
    batch = next_batch(subject, dataset)
    assert (batch.labels == loader.data.labels[loader.rows(BEFORE - 1)]).all()
    assert subject.is_over
    step = Update(subject, batch, shard_sizes(settings)).explain("linear1.bias", (3,))
    assert step.rate == Timeline.of(settings, ()).schedule.rate(BEFORE - 1)
    assert step.state["velocity"][0] == subject.optimiser["velocity"][-7]
    assert step.exact == pytest.approx(step.after, rel=1e-11, abs=1e-13)


def test_a_network_without_a_training_has_no_batch(dataset: Dataset) -> None:
    _, subject = trained(experiment(), dataset)
    with pytest.raises(ExplainError, match="no training"):
        next_batch(replace(subject, timeline=None), dataset)

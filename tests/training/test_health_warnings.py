"""A training that is well gets no warning, one that is made ill on purpose the right one."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.config.experiment import Experiment
from core.data import synthetic
from core.data.dataset import Dataset, Split
from core.training.control import Control
from core.training.events import Event
from core.training.health_thresholds import THRESHOLDS, HealthThresholds
from core.training.health_warnings import HealthWarning, health_warnings
from core.training.history import History
from core.training.trainer import Trainer
from tests.training.health_made import EXPERIMENT, recorded

BASE: dict[str, Any] = {
    "architecture": "4x4/10/50",
    "half_cycle": 60,
    "cycles": 1,
    "batch_size": 50,
    "evaluate_every": 20,
    "training_sample": 100,
    "dataset": "synthetic",
    "health": "dense",
}
LIMITS = HealthThresholds(patience=60)
NORMALISED = [
    {"kind": "conv", "filter": 4, "filters": 8, "stride": 4},
    {"kind": "batchnorm"},
    {"kind": "relu"},
    {"kind": "linear", "units": 10},
]
LEAKY = [
    {"kind": "conv", "filter": 4, "filters": 8, "stride": 4},
    {"kind": "leakyrelu"},
    {"kind": "linear", "units": 10},
]


@pytest.fixture(scope="module")
def shapes() -> Dataset:
    return synthetic.load()


def warned(
    dataset: Dataset,
    change: Callable[[Trainer], None] = lambda trainer: None,
    limits: HealthThresholds = LIMITS,
    **values: Any,
) -> dict[str, HealthWarning]:
    """Train, and return the warnings by their thresholds."""
    experiment, history = Experiment.of({**BASE, **values}), History()
    trainer = Trainer(experiment, dataset, 1)
    change(trainer)
    trainer.run(Control(), history.add)
    found = health_warnings(history, experiment, limits)
    for each in found:
        assert each.text.isprintable()
        assert not each.text.endswith(".")
        assert each.threshold in {field.name for field in THRESHOLDS}
        assert each.source.url.startswith("https://")
        assert each.source.title in each.sentence()
        if each.quantity is not None:
            assert f"{each.evidence}/{each.quantity}" in history.health.columns
    return {each.threshold: each for each in found}


def relabelled(dataset: Dataset, labels: Callable[[Split], Any]) -> Dataset:
    train, validation, test = (
        Split(split.images, labels(split))
        for split in (dataset.train, dataset.validation, dataset.test)
    )
    return replace(dataset, train=train, validation=validation, test=test)


@pytest.mark.parametrize("architecture", ["4x4/10/50", NORMALISED, LEAKY], ids=str)
def test_a_training_that_is_well(shapes: Dataset, architecture: Any) -> None:
    assert warned(shapes, architecture=architecture, half_cycle=150) == {}


def test_nothing_is_said_of_nothing() -> None:
    assert health_warnings(History(), Experiment()) == []


def test_a_row_may_be_there_before_its_update(shapes: Dataset) -> None:
    """As a pane reads them, in the moment between the two events."""
    experiment, history = Experiment.of({**BASE, "max_updates": 4}), History()
    trainer, lengths = Trainer(experiment, shapes, 1), set()

    def listen(event: Event) -> None:
        history.add(event)
        assert health_warnings(history, experiment) == []
        lengths.add(len(history.health) - len(history.updates))

    trainer.run(Control(), listen)
    assert 1 in lengths


def test_a_rate_that_is_too_high(shapes: Dataset) -> None:
    found = warned(shapes, architecture=LEAKY, eta_max=2, eta_min=2, schedule="constant")
    high = found["ratio_high"]
    assert (high.evidence, high.quantity, high.since) == ("conv1.weight", "ratio", 1)
    assert "since update 1, at rate 2: the rate is too high" in high.text


def test_gradients_that_explode(shapes: Dataset) -> None:
    found = warned(shapes, architecture=LEAKY, eta_max=2, eta_min=2, schedule="constant")
    exploded = found["gradient"]
    assert (exploded.quantity, exploded.since) == ("gradient", 2)
    assert "since update 2, at rate 2" in exploded.text
    limited = {"clip_norm": 0.1, "eta_max": 0.5, "eta_min": 0.5, "schedule": "constant"}
    assert "gradient" not in warned(shapes, architecture=LEAKY, **limited)


def test_what_is_over_says_when_it_ended(shapes: Dataset) -> None:
    high = warned(shapes, eta_max=1, eta_min=1, schedule="constant")["ratio_high"]
    assert "from update 1 to 8, at rate 1" in high.text


def test_a_rate_that_is_too_low(shapes: Dataset) -> None:
    found = warned(shapes, eta_max=1e-6, eta_min=1e-7)
    assert set(found) == {"ratio_low", "guessing"}
    assert (found["ratio_low"].quantity, found["ratio_low"].since) == ("ratio", 60)
    # The same low rate is well at the ends of a cycle, and as long as the rate climbs.
    assert "ratio_low" not in warned(shapes, eta_max=0.1, eta_min=1e-7)
    assert "ratio_low" not in warned(shapes, eta_max=1e-6, eta_min=1e-7, max_updates=50)


def test_initial_weights_that_are_too_large(shapes: Dataset) -> None:
    def larger(trainer: Trainer) -> None:
        np.multiply(trainer.engine.parameters, 20, out=trainer.engine.parameters)

    found = warned(shapes, larger, eta_max=1e-5, eta_min=1e-6)
    assert found["initial_loss"].evidence == "linear2"
    assert "and guessing has 2.303" in found["initial_loss"].text
    assert found["gradient"].since == 1


def test_initial_weights_that_are_too_small(shapes: Dataset) -> None:
    def smaller(trainer: Trainer) -> None:
        np.multiply(trainer.engine.parameters, 1e-4, out=trainer.engine.parameters)

    found = warned(shapes, smaller)
    assert (found["signal"].evidence, found["signal"].quantity) == ("conv1", "deviation")
    assert "initial_loss" not in found


def test_units_that_are_dead_from_the_start(shapes: Dataset) -> None:
    def dead(trainer: Trainer) -> None:
        trainer.engine.network.tensors()["linear1.bias"][0][:40] = -100

    found = warned(shapes, dead)
    assert set(found) == {"silent"}
    silent = found["silent"]
    assert (silent.evidence, silent.quantity, silent.since) == ("relu2", "silent", 1)
    assert silent.text.startswith("relu2: 8")
    assert silent.text.endswith("% of its units never fire since update 1, at rate 1e-5")
    assert silent.sentence().endswith("(threshold silent: 40 %; cs231n, dead ReLUs)")
    assert warned(shapes, dead, LIMITS.changed(silent=0.9)) == {}


def test_units_that_die_later_say_when(shapes: Dataset) -> None:
    silent = warned(shapes, eta_max=1, eta_min=1e-3)["silent"]
    assert 1 < silent.since < 120
    assert f"never fire since update {silent.since}, at rate " in silent.text


def test_labels_that_are_shuffled(shapes: Dataset) -> None:
    rng = np.random.default_rng(0)
    shuffled = relabelled(shapes, lambda split: rng.permutation(split.labels))
    found = warned(shuffled)
    assert set(found) == {"guessing"}
    assert "guessing has 10.0 %: the labels may be shuffled" in found["guessing"].text
    assert warned(shuffled, limits=LIMITS.changed(patience=500)) == {}


def test_shuffled_labels_that_are_learned_by_heart(small: Dataset) -> None:
    rng = np.random.default_rng(0)
    shuffled = relabelled(small, lambda split: rng.permutation(split.labels))
    found = warned(shuffled, half_cycle=100, validation_size=103)
    assert "training images are learned by heart" in found["guessing"].text


def test_a_data_set_of_one_class(shapes: Dataset) -> None:
    found = warned(relabelled(shapes, lambda split: np.full_like(split.labels, 3)))
    assert "guessing" not in found
    assert "all images are right after 20 updates" in found["too_easy"].text


def test_curves_alone_warn_without_a_record(shapes: Dataset) -> None:
    one = relabelled(shapes, lambda split: np.full_like(split.labels, 3))
    assert "too_easy" in warned(one, health="off")


@pytest.mark.parametrize(
    ("quantity", "threshold"), [("ratio", "ratio_high"), ("gradient", "gradient")]
)
def test_evidence_is_where_the_value_of_the_sentence_is(quantity: str, threshold: str) -> None:
    # The stretch begins with another tensor; the one that is named is well until its third row.
    ill = {("conv1.weight", 400): 2e3, ("linear1.weight", 500): 3e3, ("conv1.weight", 600): 2e3}

    def of(name: str, update: int) -> float | None:
        owner, _, what = name.partition("/")
        return ill.get((owner, update)) if what == quantity else None

    [found] = health_warnings(recorded(900, of), EXPERIMENT)
    assert (found.threshold, found.evidence) == (threshold, "linear1.weight")
    assert (found.since, found.worst) == (400, 500)

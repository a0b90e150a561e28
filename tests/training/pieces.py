"""Settings and data of the tests of pieces, and what makes two states the same."""

from dataclasses import replace
from typing import Any

from core.config.experiment import Experiment
from core.data.dataset import Dataset, Split
from core.training.state import State
from tests.runs.made import BRANCHES

UPDATES = 33
"""No multiple of `evaluate_every`, so the last evaluation is one more."""

BASE: dict[str, Any] = {
    "half_cycle": 9,
    "cycles": 2,
    "max_updates": UPDATES,
    "eta_max": 0.05,
    "batch_size": 24,
    "shards": 3,
    "evaluate_every": 6,
    "training_sample": 100,
    "dataset": "synthetic",
    "health": "dense",
    "seed": 5,
}

NORMED = [
    {"kind": "conv", "filter": 5, "filters": 4, "stride": 3},
    {"kind": "batchnorm"},
    {"kind": "relu"},
    {"kind": "dropout", "probability": 0.2},
    {"kind": "globalpool"},
    {"kind": "linear", "units": 10},
]

CASES: dict[str, dict[str, Any]] = {
    "plain": {"architecture": "8x8/4/10"},
    "momentum": {
        "architecture": NORMED,
        "augmentation": "fresh",
        "momentum": 0.9,
        "label_smoothing": 0.1,
    },
    "adamw": {
        "architecture": NORMED,
        "optimiser": "adamw",
        "augmentation": "offline",
        "copies": 40,
        "clip_norm": 0.5,
        "eta_max": 0.01,
    },
    "branches": {"architecture": BRANCHES["architecture"], "momentum": 0.5, "health": "sparse"},
}


def few_of(small: Dataset) -> Dataset:
    """Return few images, none of them to test with; no batch divides their number."""
    train, validation = (
        Split(split.images[:count], split.labels[:count])
        for split, count in ((small.train, 103), (small.validation, 41))
    )
    return replace(small, train=train, validation=validation).without_test()


def experiment(case: str, **values: Any) -> Experiment:
    return Experiment.of({**BASE, **CASES[case], **values})


def equal(one: State | None, other: State | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.updates == other.updates and all(
        set(mine) == set(theirs)
        and all(mine[name].tobytes() == theirs[name].tobytes() for name in mine)
        for mine, theirs in ((one.tensors, other.tensors), (one.optimiser, other.optimiser))
    )

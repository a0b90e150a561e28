"""A study around the settings of a run: what is worth varying, and between which bounds.

The bounds are a proposal, to be edited. What matters most comes first: the learning rate by a
factor of 5 each way, then batch size and regularisation, and only what the run uses.
"""

from typing import Any

from core.config.experiment import FIELDS_BY_NAME, Experiment
from core.sweeps.definition.study_fields import StudyFields

WIDTH = 5.0
"""Factor from a run's value to each bound on a logarithmic scale."""

FEWEST = 200
"""Updates below which no trial ends early."""

LARGEST_SHARE = 0.2
"""Largest part of the training images that is proposed for validation."""


def definition(experiment: Experiment) -> dict[str, Any]:
    """Return a study around a run, without its name, for `Study.of`."""
    usual = int(StudyFields.model_fields["validation_size"].default)
    images = experiment.data.training
    validation = max(experiment.validation_size, min(usual, int(images * LARGEST_SHARE)))
    per_epoch = (images - experiment.validation_size) // experiment.batch_size
    base = experiment.model_dump(mode="json")
    name, layers = base.pop("name"), base.pop("architecture")
    del base["validation_size"]  # the study has one of its own
    return {
        # In the order and the form of a settings file.
        "base": {"name": name, "architecture": experiment.short_form or layers, **base},
        "epochs": float(f"{experiment.total_updates / max(1, per_epoch):.3g}"),
        "validation_size": validation,
        # A run of a few updates leaves no room for rungs.
        "pruning": {"kind": "halving" if experiment.total_updates >= FEWEST else "none"},
        "space": _space(experiment),
    }


def _space(experiment: Experiment) -> dict[str, Any]:
    space: dict[str, Any] = {"eta_max": {"log": _around("eta_max", experiment.eta_max)}}
    # No rate may be below the lowest.
    space["eta_max"]["log"][0] = max(space["eta_max"]["log"][0], experiment.eta_min)
    sizes = {experiment.batch_size // 2, experiment.batch_size, experiment.batch_size * 2}
    most = int(FIELDS_BY_NAME["batch_size"].high or 0)
    space["batch_size"] = {"choice": [n for n in sorted(sizes) if experiment.shards <= n <= most]}
    decay = experiment.weight_decay
    space["weight_decay"] = {"log": _around("weight_decay", decay) if decay else [1e-5, 1e-2]}
    smoothings = sorted({0.0, 0.05, 0.1, experiment.label_smoothing})
    space["label_smoothing"] = {"choice": smoothings}
    if experiment.optimiser == "sgd" and experiment.momentum:
        space["momentum"] = {"choice": sorted({0.8, 0.9, 0.95, experiment.momentum})}
    if experiment.augmentation != "none":
        shift = experiment.largest_shift
        space["largest_shift"] = {"integer": [max(0, shift - 1), min(16, shift + 1)]}
    return space


def _around(name: str, value: float) -> list[float]:
    """Return bounds around a value, in two digits, within the range of the setting."""
    field = FIELDS_BY_NAME[name]
    low, high = (float(f"{bound:.1e}") for bound in (value / WIDTH, value * WIDTH))
    low, high = max(low, field.low or field.step), min(high, field.high or high)
    # At an end of the range there is room on one side only.
    return [low, high] if low < high else [high / WIDTH, high]

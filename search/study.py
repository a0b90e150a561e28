"""The definition of a search: fixed settings, the search space, and the number of trials."""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.config import presets
from core.config.experiment import Experiment

TRAINING_IMAGES = 50_000
"""Training images of CIFAR-10, including those used for validation."""

Draw = Mapping[str, Any]
"""The distribution of a setting: one of `choice` (a list), `log` or `linear` (two limits)."""


@dataclass(frozen=True)
class Study:
    """One search.

    Trial k is a function of the study and of k only, so an interrupted search resumes with the same
    trials.
    """

    name: str
    preset: str
    """The preset that every trial starts from."""
    trials: int
    """Number of random settings that are trained with the first seed."""
    finalists: int
    """Number of the best trials, which are also trained with the other seeds."""
    seeds: tuple[int, ...]
    epochs: float
    """Passes over the training images; the same for every trial, whatever its batch size."""
    validation_size: int
    """Number of validation images; 5,000 distinguish accuracies that differ by some 0.9 points."""
    fixed: Mapping[str, Any]
    space: Mapping[str, Draw]

    @classmethod
    def read(cls, path: Path) -> "Study":
        """Read a study from TOML."""
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        return cls(name=path.stem, **{**content, "seeds": tuple(content["seeds"])})

    def drawn(self, trial: int) -> dict[str, Any]:
        """Return the random settings of trial number `trial`, from 0."""
        rng = np.random.default_rng([trial, *self.name.encode()])
        return {name: _draw(draw, rng) for name, draw in self.space.items()}

    def experiment(self, trial: int, seed: int) -> Experiment:
        """Return the settings of one trial with one seed."""
        values = {**self.fixed, **self.drawn(trial)}
        base = presets.load(self.preset).changed(**values)
        updates = (TRAINING_IMAGES - self.validation_size) // base.batch_size * self.epochs
        parts = sum(base.growth**cycle for cycle in range(base.cycles))
        half_cycle = max(1, round(updates / parts / 2))
        return base.changed(
            name=f"{self.name}-{trial}",
            dataset="cifar10",
            half_cycle=half_cycle,
            seed=seed,
            validation_size=self.validation_size,
            # Only the evaluation at the end counts.
            evaluate_every=1_000_000,
        )


def _draw(draw: Draw, rng: np.random.Generator) -> Any:
    if "choice" in draw:
        return draw["choice"][rng.integers(len(draw["choice"]))]
    low, high = draw.get("log") or draw["linear"]
    if "log" in draw:
        value = math.exp(rng.uniform(math.log(low), math.log(high)))
    else:
        value = rng.uniform(low, high)
    # Two digits suffice: the validation set cannot distinguish smaller differences.
    return float(f"{value:.1e}")

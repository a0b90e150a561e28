"""What is searched: settings that stay, settings that are drawn, and how much of each."""

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
"""Of CIFAR-10, before the validation images are kept aside."""

Draw = Mapping[str, Any]
"""One of `choice` (a list), `log` or `linear` (two ends)."""


@dataclass(frozen=True)
class Study:
    """One search.

    Trial k is a function of the study and of k alone, so a search that was interrupted goes on
    with the trials that it would have come to.
    """

    name: str
    preset: str
    """What every trial starts from."""
    trials: int
    """Random settings that are tried with the first seed."""
    finalists: int
    """The best of them, which are tried with the other seeds, too."""
    seeds: tuple[int, ...]
    epochs: float
    """Passes over the training images: every trial gets the same, whatever its batch size."""
    validation_size: int
    """Images that decide; 5,000 tell accuracies apart that differ by some 0.9 points."""
    fixed: Mapping[str, Any]
    space: Mapping[str, Draw]

    @classmethod
    def read(cls, path: Path) -> "Study":
        """Read a study from TOML."""
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        return cls(name=path.stem, **{**content, "seeds": tuple(content["seeds"])})

    def drawn(self, trial: int) -> dict[str, Any]:
        """Return the settings that trial `trial`, from 0, does not share with the others."""
        chance = np.random.default_rng([trial, *self.name.encode()])
        return {name: _draw(draw, chance) for name, draw in self.space.items()}

    def experiment(self, trial: int, seed: int) -> Experiment:
        """Return what one trial trains with one seed."""
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
            # What is looked at on the way decides nothing.
            evaluate_every=1_000_000,
        )


def _draw(draw: Draw, chance: np.random.Generator) -> Any:
    if "choice" in draw:
        return draw["choice"][chance.integers(len(draw["choice"]))]
    low, high = draw.get("log") or draw["linear"]
    if "log" in draw:
        value = math.exp(chance.uniform(math.log(low), math.log(high)))
    else:
        value = chance.uniform(low, high)
    # Two digits are what a person would write, and more than the images can tell apart.
    return float(f"{value:.1e}")

"""The published accuracies. The published training times are in `core.benchmark.cases`."""

from dataclasses import dataclass
from typing import Literal

Part = Literal["train", "validation", "test"]
PARTS: dict[Part, str] = {"train": "training", "validation": "validation", "test": "test"}
"""The sets of images that an accuracy is measured on, with their labels."""


@dataclass(frozen=True)
class Accuracies:
    """Accuracies at the end of a run, in per cent."""

    train: float
    validation: float
    test: float

    def of(self, part: Part) -> float:
        """Return the accuracy on one set of images."""
        return float(getattr(self, part))


ACCURACIES = {
    "arch-1": Accuracies(54.38, 51.10, 50.49),
    "arch-2": Accuracies(61.61, 56.30, 56.41),
    "arch-3": Accuracies(63.47, 58.70, 58.59),
    "arch-4": Accuracies(62.98, 57.10, 56.44),
    "final": Accuracies(89.19, 70.80, 69.13),
}

TOLERANCES = {"train": 1.5, "validation": 4.0, "test": 1.5}
"""Percentage points within which a measured accuracy agrees with the published one. The validation
set has 1,000 images, so that one accuracy on it has a standard error of 1.5."""


def agrees(part: Part, published: float, measured: float) -> bool:
    """Return whether a measured accuracy reproduces the published one, both in per cent.

    Training and test accuracy may exceed the published ones by any amount; validation accuracy,
    which has the largest standard error, must be within the tolerance on both sides.
    """
    if part == "validation":
        return abs(measured - published) <= TOLERANCES[part]
    return measured >= published - TOLERANCES[part]

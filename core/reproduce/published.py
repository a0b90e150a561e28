"""The published numbers, as data. Training times are in `core.benchmark.cases`, which measures."""

from dataclasses import dataclass
from typing import Literal

Part = Literal["train", "validation", "test"]
PARTS: dict[Part, str] = {"train": "training", "validation": "validation", "test": "test"}
"""The parts of the images that an accuracy is measured on, and the word for each."""


@dataclass(frozen=True)
class Accuracies:
    """Per cent of the images that were told right at the end of a run."""

    train: float
    validation: float
    test: float

    def of(self, part: Part) -> float:
        """Return the accuracy on a part of the images."""
        return float(getattr(self, part))


ACCURACIES = {
    "arch-1": Accuracies(54.38, 51.10, 50.49),
    "arch-2": Accuracies(61.61, 56.30, 56.41),
    "arch-3": Accuracies(63.47, 58.70, 58.59),
    "arch-4": Accuracies(62.98, 57.10, 56.44),
    "final": Accuracies(89.19, 70.80, 69.13),
}

NEAR = {"train": 1.5, "validation": 4.0, "test": 1.5}
"""Points within which a measured accuracy agrees with the published one. The validation set has
1,000 images, so that one accuracy on it has a standard error of 1.5."""


def agrees(part: Part, published: float, measured: float) -> bool:
    """Tell whether a measured accuracy reproduces the published one, both in per cent.

    Training and test accuracy may be better than published; validation accuracy, which chance moves
    most, may lie on either side.
    """
    if part == "validation":
        return abs(measured - published) <= NEAR[part]
    return measured >= published - NEAR[part]

"""A data set of another shape than CIFAR-10's, and what a test needs to make it known."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from core.data import known
from core.data.dataset import Dataset, Split
from core.data.known import KnownSet
from core.data.progress import Progress

SHAPE = (28, 28, 1)
CLASSES = ("alpha", "beta", "gamma", "delta", "epsilon")
TRAINING, TEST = 600, 100
NAME = "letters"

FIT = {"dataset": NAME, "validation_size": 100, "training_sample": 100}
"""Settings that suit so few images."""


def load(validation_size: int = 100, seed: int = 5) -> Dataset:
    """Return grey images of 28x28 pixels in five classes, each a pattern of its own and noise."""
    rng = np.random.default_rng(seed)
    patterns = rng.integers(30, 226, (len(CLASSES), *SHAPE))

    def split(count: int) -> Split:
        labels = rng.integers(0, len(CLASSES), count)
        noise = rng.normal(0, 60, (count, *SHAPE))
        return Split(np.clip(patterns[labels] + noise, 0, 255).astype(np.uint8), labels)

    training, test = split(TRAINING), split(TEST)
    cut = TRAINING - validation_size
    return Dataset(
        NAME,
        "made",
        CLASSES,
        Split(training.images[:cut], training.labels[:cut]),
        Split(training.images[cut:], training.labels[cut:]),
        test,
    )


@contextmanager
def known_set(seed: int = 5) -> Iterator[KnownSet]:
    """Make the set known by its name while the context lasts."""

    def loaded(_: Path | None, validation_size: int, __: Progress) -> Dataset:
        return load(validation_size, seed)

    made = KnownSet(NAME, "the letters", SHAPE, CLASSES, TRAINING, TEST, loaded)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(known.KNOWN, NAME, made)
        yield made

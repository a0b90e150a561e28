"""A data set in numbers: how many images, how large, and how their values are spread."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from core.data import source
from core.data.dataset import Dataset, Shape
from core.data.normalise import Normaliser, Per
from core.data.source import SplitCounts

CHUNK = 256
"""Images counted at a time: counting makes eight bytes of each."""

VALUES = 256
"""Number of values that a pixel can have."""

Column = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Summary:
    """What the Data pane and `convsole data info` tell of a data set.

    Attributes:
        classes: names of the classes.
        shape: height, width and channels of an image.
        bytes: of all images together, in memory.
        splits: numbers of images of every split and class.
        per: whether every pixel or every channel is normalised by itself.
        mean: what a training subtracts, float64 (H, W, C) per pixel or (C,) per channel.
        deviation: what it divides by, of the same shape.
        histogram: int64 (256,), how often each value occurs in the training images.
    """

    classes: tuple[str, ...]
    shape: Shape
    bytes: int
    splits: tuple[SplitCounts, ...]
    per: Per
    mean: Column
    deviation: Column
    histogram: npt.NDArray[np.int64]

    @classmethod
    def of(cls, dataset: Dataset, per: Per = "pixel") -> Self:
        """Return the summary of a data set; it reads every training image once.

        Raises:
            DataError: if there are no training images.
        """
        normaliser = Normaliser.of_training(dataset, per)
        return cls(
            dataset.classes,
            dataset.shape,
            sum(split.images.nbytes for _, split in dataset.splits),
            source.counts(dataset),
            per,
            normaliser.mean,
            normaliser.deviation,
            value_counts(dataset.train.images),
        )


def value_counts(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Return how often each value from 0 to 255 occurs in images (N, H, W, C)."""
    counted = np.zeros(VALUES, np.int64)
    for start in range(0, len(images), CHUNK):
        counted += np.bincount(images[start : start + CHUNK].reshape(-1), minlength=VALUES)
    return counted

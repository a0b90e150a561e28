"""Data sets and their splits."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import UserError

Images = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.int64]
Array = npt.NDArray[Any]


class DataError(UserError):
    """A data set cannot be read; the message says in one sentence what, where and the remedy."""


@dataclass(frozen=True)
class Split:
    """Images and their labels.

    Attributes:
        images: uint8 (N, 32, 32, 3), C-contiguous: row, column, then red, green, blue.
        labels: int64 (N,), 0 to 9.

    Raises:
        ValueError: if there is not one label for each image.
    """

    images: Images
    labels: Labels

    def __post_init__(self) -> None:
        if len(self.images) != len(self.labels):
            raise ValueError(f"{len(self.images)} images cannot have {len(self.labels)} labels")

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.labels)


@dataclass(frozen=True)
class Dataset:
    """Three splits and the names of the classes."""

    name: str
    """`cifar10` or `synthetic`."""
    source: str
    """Origin for display: a path, or `built in`."""
    classes: tuple[str, ...]
    train: Split
    validation: Split
    test: Split

"""Data sets and their splits."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import UserError

Images = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.int64]
Array = npt.NDArray[Any]
Shape = tuple[int, int, int]
"""Height, width and channels of an image."""


class DataError(UserError):
    """A data set cannot be read; the message says in one sentence what, where and the remedy."""


@dataclass(frozen=True)
class Split:
    """Images and their labels.

    Attributes:
        images: uint8 (N, H, W, C), C-contiguous: row, column, channel; red, green, blue of colours.
        labels: int64 (N,), indices of classes.

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
    """As in settings, such as `cifar10`."""
    source: str
    """Origin for display: a path, or `built in`."""
    classes: tuple[str, ...]
    train: Split
    validation: Split
    test: Split

    @property
    def shape(self) -> Shape:
        """Height, width and channels of an image."""
        height, width, channels = self.train.images.shape[1:]
        return height, width, channels

    @cached_property
    def hash(self) -> str:
        """Identity of the contents, in hexadecimal digits; computed once.

        It covers classes, images and labels, but neither the name nor how many images at the end of
        the training images are set aside for validation.
        """
        digest = hashlib.sha256()
        digest.update(repr((self.shape, self.classes, len(self.test))).encode())
        for parts in ((self.train, self.validation), (self.test,)):
            for part in parts:
                digest.update(np.ascontiguousarray(part.images).data)
            for part in parts:
                digest.update(np.ascontiguousarray(part.labels, "<i8").data)
        return digest.hexdigest()

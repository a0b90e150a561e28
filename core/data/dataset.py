"""Data sets and their splits."""

import hashlib
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from core.data.pixel_sums import PixelSums
from core.data.progress import Progress, silent
from core.errors import UserError

Images = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.int64]
Array = npt.NDArray[Any]
Shape = tuple[int, int, int]
"""Height, width and channels of an image."""

HASHED = 2048
"""Images hashed at a time, after each of which the progress is reported."""


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
class Facts:
    """What takes long to compute of a data set, and is known where it comes from a cache."""

    hash: str
    """As `Dataset.hash`."""
    sums: PixelSums
    """Over the training and validation images."""


@dataclass(frozen=True)
class Dataset:
    """Three splits and the names of the classes.

    Raises:
        ValueError: if `facts` are those of another number of images.
    """

    name: str
    """As in settings, such as `cifar10`."""
    source: str
    """Origin for display: a path, or `built in`."""
    classes: tuple[str, ...]
    train: Split
    validation: Split
    test: Split
    facts: Facts | None = field(default=None, repr=False, compare=False)
    """Computed from these very images, or None."""
    notes: tuple[str, ...] = ()
    """Remarks on how it was read, for the user, one sentence each."""

    def __post_init__(self) -> None:
        if self.facts is not None:
            known, count = self.facts.sums.count, len(self.train) + len(self.validation)
            if known != count:
                raise ValueError(f"facts of {known} images cannot be those of {count}")

    @property
    def shape(self) -> Shape:
        """Height, width and channels of an image."""
        height, width, channels = self.train.images.shape[1:]
        return height, width, channels

    @property
    def splits(self) -> tuple[tuple[str, Split], ...]:
        """The splits with their names: train, validation, test."""
        return ("train", self.train), ("validation", self.validation), ("test", self.test)

    @cached_property
    def hash(self) -> str:
        """Identity of the contents, in hexadecimal digits; computed once.

        It covers classes, images and labels, but neither the name nor how many images at the end of
        the training images are set aside for validation.
        """
        return self.computed_hash() if self.facts is None else self.facts.hash

    def computed_hash(self, progress: Progress = silent) -> str:
        """Compute `hash` from the contents, whatever is known of them."""
        digest = hashlib.sha256()
        digest.update(repr((self.shape, self.classes, len(self.test))).encode())
        done, count = 0, len(self.train) + len(self.validation) + len(self.test)
        for parts in ((self.train, self.validation), (self.test,)):
            for part in parts:
                for start in range(0, len(part), HASHED):
                    images = part.images[start : start + HASHED]
                    digest.update(np.ascontiguousarray(images).data)
                    done += len(images)
                    progress(done / count, "hashing the images")
            for part in parts:
                digest.update(np.ascontiguousarray(part.labels, "<i8").data)
        return digest.hexdigest()

    def without_test(self) -> "Dataset":
        """Return the data set without its test images, so that nothing can look at them.

        It has the hash of the whole, because a run on it may be resumed on the whole.
        """
        facts = self.facts
        if facts is None:
            sums = PixelSums.of(self.train.images).and_of(PixelSums.of(self.validation.images))
            facts = Facts(self.hash, sums)
        # Copied, since a view would keep all of them in memory, and be sent along with them.
        test = Split(self.test.images[:0].copy(), self.test.labels[:0].copy())
        return replace(self, test=test, facts=facts)

    def training_sums(self) -> PixelSums:
        """Return the sums over the training images.

        Those of a cache include the validation images, so that they serve every split. As integers
        they can be taken off again without an error of rounding.
        """
        if self.facts is None:
            return PixelSums.of(self.train.images)
        return self.facts.sums.without(PixelSums.of(self.validation.images))

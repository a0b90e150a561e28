"""Selection and description of the available data sets."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core import memory
from core.data import cifar10, home, known
from core.data.dataset import DataError, Dataset, Split
from core.data.layout import CLASSES
from core.data.progress import Progress, silent
from core.text_out import visible


def load(
    dataset: str, path: Path | None, validation_size: int, progress: Progress = silent
) -> Dataset:
    """Load a data set; CIFAR-10 from the cache, where it holds a sound copy of what is found.

    Args:
        dataset: name of a known data set, or `auto` for CIFAR-10 if it is found and the built-in
            set otherwise.
        path: the path that the user named; None searches the data folder.
        validation_size: number of training images set aside for validation.
        progress: called with the progress, last with 1.

    Raises:
        DataError: if the data set is missing or cannot be read. An explicit path without CIFAR-10
            is an error for `auto` too.

    """
    try:
        loaded = _load(dataset, path, validation_size, progress)
        progress(1.0, "the images are read")
        return loaded
    finally:
        memory.trim()  # of file contents, and of the workspace of the synthetic images


def _load(dataset: str, path: Path | None, validation_size: int, progress: Progress) -> Dataset:
    if dataset == known.AUTO and path is None and cifar10.find(None) is None:
        dataset = known.SHAPES
    return known.get(dataset).load(path, validation_size, progress)


@dataclass(frozen=True)
class SplitCounts:
    """Numbers of images in one split."""

    name: str
    """`train`, `validation` or `test`."""
    images: int
    per_class: tuple[int, ...]
    """In the order of the classes."""


@dataclass(frozen=True)
class Description:
    """Description of CIFAR-10 on this machine."""

    looked_in: Path
    """The given path, or the data folder."""
    found: Path | None
    """The folder or archive with the data set."""
    layout: str | None
    """Such as `binary version, folder`; None if it cannot be read."""
    classes: tuple[str, ...]
    splits: tuple[SplitCounts, ...]
    """Empty if it cannot be read."""
    problem: str | None
    """One sentence with the problem and the command that fixes it; None if there is none."""


def describe(path: Path | None = None, validation_size: int = 1000) -> Description:
    """Describe CIFAR-10 at `path` or in the data folder; never raises DataError.

    All files are read, so a data set without a problem can be used for training.
    """
    looked_in = path or home.data_folder()
    try:
        found = cifar10.find(path)
    except DataError as error:
        return Description(looked_in, None, None, CLASSES, (), str(error))
    if found is None:
        problem = cifar10.not_found(path)
        return Description(looked_in, None, None, CLASSES, (), problem)
    try:
        collected = cifar10.read(found)
    except DataError as error:
        return Description(looked_in, found, None, CLASSES, (), str(error))
    data = cifar10.split(
        collected.images, collected.labels, collected.training, visible(found), validation_size
    )
    splits = counts(data)
    form = "archive" if found.is_file() else "folder"
    layout = f"{collected.layout.kind} version, {form}"
    return Description(looked_in, found, layout, data.classes, splits, None)


def counts(dataset: Dataset) -> tuple[SplitCounts, ...]:
    """Return the numbers of images of every split and class."""
    return tuple(_counts(name, split, len(dataset.classes)) for name, split in dataset.splits)


def _counts(name: str, split: Split, classes: int) -> SplitCounts:
    counts = np.bincount(split.labels, minlength=classes)
    return SplitCounts(name, len(split), tuple(int(count) for count in counts))

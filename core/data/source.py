"""Which data set a run gets, and what there is to choose from."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core import memory
from core.data import cifar10, home, synthetic
from core.data.dataset import DataError, Dataset, Split
from core.data.layout import CLASSES
from core.text_out import visible


def load(dataset: str, path: Path | None, validation_size: int) -> Dataset:
    """Read a data set.

    Args:
        dataset: `cifar10`, `synthetic`, or `auto` for CIFAR-10 where there is one and the built-in
            set otherwise.
        path: where CIFAR-10 is; None looks in the data folder.
        validation_size: training images kept aside for validation.

    Raises:
        DataError: if the data set is not there or cannot be read. A path that was named and holds
            no CIFAR-10 is an error for `auto` too.

    """
    try:
        return _load(dataset, path, validation_size)
    finally:
        memory.trim()  # of whole files, and of what the shapes were painted in


def _load(dataset: str, path: Path | None, validation_size: int) -> Dataset:
    if dataset == "synthetic":
        return synthetic.load(validation_size)
    if dataset not in ("auto", "cifar10"):
        raise DataError(f"there is no data set {dataset!r}; choose auto, cifar10 or synthetic")
    found = cifar10.find(path)
    if found is not None:
        return cifar10.load(found, validation_size)
    if path is None and dataset == "auto":
        return synthetic.load(validation_size)
    raise DataError(cifar10.not_found(path))


@dataclass(frozen=True)
class SplitCounts:
    """How many images one split has."""

    name: str
    """`train`, `validation` or `test`."""
    images: int
    per_class: tuple[int, ...]
    """In the order of the classes."""


@dataclass(frozen=True)
class Description:
    """What there is of CIFAR-10."""

    looked_in: Path
    """The path that was named, or the data folder."""
    found: Path | None
    """The folder or archive that holds it."""
    layout: str | None
    """Such as `binary version, folder`; None where it cannot be read."""
    classes: tuple[str, ...]
    splits: tuple[SplitCounts, ...]
    """Empty where it cannot be read."""
    problem: str | None
    """One sentence that says what is missing or wrong, and the command that helps; None if well."""


def describe(path: Path | None = None, validation_size: int = 1000) -> Description:
    """Return what CIFAR-10 there is at `path`, or in the data folder; never raises DataError.

    All of it is read, so that what is described as well can be trained with.
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
    data = cifar10.split(collected, visible(found), validation_size)
    splits = tuple(
        _counts(name, split, len(data.classes))
        for name, split in (
            ("train", data.train),
            ("validation", data.validation),
            ("test", data.test),
        )
    )
    form = "archive" if found.is_file() else "folder"
    layout = f"{collected.layout.kind} version, {form}"
    return Description(looked_in, found, layout, data.classes, splits, None)


def _counts(name: str, split: Split, classes: int) -> SplitCounts:
    counts = np.bincount(split.labels, minlength=classes)
    return SplitCounts(name, len(split), tuple(int(count) for count in counts))

"""The data sets that settings can name, with what is known of each before it is loaded."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.data import synthetic
from core.data.dataset import DataError, Dataset, Shape
from core.data.layout import CLASSES
from core.data.progress import Progress

AUTO = "auto"
"""Name that stands for CIFAR-10 where it is found and for the built-in shapes otherwise."""

CIFAR10, SHAPES = "cifar10", "synthetic"


@dataclass(frozen=True)
class KnownSet:
    """A data set that can be loaded by its name."""

    name: str
    """As in settings."""
    title: str
    """For display, within a sentence."""
    shape: Shape
    """Height, width and channels of an image."""
    classes: tuple[str, ...]
    training: int
    """Number of images for training and validation together."""
    test: int
    """Number of test images."""
    load: Callable[[Path | None, int, Progress], Dataset]
    """Reads it, given the path that the user named, the number of validation images, and what is
    called with the progress; raises `DataError`."""


def _cifar10(path: Path | None, validation_size: int, progress: Progress) -> Dataset:
    from core.data import cached_cifar10

    return cached_cifar10.load(path, validation_size, progress=progress)


def _shapes(_: Path | None, validation_size: int, __: Progress) -> Dataset:
    return synthetic.load(validation_size)


KNOWN: dict[str, KnownSet] = {
    each.name: each
    for each in (
        KnownSet(CIFAR10, "CIFAR-10", (32, 32, 3), CLASSES, 50_000, 10_000, _cifar10),
        KnownSet(
            SHAPES,
            "the built-in shapes",
            synthetic.IMAGE_SHAPE,
            tuple(synthetic.SHAPES),
            synthetic.TRAINING,
            synthetic.TEST,
            _shapes,
        ),
    )
}
"""Every known data set by name; a further one is registered by adding it."""


def names() -> tuple[str, ...]:
    """Return every name that settings can give."""
    return (AUTO, *KNOWN)


def get(name: str) -> KnownSet:
    """Return a data set by its name; for `auto` CIFAR-10, which has the form of the other.

    Raises:
        DataError: if there is none.
    """
    known = KNOWN.get(CIFAR10 if name == AUTO else name)
    if known is None:
        raise DataError(f"there is no data set {name!r}; choose {', '.join(names())}")
    return known


def title(name: str) -> str:
    """Return the name of a data set for display, also of one that is no longer known."""
    return KNOWN[name].title if name in KNOWN else name

"""CIFAR-10 as a training takes it: from the cache, or from its files, which fills the cache."""

from pathlib import Path

from core.data import cache, cifar10
from core.data.cache import Contents, Source
from core.data.dataset import DataError, Dataset, Facts
from core.data.layout import CLASSES, IMAGE_SHAPE, LAYOUTS, Layout
from core.data.pixel_sums import PixelSums
from core.data.progress import Progress, part, silent
from core.text_out import visible

READ, HASHED, ADDED = 0.5, 0.65, 0.8
"""Fractions of a first reading that lead to the end of each of its steps; the last is to write the
cache. Where the disk or the processor is slow they differ, but not by much."""


def load(
    path: Path | None,
    validation_size: int = 1000,
    layouts: tuple[Layout, ...] = LAYOUTS,
    progress: Progress = silent,
) -> Dataset:
    """Load CIFAR-10: the same data set as `cifar10.load`, but for its facts and notes.

    Its arrays are read-only if they come from the cache, which are mapped into memory.

    Args:
        path: as for `cifar10.load`.
        validation_size: as for `cifar10.load`.
        layouts: as for `cifar10.load`.
        progress: called with the progress, unless the images come from the cache.

    Raises:
        DataError: as `cifar10.load`. A cache that cannot be read or written is no error.
    """
    found = cifar10.find(path, layouts)
    if found is None:
        raise DataError(cifar10.not_found(path))
    notes: tuple[str, ...] = ()
    source = _source(found, layouts)
    contents = None if source is None else _cached(source, layouts[0])
    if contents is None:
        contents = _read(found, layouts, progress)
        # If the files have changed meanwhile, what was read may be neither the old nor the new.
        if source is not None and source == _source(found, layouts):
            notes = cache.save(source, contents, part(progress, ADDED, 1.0))
    return cifar10.split(
        contents.images,
        contents.labels,
        contents.facts.sums.count,
        visible(found),
        validation_size,
        contents.facts,
        notes,
    )


def _source(found: Path, layouts: tuple[Layout, ...]) -> Source | None:
    """Return the identity of the files; None if they cannot be looked at, and so not be cached."""
    names = [name for layout in layouts for name in layout.files]
    try:
        return Source.of("cifar10", found, names)
    except (OSError, RuntimeError):  # the latter for links that lead in a circle
        return None


def _cached(source: Source, layout: Layout) -> Contents | None:
    """Return the contents of the cache; None if there are none, or none that CIFAR-10 can hold."""
    shape = (layout.images * len(layout.files), *IMAGE_SHAPE)
    contents = cache.load(source, shape, layout.images * len(layout.train))
    # A label outside of the classes would reach beyond the arrays of the loss.
    if contents is None or not 0 <= contents.labels.min() <= contents.labels.max() < len(CLASSES):
        return None
    return contents


def _read(found: Path, layouts: tuple[Layout, ...], progress: Progress) -> Contents:
    collected = cifar10.read(found, layouts, part(progress, 0.0, READ))
    images, labels, training = collected.images, collected.labels, collected.training
    whole = cifar10.split(images, labels, training, "", 0)
    digest = whole.computed_hash(part(progress, READ, HASHED))
    sums = PixelSums.of(whole.train.images, part(progress, HASHED, ADDED))
    return Contents(images, labels, Facts(digest, sums))

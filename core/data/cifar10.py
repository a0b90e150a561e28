"""Loading of CIFAR-10 in its binary or its python version, from a folder or an archive.

No file is trusted: names, sizes, labels and types are checked, and an invalid file is rejected with
a message of one sentence.
"""

from pathlib import Path

import numpy as np

from core.data import archive, home
from core.data import find as finder
from core.data.dataset import Array, DataError, Dataset, Facts, Images, Labels, Split
from core.data.layout import CLASSES, FETCH_AGAIN, LAYOUTS, Collector, Layout
from core.data.pickles import read_batch
from core.data.progress import Progress, silent
from core.text_out import visible


def find(path: Path | None, layouts: tuple[Layout, ...] = LAYOUTS) -> Path | None:
    """Return the folder or archive that contains CIFAR-10.

    Args:
        path: the folder or archive itself, or a folder that contains it, not too deep; None for
            the data folder. See `core.data.find`.
        layouts: the possible layouts.

    Raises:
        DataError: if the path cannot be read, or is ambiguous.

    """
    if path is None:
        path = home.data_folder()
    try:
        return finder.find(path, layouts)
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror or error}") from None


def is_there(path: Path | None) -> bool:
    """Return whether `load` would find anything to read, even if it is invalid."""
    try:
        return find(path) is not None
    except DataError:
        return True


def load(
    path: Path | None, validation_size: int = 1000, layouts: tuple[Layout, ...] = LAYOUTS
) -> Dataset:
    """Read CIFAR-10.

    Args:
        path: as for `find`.
        validation_size: number of images at the end of the training images that form the validation
            set, from 0 to 25,000. Training and validation images are views of one array.
        layouts: the possible layouts.

    Raises:
        DataError: if there is no CIFAR-10, or its files are invalid.

    """
    found = find(path, layouts)
    if found is None:
        raise DataError(not_found(path))
    collected = read(found, layouts)
    return split(
        collected.images, collected.labels, collected.training, visible(found), validation_size
    )


def read(
    found: Path, layouts: tuple[Layout, ...] = LAYOUTS, progress: Progress = silent
) -> Collector:
    """Return all images of a folder or archive that `find` returned.

    Args:
        found: the folder or archive.
        layouts: the possible layouts.
        progress: called before every file of a folder, and after every file of an archive.

    Raises:
        DataError: as `load`.

    """
    try:
        if found.is_file():
            return _from_archive(found, layouts, progress)
        return _from_folder(found, layouts, progress)
    except OSError as error:
        where = error.filename or found
        raise DataError(f"cannot read {where}: {error.strerror or error}") from None


def split(
    images: Images,
    labels: Labels,
    training: int,
    source: str,
    validation_size: int,
    facts: Facts | None = None,
    notes: tuple[str, ...] = (),
) -> Dataset:
    """Return the data set with views of its images.

    Args:
        images: the training images, then the test images, uint8 (N, 32, 32, 3).
        labels: their labels, int64 (N,).
        training: number of training images.
        source: as `Dataset.source`.
        validation_size: number of images at the end of the training images that form the validation
            set.
        facts: as `Dataset.facts`.
        notes: as `Dataset.notes`.

    Raises:
        DataError: if that leaves no training images.
    """
    cut = training - validation_size
    if not 0 < cut <= training:
        raise DataError(
            f"a validation set of {validation_size:,} does not fit the {training:,} training "
            f"images of {source}; choose 0 to {training - 1:,}"
        )
    return Dataset(
        name="cifar10",
        source=source,
        classes=CLASSES,
        train=Split(images[:cut], labels[:cut]),
        validation=Split(images[cut:training], labels[cut:training]),
        test=Split(images[training:], labels[training:]),
        facts=facts,
        notes=notes,
    )


def not_found(path: Path | None) -> str:
    """Return the error message for a missing CIFAR-10, which says how to get it."""
    if path is not None and not path.exists():
        return f"{path} does not exist; name a folder or .tar.gz that holds CIFAR-10"
    folder = path or home.data_folder()
    names = ", ".join([lay.folder for lay in LAYOUTS] + [lay.archive for lay in LAYOUTS])
    return f"there is no CIFAR-10 in {folder} (none of {names}); `convsole data fetch` gets it"


def _from_folder(folder: Path, layouts: tuple[Layout, ...], progress: Progress) -> Collector:
    counts = [sum((folder / name).is_file() for name in layout.files) for layout in layouts]
    layout = layouts[counts.index(max(counts))]
    if max(counts) == 0:
        layout = next((lay for lay in layouts if lay.folder == folder.name), layout)
    absent = [name for name in layout.files if not (folder / name).is_file()]
    if absent:
        raise DataError(_incomplete(folder, absent))
    collector = Collector(layout)
    for number, name in enumerate(layout.files):
        progress(number / len(layout.files), _reading(name))
        path = folder / name
        layout.check_size(path.stat().st_size, str(path))
        _take(collector, name, path.read_bytes(), str(path))
    return collector


def _from_archive(path: Path, layouts: tuple[Layout, ...], progress: Progress) -> Collector:
    if any(path.name in layout.files for layout in layouts):
        raise DataError(f"{path} is one file of CIFAR-10; name the folder that it lies in")
    collector: Collector | None = None
    for layout, name, content in archive.members(path, layouts):
        if collector is None:
            collector = Collector(layout)
        _take(collector, name, content, f"{name} in {path}")
        left = len(collector.missing)
        progress(1 - left / len(layout.files), _reading(name))
    if collector is None:
        folders = " nor ".join(layout.folder for layout in layouts)
        raise DataError(f"{path} holds neither {folders}; {FETCH_AGAIN}")
    if collector.missing:
        raise DataError(_incomplete(path, sorted(collector.missing)))
    return collector


def _reading(name: str) -> str:
    return f"reading CIFAR-10: {Path(name).stem}"


def _take(collector: Collector, name: str, content: bytes, where: str) -> None:
    layout = collector.layout
    layout.check_size(len(content), where)
    if layout.kind == "binary":
        records: Array = np.frombuffer(content, np.uint8).reshape(layout.images, -1)
        labels, planes = records[:, 0], records[:, 1:]
    else:
        labels, planes = read_batch(content, layout.images, where)
    collector.take(name, labels, planes, where)


def _incomplete(path: Path, absent: list[str]) -> str:
    verb = "is" if len(absent) == 1 else "are"
    return f"{path} is incomplete: {', '.join(absent)} {verb} missing; {FETCH_AGAIN}"

"""Where CIFAR-10 lies: in or at the path that was named, however it came to be there.

An archive that was unpacked by a click lies in a folder of its own name, a second download has a
number in its name, and a browser may have unpacked half of it.
"""

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from core.data.dataset import DataError
from core.data.layout import LAYOUTS, Layout

DEEPEST = 3
"""Folders within each other that are looked through below the path."""

MOST = 20_000
"""Entries that are looked at: what was named may be all that a person has."""

ARCHIVES = (".tar.gz", ".tgz", ".tar")


def find(path: Path, layouts: tuple[Layout, ...] = LAYOUTS) -> Path | None:
    """Return the folder or archive that holds CIFAR-10; None where there is none.

    A complete folder comes before an archive, and an archive before a folder that lacks files. Of
    two of a kind the one that lies less deep counts, then the one that is named as its publishers
    named it, then the binary version.

    Args:
        path: a folder that is or contains such a folder, or contains an archive; a file is
            returned as it is.
        layouts: what is looked for.

    Raises:
        DataError: if nothing tells which of two is meant.
        OSError: if the path cannot be read.
    """
    if path.is_file():
        return path
    levels = list(_levels(path))
    for holds in (_is_whole, _is_archive, _is_part, _is_named):
        for level in levels:
            if found := _best(level, holds, layouts):
                return found
    return None


Holds = Callable[[Path, Layout], bool]


def _levels(path: Path) -> Iterator[list[Path]]:
    """Go through what lies in a folder, level by level; the first is the folder itself."""
    level, left = [path], MOST
    for _ in range(DEEPEST + 1):
        yield level
        inside = []
        for folder in level:
            for entry in _entries(folder, strict=folder == path):
                left -= 1
                # What begins with a dot is hidden: thrown away, or being unpacked just now.
                if left >= 0 and not entry.name.startswith("."):
                    inside.append(entry)
        level = inside
        if not level:
            return


def _entries(folder: Path, strict: bool) -> list[Path]:
    try:
        return sorted(islice(folder.iterdir(), MOST)) if folder.is_dir() else []
    except OSError:
        if strict:
            raise
        return []  # a folder that nobody may look into, beside those that were meant


def _best(level: list[Path], holds: Holds, layouts: tuple[Layout, ...]) -> Path | None:
    """Return what is best of one level.

    Raises:
        DataError: if two are as good.
    """
    for layout in layouts:
        found = [path for path in level if holds(path, layout)]
        exact = [path for path in found if path.name in (layout.folder, layout.archive)]
        if len(exact or found) > 1:
            names = " and ".join(str(each) for each in (exact or found)[:2])
            raise DataError(f"{names} both hold CIFAR-10; name the one that is meant")
        if found:
            return (exact or found)[0]
    return None


def _is_whole(path: Path, layout: Layout) -> bool:
    return all((path / name).is_file() for name in layout.files)


def _is_archive(path: Path, layout: Layout) -> bool:
    stem = layout.archive.removesuffix(".tar.gz")
    return path.name.startswith(stem) and path.name.endswith(ARCHIVES) and path.is_file()


def _is_part(path: Path, layout: Layout) -> bool:
    return any((path / name).exists() for name in layout.files)


def _is_named(path: Path, layout: Layout) -> bool:
    return path.name == layout.folder and path.is_dir()

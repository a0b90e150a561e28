"""Search for CIFAR-10 at or below a path.

The names are not fixed: file managers unpack an archive into a folder with its name, a second
download has a number in its name, and some browsers decompress the archive to a .tar.
"""

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from core.data.dataset import DataError
from core.data.layout import LAYOUTS, Layout

DEEPEST = 3
"""Maximum depth of the search below the path."""

MAX_ENTRIES = 20_000
"""Maximum number of entries searched, because the path may be a whole home folder."""

ARCHIVES = (".tar.gz", ".tgz", ".tar")


def find(path: Path, layouts: tuple[Layout, ...] = LAYOUTS) -> Path | None:
    """Return the folder or archive that contains CIFAR-10, or None.

    A complete folder has precedence over an archive, and an archive over an incomplete folder.
    Among several of a kind the least deep has precedence, then the binary version, then the one
    with the published name.

    Args:
        path: such a folder, or a folder that contains one or an archive; a file is returned
            unchanged.
        layouts: the possible layouts.

    Raises:
        DataError: if several candidates are equally good.
        OSError: if the path cannot be read.
    """
    if path.is_file():
        return path
    levels = list(_levels(path))
    for matches in (_is_complete, _is_archive, _is_partial, _is_named):
        for level in levels:
            if found := _best(level, matches, layouts):
                return found
    return None


Matches = Callable[[Path, Layout], bool]


def _levels(path: Path) -> Iterator[list[Path]]:
    """Iterate over the levels of a folder tree, from the folder itself downwards."""
    level, left = [path], MAX_ENTRIES
    for _ in range(DEEPEST + 1):
        yield level
        children = []
        for folder in level:
            for entry in _entries(folder, strict=folder == path):
                left -= 1
                # Hidden entries are trash, or folders that are just being unpacked.
                if left >= 0 and not entry.name.startswith("."):
                    children.append(entry)
        level = children
        if not level:
            return


def _entries(folder: Path, strict: bool) -> list[Path]:
    try:
        return sorted(islice(folder.iterdir(), MAX_ENTRIES)) if folder.is_dir() else []
    except OSError:
        if strict:
            raise
        return []  # an unreadable folder below the path is not an error


def _best(level: list[Path], matches: Matches, layouts: tuple[Layout, ...]) -> Path | None:
    """Return the best match of one level, or None.

    Raises:
        DataError: if several are equally good.
    """
    for layout in layouts:
        found = [path for path in level if matches(path, layout)]
        exact = [path for path in found if path.name in (layout.folder, layout.archive)]
        if len(exact or found) > 1:
            names = " and ".join(str(each) for each in (exact or found)[:2])
            raise DataError(f"{names} both hold CIFAR-10; name the one that is meant")
        if found:
            return (exact or found)[0]
    return None


def _is_complete(path: Path, layout: Layout) -> bool:
    return all((path / name).is_file() for name in layout.files)


def _is_archive(path: Path, layout: Layout) -> bool:
    stem = layout.archive.removesuffix(".tar.gz")
    return path.name.startswith(stem) and path.name.endswith(ARCHIVES) and path.is_file()


def _is_partial(path: Path, layout: Layout) -> bool:
    return any((path / name).exists() for name in layout.files)


def _is_named(path: Path, layout: Layout) -> bool:
    return path.name == layout.folder and path.is_dir()

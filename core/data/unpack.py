"""Atomic unpacking of the data files of CIFAR-10."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from core.data import archive
from core.data.dataset import DataError
from core.data.layout import Layout


class FetchStoppedError(DataError):
    """The caller requested a stop; the bytes so far are kept for the next attempt."""


def unpack(
    path: Path, folder: Path, layout: Layout, cancelled: Callable[[], bool] = lambda: False
) -> Path:
    """Write the data files of an archive to `folder / layout.folder`, which is replaced as a whole.

    Args:
        path: the .tar.gz.
        folder: destination; it must exist.
        layout: names and sizes of the files.
        cancelled: returns whether to stop; called before each file.

    Returns:
        The folder with the files.

    Raises:
        DataError: if the archive does not contain exactly these files; the existing folder is then
            unchanged.
        FetchStoppedError: if `cancelled` returned True.
        OSError: if the folder cannot be written.

    """
    done = folder / layout.folder
    with tempfile.TemporaryDirectory(prefix=".unpacking-", dir=folder) as name:
        fresh = Path(name) / "new"
        fresh.mkdir()
        missing = set(layout.files)
        for _, member, content in archive.members(path, (layout,)):
            if cancelled():
                raise FetchStoppedError("unpacking was stopped; what was fetched is kept")
            if member not in missing:
                raise DataError(f"{path} holds {member} twice; once would be right")
            (fresh / member).write_bytes(content)
            missing.discard(member)
        if missing:
            raise DataError(f"{path} is incomplete: it lacks {', '.join(sorted(missing))}")
        # A folder cannot replace a non-empty one, so the old one is moved away first.
        if done.exists():
            done.rename(Path(name) / "old")
        fresh.rename(done)
    return done

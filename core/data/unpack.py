"""Unpacking CIFAR-10: the data files alone, all of them or none."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from core.data import archive
from core.data.dataset import DataError
from core.data.layout import Layout


class FetchStoppedError(DataError):
    """The caller asked to stop; what has come so far is kept for the next time."""


def unpack(
    path: Path, folder: Path, layout: Layout, cancelled: Callable[[], bool] = lambda: False
) -> Path:
    """Write the data files of an archive to `folder / layout.folder`, which is replaced as a whole.

    Args:
        path: the .tar.gz.
        folder: where to; it must exist.
        layout: which files, of which sizes.
        cancelled: asked before each file whether to stop.

    Returns:
        The folder that holds the files.

    Raises:
        DataError: if the archive does not hold exactly what it should; what was in the folder
            before is then still there.
        FetchStoppedError: if `cancelled` said so.
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
        # A folder cannot replace one that is not empty: the old one moves away first.
        if done.exists():
            done.rename(Path(name) / "old")
        fresh.rename(done)
    return done

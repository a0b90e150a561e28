"""Non-blocking opening and atomic writing of files."""

import os
from errno import EINVAL
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO

PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700
"""Permissions of the user's own files: weights are private even if the images are public."""

SHARED_FILE = 0o666
"""Permissions of exported files, which `umask` restricts like those of other new files."""


def opened(path: Path) -> BinaryIO:
    """Open a regular file for reading; a pipe could block forever.

    Raises:
        OSError: if it cannot be opened, or is a pipe, a device or a folder.
    """
    # Windows has no O_NONBLOCK, and no pipes in the file system either.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        if not S_ISREG(os.fstat(handle).st_mode):
            raise OSError(EINVAL, "it is no file", str(path))
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def write(path: Path, content: bytes, mode: int = PRIVATE_FILE) -> None:
    """Write a file atomically: under a temporary name, renamed once it is on disk.

    A reader sees the old file or the new one, never a part of it, even after a power failure. A
    temporary file that a killed process leaves behind is overwritten by the next write.

    Raises:
        OSError: if the file cannot be written; the old file is then unchanged.
    """
    draft = path.with_name(f".{path.name}.draft")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        flush_folder(path.parent)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def flush_folder(folder: Path) -> None:
    """Flush the directory entries of a folder to disk, if the system supports it."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:  # Windows cannot open folders
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path) -> None:
    """Create a private folder and its parents; an existing folder is not changed.

    Raises:
        OSError: if it cannot be created.
    """
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(PRIVATE_FOLDER, exist_ok=True)
        flush_folder(folder.parent)

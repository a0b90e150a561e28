"""Files: opened without waiting for what is no file, written whole or not at all."""

import os
from errno import EINVAL
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO

PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700
"""What is written belongs to the user alone: images may be anybody's, weights are not."""

SHARED_FILE = 0o666
"""What is exported for others to read is as open as the user's other new files: see `umask`."""


def opened(path: Path) -> BinaryIO:
    """Open a file for reading, and nothing else: a pipe would wait for its other end for ever.

    Raises:
        OSError: if it cannot be opened, or is a pipe, a device or a folder.
    """
    # Only where there is none, on Windows, there are no pipes among the files either.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        if not S_ISREG(os.fstat(handle).st_mode):
            raise OSError(EINVAL, "it is no file", str(path))
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def write(path: Path, content: bytes, mode: int = PRIVATE_FILE) -> None:
    """Write a file under another name, and give it its own when it is on the disk.

    A reader sees the old file or the new one, never half of one; so does whoever starts the machine
    again. What a program that was killed here leaves behind is overwritten by the next one.

    Raises:
        OSError: if the disk refuses; the old file is untouched then.
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
    """Bring the names in a folder to the disk, where the system can."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:  # Windows opens no folders
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it, for the user alone; one that is there stays as it is.

    Raises:
        OSError: if it cannot be made.
    """
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(PRIVATE_FOLDER, exist_ok=True)
        flush_folder(folder.parent)

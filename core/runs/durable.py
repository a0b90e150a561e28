"""Files that are there whole or not at all, even when the power fails."""

import os
from pathlib import Path

PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700
"""What is written belongs to the user alone: images may be anybody's, weights are not."""

SHARED_FILE = 0o666
"""What is exported for others to read is as open as the user's other new files: see `umask`."""


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

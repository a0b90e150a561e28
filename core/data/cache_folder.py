"""The folder of the cache: entries that appear as a whole, and go again before there are many."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import ENOSPC
from pathlib import Path
from time import time
from typing import BinaryIO

from core import files
from core.data import home

KEEP = 2
"""Entries kept, the last used ones; those of CIFAR-10 take 185 MB each."""

SPARE = 200 << 20
"""Bytes that must be free beside a new entry: runs need the disk more than the cache does."""

ABANDONED = 3600.0
"""Seconds after which a draft is one of a process that was killed."""

DRAFT, OLD = ".draft-", ".old-"
"""Beginnings of the names of entries that are being made, and of those that are being removed."""

ATTEMPTS = 10
"""Attempts to replace an entry while other processes do the same."""


def folder() -> Path:
    """Return the folder, which need not exist."""
    return home.cache_folder()


def used(entry: Path) -> None:
    """Record that an entry is used now, and remove what killed processes have left behind."""
    with suppress(OSError):  # of another user, or on a read-only disk
        os.utime(entry)
        _sweep()


@contextmanager
def draft(size: int) -> Iterator[Path]:
    """Provide an empty private folder for a new entry; it is removed unless `put` moves it.

    Args:
        size: bytes that will be written.

    Raises:
        OSError: if it cannot be made, or the disk is too full.
    """
    files.make_folder(folder())
    _sweep()
    if shutil.disk_usage(folder()).free < size + SPARE:
        raise OSError(ENOSPC, os.strerror(ENOSPC), str(folder()))
    made = Path(tempfile.mkdtemp(prefix=DRAFT, dir=folder()))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def created(path: Path) -> Iterator[BinaryIO]:
    """Provide a new private file, which is on the disk afterwards.

    Raises:
        OSError: if it exists or cannot be written.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags, files.PRIVATE_FILE), "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def put(draft: Path, name: str) -> None:
    """Make a draft the entry `name`, in the place of an earlier one.

    Raises:
        OSError: if that is impossible; the earlier entry may be gone then.
    """
    place = folder() / name
    files.flush_folder(draft)
    for attempt in range(ATTEMPTS):
        try:
            # A folder replaces an empty one only, so that of another process is never lost halfway.
            draft.rename(place)
            break
        except OSError:
            if attempt == ATTEMPTS - 1:
                raise
            _remove(place)  # what is in the way, unless another process has done so meanwhile
    files.flush_folder(folder())
    used(place)
    for entry in _entries()[KEEP:]:
        with suppress(OSError):  # in use, where the system does not allow to remove such files
            _remove(entry)


def _entries() -> list[Path]:
    """Return all entries, the last used first."""
    found: list[tuple[float, Path]] = []
    for path in folder().iterdir():
        with suppress(OSError):  # removed meanwhile
            if not path.name.startswith(".") and path.is_dir() and not path.is_symlink():
                found.append((path.stat().st_mtime, path))
    return [path for _, path in sorted(found, reverse=True)]


def _remove(path: Path) -> None:
    """Remove an entry, or whatever is in its place; no reader sees a part of it."""
    aside = path.with_name(f"{OLD}{path.name}-{os.getpid()}-{time():.6f}")
    try:
        path.rename(aside)
    except FileNotFoundError:  # another process was faster
        return
    _delete(aside)


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _sweep() -> None:
    for path in folder().iterdir():
        with suppress(OSError):
            if path.name.startswith((DRAFT, OLD)) and path.lstat().st_mtime < time() - ABANDONED:
                _delete(path)

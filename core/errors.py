"""Base classes of errors whose message is one sentence for the user."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from core.text_out import visible

if TYPE_CHECKING:
    import sqlite3


class UserError(Exception):
    """An error whose message is one sentence for the user.

    Messages quote file names, archive members and server responses, and are printed to terminals;
    so control characters in them are escaped here, for all messages.
    """

    def __init__(self, sentence: object = "") -> None:
        super().__init__(visible(sentence))


class ExplainError(UserError):
    """A network has no such layer or value; the message says which there are."""


class StoreError(UserError):
    """A run cannot be read or written; the message is one sentence for the user."""


class DamagedError(StoreError):
    """A file differs from what was written to it."""


class LockedError(StoreError):
    """Another process works on a run or a study."""


class NotWrittenError(StoreError):
    """Output cannot be written, because a disk is full or a folder read-only, not by a mistake."""


def not_written(where: Path, error: OSError) -> StoreError:
    """Return the error for output that cannot be written to `where`.

    It is a plain `StoreError` if a file stands in the way of a folder, or the other way round: then
    the name is wrong.
    """
    in_the_way = isinstance(error, FileExistsError | NotADirectoryError | IsADirectoryError)
    kind = StoreError if in_the_way else NotWrittenError
    return kind(f"cannot write to {where}: {reason(error)}")


NO_THREAD = (
    "the system lets no further thread start; raise the limit on processes (`ulimit -u`, or that "
    "of the container)"
)


def reason(error: OSError | sqlite3.Error) -> str:
    """Return the cause of a file system or database error in a few words for the user."""
    if isinstance(error, OSError):
        if error.errno == errno.ENOSPC:
            return "there is no space left on the disk"
        return error.strerror or str(error)
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith("SQLITE_FULL"):
        return "there is no space left on the disk"
    if name.startswith("SQLITE_READONLY"):
        return "it is read-only"
    if name.startswith("SQLITE_BUSY"):
        return "other programs have been writing to it for too long"
    return str(error)


@contextmanager
def writing_to(where: Path) -> Iterator[None]:
    """Convert an `OSError` within the context to a `NotWrittenError` that names `where`."""
    try:
        yield
    except OSError as error:
        raise not_written(where, error) from None

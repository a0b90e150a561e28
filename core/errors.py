"""Errors whose message is one sentence for the user."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.text_out import visible


class UserError(Exception):
    """An error whose message is one sentence for a person, whatever the sentence quotes.

    File names, members of archives and answers of servers stand in such sentences, and these go to
    terminals: so they are made visible here, once for all.
    """

    def __init__(self, sentence: object = "") -> None:
        super().__init__(visible(sentence))


class StoreError(UserError):
    """A run cannot be read or written; the message is one sentence for a person."""


class DamagedError(StoreError):
    """What is on disk is not what was written there."""


NO_THREAD = (
    "the system lets no further thread start; raise the limit on processes (`ulimit -u`, or that "
    "of the container)"
)


def reason(error: OSError | sqlite3.Error) -> str:
    """Return why the disk or the database refused, in a few words for a person."""
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
    """Turn an `OSError` of what is written within into a `StoreError` that names `where`."""
    try:
        yield
    except OSError as error:
        raise StoreError(f"cannot write to {where}: {reason(error)}") from None

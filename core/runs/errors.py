"""What can go wrong with runs on disk."""

import errno
import sqlite3

from core.errors import ToldError


class StoreError(ToldError):
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

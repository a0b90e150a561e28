"""Whether anything has been written to the database since somebody looked."""

import sqlite3
import threading
from contextlib import suppress
from pathlib import Path

from core.errors import StoreError
from core.runs import database

ChangeToken = tuple[int, int, int, int]


class Watch:
    """A look at the database of a folder that costs next to nothing.

    SQLite is asked, on a connection that is kept. To open the file and read the counter in its
    header would do harm: a process that closes a file loses all of its POSIX locks on it, those of
    its writer's transaction, too (sqlite.org, "How To Corrupt An SQLite Database File", 2.2).

    Args:
        root: the folder.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._guard = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._file = (0, 0)
        self._opened = 0

    def change_token(self) -> ChangeToken | None:
        """Return what is another after every commit; None where nothing can be read."""
        with self._guard:
            try:
                now = (self._root / database.NAME).stat()
                if self._connection is None or self._file != (now.st_dev, now.st_ino):
                    self._close()
                    self._connection = database.connect(self._root)
                    self._file = now.st_dev, now.st_ino
                    self._opened += 1
                # Of use on this one connection alone: another begins to count anew.
                (version,) = self._connection.execute("PRAGMA data_version").fetchone()
            except (OSError, sqlite3.Error, StoreError):
                self._close()
                return None
            return *self._file, self._opened, version

    def _close(self) -> None:
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None

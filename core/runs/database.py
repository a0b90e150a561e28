"""The database of all runs: how it is opened, read and written.

One SQLite file with a rollback journal. Not WAL: before SQLite 3.51.3 a WAL database that several
connections write can be corrupted, and the mode stays in the file. Every commit is flushed to the
disk, and so is the removal of its journal (`synchronous=EXTRA`, which is FULL and that), or a power
cut right after a commit could undo it.
"""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from core import files
from core.errors import DamagedError, StoreError, reason
from core.runs import schema
from core.runs.folder import SETTINGS
from core.text_out import visible

NAME = "runs.sqlite3"
JOURNAL_END = bytes.fromhex("d9d505f920a163d7")
"""Last bytes of a journal that ends with the name of a super-journal."""
BUSY_TIMEOUT_S = 30.0
"""Seconds to wait for another program to finish a commit."""
MOST_WORDS = 200
"""Characters of what SQLite says about damage."""
LARGEST = 4_000_000
"""Bytes of a value: points of a chunk take 40,000. SQLite would fetch a billion."""
NONSENSE = (
    AttributeError,
    IndexError,
    KeyError,
    OverflowError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What comes of reading a record that can contain anything at all."""

ChangeToken = tuple[int, int, int, int]


def connect(root: Path, *, create: bool = False, anew: bool = False) -> sqlite3.Connection:
    """Open the database of the runs under `root`.

    Args:
        root: the folder of all runs.
        create: make it where there is none, or bring it up to date.
        anew: make it even where it has gone from beside folders of runs.

    Raises:
        FileNotFoundError: if there is none, and it is not to be made.
        StoreError: if it cannot be opened, or was written by a later version of this program.
        DamagedError: if it is no database of runs, or has gone from beside folders of runs.
    """
    path, new = root / NAME, False
    try:
        # Looked at twice: another program may have made it, and then a folder, just now.
        if not anew and not path.exists() and _has_folders(root) and not path.exists():
            raise DamagedError(
                f"{path} has gone, and there are folders of runs beside it; "
                "`convsole doctor --repair` makes it of them"
            )
        if create:
            files.make_folder(root)
            with suppress(FileExistsError):
                os.close(os.open(path, os.O_CREAT | os.O_EXCL, files.PRIVATE_FILE))
                new = True
        elif not path.exists():
            _refuse_file(root)
            raise FileNotFoundError(path)
        _refuse_super_journal(path)
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=rw",
            uri=True,
            timeout=BUSY_TIMEOUT_S,
            isolation_level=None,
            check_same_thread=False,
        )
    except FileNotFoundError:
        if create:
            why = "it has gone" if root.parent.is_dir() else "it cannot be made"
            raise StoreError(f"cannot write to {root}: {why}") from None
        raise
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"cannot open {path}: {reason(error)}") from None
    try:
        with faults(root):
            _prepare(connection, path, create, new)
    except BaseException:
        connection.close()
        raise
    return connection


def _refuse_file(root: Path) -> None:
    """Raise `StoreError` where a file stands in the place of the folder, or of one above it."""
    nearest = next((folder for folder in (root, *root.parents) if folder.exists()), None)
    if nearest is not None and not nearest.is_dir():
        raise StoreError(f"cannot open {root}: {nearest} is no folder")


@contextmanager
def reading(root: Path) -> Iterator[sqlite3.Connection]:
    """Yield a connection that sees the database as it is now, whatever others write.

    Raises:
        FileNotFoundError: if there is no database.
        StoreError, DamagedError: as `connect`, and for what is found wrong while reading.
    """
    with closing(connect(root)) as connection, faults(root):
        connection.execute("BEGIN")
        yield connection
        connection.execute("ROLLBACK")


@contextmanager
def writing(connection: sqlite3.Connection) -> Iterator[None]:
    """Run what is done within as one transaction: all of it is on the disk afterwards, or none."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        try:
            connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            # The journal has been removed, so it is done, whatever the disk says about the removal:
            # a caller that took it for undone would repeat it, or report that it had failed.
            if error.sqlite_errorname != "SQLITE_IOERR_DIR_FSYNC":
                raise
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")  # of nothing: it lets go
    except BaseException:
        # After a full disk SQLite may have rolled back by itself.
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


@contextmanager
def faults(root: Path) -> Iterator[None]:
    """Turn errors of SQLite into a sentence for a person."""
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "")
        known = ("SQLITE_FULL", "SQLITE_READONLY", "SQLITE_BUSY", "SQLITE_IOERR", "SQLITE_CANTOPEN")
        if name.startswith(known) and name != "SQLITE_IOERR_SHORT_READ":
            raise StoreError(f"cannot use {root / NAME}: {reason(error)}") from None
        raise damaged(root, str(error)) from None
    except NONSENSE as error:
        raise damaged(root, str(error) or type(error).__name__) from None


def damaged(root: Path, what: str) -> DamagedError:
    """Return the error for a database that is not as it was written."""
    # SQLite quotes what it finds, which can be pages of text, or control a terminal.
    words = visible(" ".join(what.split()))[:MOST_WORDS]
    return DamagedError(
        f"{root / NAME} is damaged ({words}); `convsole doctor --repair` saves what can be read"
    )


def rows(connection: sqlite3.Connection, statement: str, *arguments: Any) -> list[sqlite3.Row]:
    """Return the rows of a query, whose columns are known by name."""
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    return cursor.execute(statement, arguments).fetchall()


def guard(connection: sqlite3.Connection) -> None:
    """Let a file that may come from anywhere run no code, and limit the memory that it takes."""
    connection.execute("PRAGMA trusted_schema=OFF")
    connection.execute("PRAGMA cell_size_check=ON")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST)


class ChangeWatch:
    """Notices changes of the database of a folder, at next to no cost.

    SQLite is asked, on a connection that stays open. To open the file and read the counter in its
    header would do harm: a process that closes a file loses all of its POSIX locks on it, including
    those of its writer's transaction (sqlite.org, "How To Corrupt An SQLite Database File", 2.2).

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
        """Return a value that differs after every commit; None where nothing can be read."""
        with self._guard:
            try:
                now = (self._root / NAME).stat()
                if self._connection is None or self._file != (now.st_dev, now.st_ino):
                    self._close()
                    self._connection = connect(self._root)
                    self._file = now.st_dev, now.st_ino
                    self._opened += 1
                # Comparable on one connection only: another begins to count anew.
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


def _has_folders(root: Path) -> bool:
    return any(root.glob(f"*/{SETTINGS}"))


def _refuse_super_journal(path: Path) -> None:
    """Refuse a journal that names a super-journal, as none of ours does.

    SQLite removes the file of that name, wherever it is, when it has rolled the journal back.
    """
    with suppress(FileNotFoundError), files.opened(Path(f"{path}-journal")) as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - len(JOURNAL_END)))
        if file.read() == JOURNAL_END:
            raise damaged(path.parent, "its journal is that of another program")


def _prepare(connection: sqlite3.Connection, path: Path, create: bool, new: bool) -> None:
    connection.execute("PRAGMA synchronous=EXTRA")
    guard(connection)
    version = _version(connection, path)
    if version == 0 and not new and _has_folders(path.parent):
        # Asked again: another program may have made the tables, and then a folder, just now.
        version = _version(connection, path)
        if version == 0:
            raise damaged(path.parent, "it is empty, and there are folders of runs beside it")
    if version == len(schema.MIGRATIONS):
        return
    if version == 0 and not create:
        raise FileNotFoundError(path)
    if connection.execute("PRAGMA journal_mode").fetchone() != ("delete",):
        connection.execute("PRAGMA journal_mode=DELETE")
    with writing(connection):
        # Asked again: another program may have done it just now.
        for migration in schema.MIGRATIONS[_version(connection, path) :]:
            for statement in migration:
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id={schema.APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version={len(schema.MIGRATIONS)}")


def _version(connection: sqlite3.Connection, path: Path) -> int:
    """Return the version of the schema, 0 for an empty file."""
    if connection.in_transaction:
        return _version_now(connection, path)
    # In one transaction: another program may be making the database just now.
    connection.execute("BEGIN")
    try:
        return _version_now(connection, path)
    finally:
        connection.execute("ROLLBACK")


def _version_now(connection: sqlite3.Connection, path: Path) -> int:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    tables = schema.read_tables(connection)
    if not (application or version or tables):
        return 0
    if application != schema.APPLICATION_ID or not version or not tables:
        raise damaged(path.parent, "it holds something else")
    if version > len(schema.MIGRATIONS):
        raise StoreError(f"{path} was written by a later version of Convsole; use that one")
    # A view or a trigger of the name of a table would run what somebody else has written.
    if version < 1 or tables != schema.expected_tables(schema.MIGRATIONS[:version]):
        raise damaged(path.parent, "its tables are others")
    return int(version)

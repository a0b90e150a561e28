"""Connections to the database of all runs, and transactions on it.

The database is one SQLite file with a rollback journal. WAL mode is not used: before SQLite 3.51.3
a WAL database can be corrupted when several connections write to it, and the mode is persistent.
Every commit is flushed to the disk, and so is the removal of its journal (`synchronous=EXTRA`,
which is FULL and that); otherwise a power failure right after a commit could undo it.
"""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from core import files
from core.errors import DamagedError, NotWrittenError, StoreError, reason
from core.runs import schema
from core.runs.folder import SETTINGS
from core.text_out import visible

NAME = "runs.sqlite3"
JOURNAL_END = bytes.fromhex("d9d505f920a163d7")
"""Last bytes of a journal that names a super-journal."""
BUSY_TIMEOUT_S = 30.0
"""Seconds to wait for another process to finish a commit."""
MAX_MESSAGE = 200
"""Maximum length, in characters, of an SQLite message that is shown."""
MAX_VALUE = 4_000_000
"""Maximum size of a value in bytes; a chunk of points takes 40,000. SQLite's limit is a billion."""
MALFORMED_ERRORS = (OverflowError, RecursionError, ValueError)
"""Exceptions that reading a record with arbitrary content can raise.

Not `TypeError`, `AttributeError` and the like, which an error of this program would raise: values
are checked for their types before they are used.
"""

NOT_WRITTEN = ("SQLITE_FULL", "SQLITE_READONLY", "SQLITE_IOERR")

ChangeToken = tuple[int, int, int, int]


def connect(root: Path, *, create: bool = False, anew: bool = False) -> sqlite3.Connection:
    """Open the database of the runs under `root`.

    Args:
        root: the folder of all runs.
        create: create the database if it is missing, or migrate it to the current version.
        anew: create it even if folders of runs exist without it.

    Raises:
        FileNotFoundError: if there is no database and `create` is false.
        StoreError: if it cannot be opened, or was written by a later version of this program.
        DamagedError: if it is not a database of runs, or is missing although folders of runs exist.
    """
    path, new = root / NAME, False
    try:
        # Checked twice: another process may just have created it, and then a folder.
        if not anew and not path.exists() and _has_folders(root) and not path.exists():
            raise DamagedError(
                f"{path} has gone, and there are folders of runs beside it; "
                "`convsole doctor --repair` makes it of them"
            )
        if create:
            _refuse_file(root)
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
            raise NotWrittenError(f"cannot write to {root}: {why}") from None
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
    """Raise `StoreError` if `root` or one of its parents is a file."""
    nearest = next((folder for folder in (root, *root.parents) if folder.exists()), None)
    if nearest is not None and not nearest.is_dir():
        raise StoreError(f"cannot open {root}: {nearest} is no folder")


@contextmanager
def reading(root: Path) -> Iterator[sqlite3.Connection]:
    """Yield a connection in a read transaction, which is isolated from concurrent writes.

    Raises:
        FileNotFoundError: if there is no database.
        StoreError, DamagedError: as `connect`, and for errors and damage found while reading.
    """
    with closing(connect(root)) as connection, faults(root):
        connection.execute("BEGIN")
        yield connection
        connection.execute("ROLLBACK")


@contextmanager
def reading_if_there(root: Path) -> Iterator[sqlite3.Connection | None]:
    """Yield what `reading` does; None if there is no database yet."""
    with ExitStack() as stack:
        connection = None
        with suppress(FileNotFoundError):
            connection = stack.enter_context(reading(root))
        yield connection


@contextmanager
def writing(connection: sqlite3.Connection) -> Iterator[None]:
    """Run the body as one transaction: afterwards all of it is on the disk, or none."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        try:
            connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            # The journal has been removed, so the transaction is committed even though flushing
            # the folder failed: a caller that got an error would repeat the transaction.
            if error.sqlite_errorname != "SQLITE_IOERR_DIR_FSYNC":
                raise
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")  # nothing to undo; this releases the locks
    except BaseException:
        # After a full disk SQLite may have rolled back by itself.
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


@contextmanager
def faults(root: Path) -> Iterator[None]:
    """Convert errors of SQLite, and those of malformed records, to `StoreError`."""
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "")
        known = ("SQLITE_FULL", "SQLITE_READONLY", "SQLITE_BUSY", "SQLITE_IOERR", "SQLITE_CANTOPEN")
        if name.startswith(known) and name != "SQLITE_IOERR_SHORT_READ":
            kind = NotWrittenError if name.startswith(NOT_WRITTEN) else StoreError
            raise kind(f"cannot use {root / NAME}: {reason(error)}") from None
        raise damaged(root, str(error)) from None
    except MALFORMED_ERRORS as error:
        raise damaged(root, str(error) or type(error).__name__) from None


def damaged(root: Path, what: str) -> DamagedError:
    """Return the error for a damaged database."""
    # SQLite quotes the content, which can be long or contain terminal control sequences.
    words = visible(" ".join(what.split()))[:MAX_MESSAGE]
    return DamagedError(
        f"{root / NAME} is damaged ({words}); `convsole doctor --repair` saves what can be read"
    )


def rows(connection: sqlite3.Connection, statement: str, *arguments: Any) -> list[sqlite3.Row]:
    """Return the rows of a query, with access to columns by name."""
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    return cursor.execute(statement, arguments).fetchall()


def harden(connection: sqlite3.Connection) -> None:
    """Keep an untrusted database from running code, and limit the memory that reading it takes."""
    connection.execute("PRAGMA trusted_schema=OFF")
    connection.execute("PRAGMA cell_size_check=ON")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE)


class ChangeWatch:
    """Detects changes of the database of a folder, at negligible cost.

    It queries SQLite on a connection that stays open. Opening the file to read the change counter
    in its header would be unsafe: a process that closes a file loses all of its POSIX locks on it,
    including those of its writer's transaction (sqlite.org, "How To Corrupt An SQLite Database
    File", 2.2).

    Args:
        root: the folder.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._file = (0, 0)
        self._opened = 0

    def change_token(self) -> ChangeToken | None:
        """Return a value that changes with every commit; None if the database cannot be read."""
        with self._lock:
            try:
                now = (self._root / NAME).stat()
                if self._connection is None or self._file != (now.st_dev, now.st_ino):
                    self._close()
                    self._connection = connect(self._root)
                    self._file = now.st_dev, now.st_ino
                    self._opened += 1
                # Values of `data_version` are comparable only within one connection.
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
    """Refuse a journal that names a super-journal, which this program never writes.

    After rolling such a journal back, SQLite deletes the named file, wherever it is.
    """
    with suppress(FileNotFoundError), files.opened(Path(f"{path}-journal")) as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - len(JOURNAL_END)))
        if file.read() == JOURNAL_END:
            raise damaged(path.parent, "its journal is that of another program")


def _prepare(connection: sqlite3.Connection, path: Path, create: bool, new: bool) -> None:
    connection.execute("PRAGMA synchronous=EXTRA")
    harden(connection)
    version = _version(connection, path)
    if version == 0 and not new and _has_folders(path.parent):
        # Checked again: another process may just have created the tables, and then a folder.
        version = _version(connection, path)
        if version == 0:
            raise damaged(path.parent, "it is empty, and there are folders of runs beside it")
    if version == len(schema.MIGRATIONS):
        return
    if version == 0 and not create:
        raise FileNotFoundError(path)
    if connection.execute("PRAGMA journal_mode").fetchone() != ("delete",):
        connection.execute("PRAGMA journal_mode=DELETE")
    try:
        with writing(connection):
            # Checked again: another process may just have migrated the database.
            for migration in schema.MIGRATIONS[_version(connection, path) :]:
                for statement in migration:
                    connection.execute(statement)
            connection.execute(f"PRAGMA application_id={schema.APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version={len(schema.MIGRATIONS)}")
    except sqlite3.OperationalError as error:
        # What an earlier version wrote stays readable where nothing can be written.
        name = error.sqlite_errorname
        if create or not name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN")):
            raise


def _version(connection: sqlite3.Connection, path: Path) -> int:
    """Return the version of the schema, 0 for an empty file."""
    if connection.in_transaction:
        return _version_now(connection, path)
    # In one transaction: another process may be creating the database right now.
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
    # A view or trigger with the name of a table would run foreign SQL.
    if version < 1 or tables != schema.expected_tables(schema.MIGRATIONS[:version]):
        raise damaged(path.parent, "its tables are others")
    return int(version)

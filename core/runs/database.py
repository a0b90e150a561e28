"""The database of all runs: how it is opened, read and written.

One SQLite file with a rollback journal. Not WAL: before SQLite 3.51.3 a WAL database that several
connections write can be corrupted, and the mode stays in the file. Every commit is flushed to the
disk, and so is the removal of its journal (`synchronous=EXTRA`, which is FULL and that), or a power
cut right after a commit could undo it.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from core import files
from core.errors import DamagedError, StoreError, reason
from core.runs import schema
from core.runs.folder import SETTINGS
from core.text_out import visible

NAME = "runs.sqlite3"
JOURNAL_END = bytes.fromhex("d9d505f920a163d7")
"""Last bytes of a journal that ends with the name of a superior one."""
BUSY_TIMEOUT_S = 30.0
"""Seconds that one program waits for another to finish a commit."""
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
"""What comes of reading a record that can hold anything at all."""


def connect(root: Path, *, create: bool = False, anew: bool = False) -> sqlite3.Connection:
    """Open the database of the runs under `root`.

    Args:
        root: the folder of all runs.
        create: make it where there is none, or bring it up to date.
        anew: make it even where there are folders of runs and it has gone.

    Raises:
        FileNotFoundError: if there is none, and it is not to be made.
        StoreError: if it cannot be opened, or is of a later version than this program knows.
        DamagedError: if it is no database of runs, or has gone from beside their folders.
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
        _refuse_superior(path)
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
    """Yield a connection that sees one moment of the database.

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
    """Make what is done within one transaction: all of it on the disk afterwards, or none."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        try:
            connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            # The journal has been removed, so it is done, whatever the disk says about the removal:
            # whoever took it for undone would do it twice, or tell that it had not been.
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
    """Turn what SQLite complains about into a sentence for a person."""
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
    """Return the complaint about a database that is not as it was written."""
    # SQLite quotes what it finds, which can be pages of text, or what steers a terminal.
    words = visible(" ".join(what.split()))[:MOST_WORDS]
    return DamagedError(
        f"{root / NAME} is damaged ({words}); `convsole doctor --repair` saves what can be read"
    )


def guard(connection: sqlite3.Connection) -> None:
    """Let a file that may come from anywhere run nothing, and take no more than it deserves."""
    connection.execute("PRAGMA trusted_schema=OFF")
    connection.execute("PRAGMA cell_size_check=ON")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST)


def _has_folders(root: Path) -> bool:
    return any(root.glob(f"*/{SETTINGS}"))


def _refuse_superior(path: Path) -> None:
    """Refuse a journal that names a superior one, as none of ours does.

    SQLite removes the file of that name, wherever it is, when it has played the journal back.
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
        connection.execute(f"PRAGMA application_id={schema.APPLICATION}")
        connection.execute(f"PRAGMA user_version={len(schema.MIGRATIONS)}")


def _version(connection: sqlite3.Connection, path: Path) -> int:
    """Return the version of the schema, 0 for an empty file."""
    if connection.in_transaction:
        return _version_now(connection, path)
    # All at one moment: another program may be making the database just now.
    connection.execute("BEGIN")
    try:
        return _version_now(connection, path)
    finally:
        connection.execute("ROLLBACK")


def _version_now(connection: sqlite3.Connection, path: Path) -> int:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    tables = schema.tables(connection)
    if not (application or version or tables):
        return 0
    if application != schema.APPLICATION or not version or not tables:
        raise damaged(path.parent, "it holds something else")
    if version > len(schema.MIGRATIONS):
        raise StoreError(f"{path} was written by a later version of Convsole; use that one")
    # A view or a trigger of the name of a table would run what somebody else has written.
    if version < 1 or tables != schema.tables_of(schema.MIGRATIONS[:version]):
        raise damaged(path.parent, "its tables are others")
    return int(version)

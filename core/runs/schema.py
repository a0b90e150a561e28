"""What is in the database of runs: its tables, and how those of an earlier version become these."""

import sqlite3
from contextlib import closing
from functools import cache

APPLICATION = 0x436F6E76
"""Says in the file's header whose it is."""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE runs (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            note TEXT NOT NULL,
            marked INTEGER NOT NULL,
            deleted REAL,
            preset TEXT NOT NULL,
            settings TEXT NOT NULL,
            data TEXT,
            source TEXT NOT NULL,
            machine TEXT NOT NULL,
            parameters INTEGER NOT NULL,
            updates_per_epoch INTEGER NOT NULL,
            batch_size INTEGER NOT NULL,
            state TEXT NOT NULL,
            reason TEXT NOT NULL,
            started REAL NOT NULL,
            ended REAL,
            updates INTEGER NOT NULL,
            evaluations INTEGER NOT NULL,
            total INTEGER NOT NULL,
            seconds REAL NOT NULL,
            best_accuracy REAL,
            best_update INTEGER,
            result TEXT,
            events INTEGER NOT NULL,
            checksum INTEGER NOT NULL
        )""",
        """CREATE TABLE chunks (
            run INTEGER NOT NULL,
            kind TEXT NOT NULL,
            number INTEGER NOT NULL,
            rows INTEGER NOT NULL,
            points BLOB NOT NULL,
            checksum INTEGER NOT NULL,
            PRIMARY KEY (run, kind, number)
        )""",
        """CREATE TABLE events (
            run INTEGER NOT NULL,
            number INTEGER NOT NULL,
            at REAL NOT NULL,
            "update" INTEGER NOT NULL,
            kind TEXT NOT NULL,
            content TEXT NOT NULL,
            checksum INTEGER NOT NULL,
            PRIMARY KEY (run, number)
        )""",
        """CREATE TABLE stems (
            stem TEXT PRIMARY KEY,
            last INTEGER NOT NULL
        )""",
        "CREATE TABLE counts (runs INTEGER NOT NULL)",
        "INSERT INTO counts VALUES (0)",
    ),
)
"""What brings a database from version N to N + 1, at place N."""


def tables(connection: sqlite3.Connection) -> frozenset[tuple[str, ...]]:
    """Return all that is in a database, as it was declared."""
    found = connection.execute(
        "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%'"
    )
    return frozenset(found)


@cache
def tables_of(migrations: tuple[tuple[str, ...], ...]) -> frozenset[tuple[str, ...]]:
    """Return what is in a database that these have made."""
    with closing(sqlite3.connect(":memory:")) as empty:
        for statement in (statement for migration in migrations for statement in migration):
            empty.execute(statement)
        return tables(empty)

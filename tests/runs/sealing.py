"""Records of the database, changed and given a valid checksum, as an attacker can do."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from core.errors import StoreError
from core.runs import database, points, queries
from core.runs.records import RunState
from core.runs.session import store
from core.runs.store import Store
from tests.runs.made import recorded


def two_runs() -> Store:
    """Return the user's store, with a finished run and a stopped run that was edited."""
    recorded(store(), 1)
    (run,) = recorded(store(), 1, state=RunState.STOPPED)
    content = {"changes": {"eta_max": 0.05}, "updates": 40}
    store().writer.do(lambda connection: queries.add_event(connection, run, 12, "edited", content))
    return store()


def seal(root: Path, table: str, where: str, changes: dict[str, Any]) -> bool:
    """Change a record and update its checksum; return whether the database accepts it."""
    path = root / database.NAME
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA synchronous=OFF")
        try:
            update(connection, table, where, changes)
        except (sqlite3.IntegrityError, sqlite3.DataError):
            return False
        found = connection.execute(f"SELECT * FROM {table} WHERE {where}").fetchone()
        if found is not None:
            update(connection, table, where, {"checksum": checksum(table, dict(found))})
    return True


def checksum(table: str, line: dict[str, Any]) -> int:
    """Return the valid checksum of a record."""
    line.pop("checksum")
    if table == "runs":
        return queries.seal(line)
    if table != "chunks":
        return queries.checksum(line.values())
    content = line["points"]
    place = (line["run"], line["kind"], line["number"])
    return points._checksum(content, place) if isinstance(content, bytes) else 0


def update(connection: sqlite3.Connection, table: str, where: str, values: dict[str, Any]) -> None:
    names = ", ".join(f'"{name}" = ?' for name in values)
    connection.execute(f"UPDATE {table} SET {names} WHERE {where}", tuple(values.values()))


def sentence(error: StoreError) -> str:
    """Return the message of an error, which must be one sentence."""
    assert str(error).isprintable()
    assert 0 < len(str(error)) < 500
    return str(error)

"""Tables whose rows are the records of a dataclass, each sealed by a checksum over its values.

The checksum includes the key, because a damaged index can return another row. The functions run in
a transaction that the caller has begun.
"""

import dataclasses
import json
import sqlite3
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter

from core.errors import StoreError
from core.runs import database
from core.runs.queries import checksum
from core.runs.schema import validated

R = TypeVar("R")


class SealedTable(Generic[R]):
    """One table.

    Args:
        name: its name.
        record: the dataclass, whose fields are the columns, in the order of the table.
        title: what a record is called in error messages.
        key: the columns that name a row.
        tables: the columns that hold JSON.
        real: the columns that hold fractions, which SQLite returns as floats.
    """

    def __init__(
        self,
        name: str,
        record: type[R],
        title: str,
        key: Sequence[str],
        tables: Sequence[str] = (),
        real: Sequence[str] = (),
    ) -> None:
        self.name, self.key = name, tuple(key)
        self._record, self._title = TypeAdapter(record), title
        self.columns = tuple(each.name for each in dataclasses.fields(record))  # type: ignore[arg-type]
        self._tables, self._real = frozenset(tables), frozenset(real)

    def insert(self, connection: sqlite3.Connection, record: R) -> int:
        """Add a row, and return its number in SQLite.

        Raises:
            StoreError: if a value is invalid, so that it could not be read back.
            sqlite3.IntegrityError: if there is a row with this key.
        """
        row = self.row_of(record)
        names = ", ".join(f'"{name}"' for name in row)
        cursor = connection.execute(
            f"INSERT INTO {self.name} ({names}) VALUES ({', '.join('?' * len(row))})",
            tuple(row.values()),
        )
        return int(cursor.lastrowid or 0)

    def change(self, connection: sqlite3.Connection, record: R, **changes: Any) -> R:
        """Change columns of the row with the key of `record`, as it is now, and return it.

        Raises:
            LookupError: if there is no such row.
            ValueError: if it is damaged.
            StoreError: if a value is invalid.
        """
        key = tuple(getattr(record, name) for name in self.key)
        old = next(self.find(connection, **dict(zip(self.key, key, strict=True))), None)
        if old is None:
            raise LookupError(f"there is no {self._title} {', '.join(map(str, key))}")
        changed: R = dataclasses.replace(old, **changes)  # type: ignore[type-var]
        row = self.row_of(changed)
        values = ", ".join(f'"{name}" = ?' for name in row)
        connection.execute(
            f"UPDATE {self.name} SET {values} WHERE {self._where(self.key)}", (*row.values(), *key)
        )
        return changed

    def find(self, connection: sqlite3.Connection, **where: Any) -> Iterator[R]:
        """Yield the records with these values, in the order of their keys.

        Raises:
            ValueError: at the first that is damaged.
        """
        order = ", ".join(f'"{name}"' for name in self.key)
        condition = f"WHERE {self._where(where)} " if where else ""
        statement = f"SELECT * FROM {self.name} {condition}ORDER BY {order}"
        for row in database.rows(connection, statement, *where.values()):
            yield self.of_row(row)

    def delete(self, connection: sqlite3.Connection, **where: Any) -> None:
        """Remove the rows with these values."""
        connection.execute(
            f"DELETE FROM {self.name} WHERE {self._where(where)}", (*where.values(),)
        )

    def row_of(self, record: R) -> dict[str, Any]:
        """Return the columns of a record as stored, with the checksum.

        Raises:
            StoreError: if a value is invalid.
        """
        values = {name: getattr(record, name) for name in self.columns}
        try:
            validated(self._record, values, self._title)
        except ValueError as error:
            raise StoreError(f"cannot keep a {self._title}: {error}") from None
        row = {name: self._stored(name, value) for name, value in values.items()}
        return {**row, "checksum": checksum(row.values())}

    def of_row(self, row: sqlite3.Row) -> R:
        """Return the record of a row.

        Raises:
            ValueError: if the row is damaged or has invalid values.
        """
        values = {name: row[name] for name in self.columns}
        key = (row[name] for name in self.key)  # which may hold anything
        owner = (
            f"{self._title} {', '.join(str(each) if type(each) is int else '?' for each in key)}"
        )
        if checksum(values.values()) != row["checksum"]:
            raise ValueError(f"the record of {owner} is not as it was written")
        for name in self._tables:
            if not isinstance(values[name], str):
                raise ValueError(f"{name!r} of {owner} is no text")
            values[name] = json.loads(values[name])
        record: R = validated(self._record, values, owner)
        return record

    def _stored(self, name: str, value: Any) -> Any:
        if name in self._tables:
            return json.dumps(value)
        if isinstance(value, Enum):
            return value.value
        return float(value) if name in self._real and value is not None else value

    def _where(self, names: Sequence[str] | dict[str, Any]) -> str:
        return " AND ".join(f'"{name}" = ?' for name in names)

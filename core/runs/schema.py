"""What the database of runs may contain: its tables, and the values in their records.

A checksum shows that a record is as it was written, not that this program wrote it: anybody who
knows how it is made can forge one. So every value is validated before anything computes with it,
draws it or prints it to a terminal.
"""

import re
import sqlite3
from contextlib import closing
from functools import cache
from math import isfinite
from typing import Annotated, Any

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from core.config.experiment import FIELDS_BY_NAME, MAX_UPDATES
from core.settings import quoted
from core.text_out import readable
from core.training.events import Result

APPLICATION_ID = 0x436F6E76
"""Marks a database as one of this program, in the header of the file."""

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

MAX_ID = 200
"""Characters of an id: it is the name of a folder."""
MAX_TEXT = 100_000
"""Characters of a text, such as a note."""
MAX_WORD = 1000
"""Characters of a name, or of a text that is one of a few."""
MAX_TIMESTAMP = 250_000_000_000.0
"""Seconds since 1970 that every calendar still has a date for."""
MAX_SECONDS = 1e10
MAX_NUMBER = 2**53
"""Up to here, a float represents every whole number exactly."""


def read_tables(connection: sqlite3.Connection) -> frozenset[tuple[str, ...]]:
    """Return everything that a database contains, as it was declared."""
    found = connection.execute(
        "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%'"
    )
    return frozenset(found)


@cache
def expected_tables(migrations: tuple[tuple[str, ...], ...]) -> frozenset[tuple[str, ...]]:
    """Return what a database contains after these migrations."""
    with closing(sqlite3.connect(":memory:")) as empty:
        for statement in (statement for migration in migrations for statement in migration):
            empty.execute(statement)
        return read_tables(empty)


def id_stem(name: str) -> str:
    """Return the part before the number in the ids of runs of this name: a file name anywhere."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "run"


def _id(text: str) -> str:
    if id_stem(text) != text:
        raise ValueError("it is no name of a folder")
    return text


def _plain(value: Any) -> bool:
    """Tell whether a value of JSON contains no others, and can be shown."""
    if value is None or isinstance(value, bool):
        return True
    if isinstance(value, str):
        return len(value) <= MAX_WORD and readable(value) == value
    if isinstance(value, int):
        return abs(value) <= MAX_NUMBER
    return isinstance(value, float) and isfinite(value)


def _of_kind(name: str, value: Any) -> bool:
    """Tell whether a setting may have a value, as far as its type goes."""
    if isinstance(value, bool) or not _plain(value):
        return False
    field = FIELDS_BY_NAME.get(name)
    if field is None:
        return value is not None  # a setting of a later version
    return isinstance(value, (int, float) if field.type is float else field.type)


def _settings(given: dict[str, Any]) -> dict[str, Any]:
    for name, value in given.items():
        if name == "architecture":
            layers = [value] if isinstance(value, str) else value
            fine = isinstance(layers, list) and all(map(_layer, layers))
        else:
            fine = _plain(name) and _of_kind(name, value)
        if not fine:
            raise ValueError(f"{quoted(name)} cannot be {quoted(value)}")
    return given


def _layer(given: Any) -> bool:
    if isinstance(given, dict):
        return all(_plain(name) and _plain(value) for name, value in given.items())
    return isinstance(given, str) and _plain(given)


def _plain_values(given: dict[str, Any]) -> dict[str, Any]:
    made = {
        name: readable(value) if isinstance(value, str) else value for name, value in given.items()
    }
    for name, value in made.items():
        if not (_plain(name) and _plain(value)):
            raise ValueError(f"{quoted(name)} cannot be {quoted(value)}")
    return made


def _event_content(given: dict[str, Any]) -> dict[str, Any]:
    for name, value in given.items():
        if name == "changes":
            if not isinstance(value, dict) or "architecture" in value:
                raise ValueError(f"the changes cannot be {quoted(value)}")
            _settings(value)
        elif not (_plain(name) and _plain(value)):
            raise ValueError(f"{quoted(name)} cannot be {quoted(value)}")
    return given


def _result(given: dict[str, Any]) -> dict[str, Any]:
    # JSON knows no NaN; the numbers that may be none are fractions and losses.
    unknown = given.keys() ^ Result.__dataclass_fields__
    if unknown:
        raise ValueError(f"{quoted(min(unknown))} is missing or unknown")
    for name, value in given.items():
        fine = _plain(value) and not isinstance(value, bool)
        if name in ("preset", "dataset"):
            fine = fine and isinstance(value, str)
        elif name.endswith("_loss"):
            fine = fine and not isinstance(value, str)
        elif name.endswith("_accuracy"):
            fine = value is None or (fine and isinstance(value, int | float) and 0 <= value <= 1)
        else:
            most = MAX_SECONDS if name == "seconds" else MAX_NUMBER
            kinds = (int, float) if name == "seconds" else int
            fine = fine and isinstance(value, kinds) and 0 <= value <= most
        if not fine:
            raise ValueError(f"{quoted(name)} cannot be {quoted(value)}")
    return given


Id = Annotated[str, Field(strict=True, max_length=MAX_ID), AfterValidator(_id)]
Text = Annotated[str, Field(strict=True, max_length=MAX_TEXT), AfterValidator(readable)]
ShortText = Annotated[str, Field(strict=True, max_length=MAX_WORD), AfterValidator(readable)]
PathText = Annotated[str, Field(strict=True, max_length=MAX_TEXT)]
Count = Annotated[int, Field(strict=True, ge=0, le=MAX_UPDATES)]
Positive = Annotated[int, Field(strict=True, ge=1, le=MAX_UPDATES)]
Number = Annotated[int, Field(strict=True, ge=0, le=MAX_NUMBER)]
Timestamp = Annotated[float, Field(strict=True, ge=0, le=MAX_TIMESTAMP)]
Seconds = Annotated[float, Field(strict=True, ge=0, le=MAX_SECONDS)]
Fraction = Annotated[float, Field(strict=True, ge=0, le=1)]
SettingValues = Annotated[dict[str, Any], AfterValidator(_settings)]
PlainValues = Annotated[dict[str, Any], AfterValidator(_plain_values)]
EventContent = Annotated[dict[str, Any], AfterValidator(_event_content)]
ResultValues = Annotated[dict[str, Any], AfterValidator(_result)]


def validated(record: TypeAdapter[Any], values: Any, whose: str) -> Any:
    """Return the record that is made of values.

    Args:
        record: its type.
        values: of its fields.
        whose: what they are the values of, for the message.

    Raises:
        ValueError: for the first value that is not allowed, in one sentence.
    """
    try:
        return record.validate_python(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        name, words = first["loc"][0], first["msg"].removeprefix("Value error, ")
        raise ValueError(f"{name!r} of {whose} cannot be: {words}") from None

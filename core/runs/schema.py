"""The schema of the database of runs, and the validation of the values in its records.

A checksum detects damage, but it does not prove that this program wrote the record, because it can
be forged. So every value is validated before it is used in a computation, drawn, or printed to a
terminal.
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
"""Identifies a database of this program, in the header of the file."""

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
    # Runs of before recorded no health.
    ("ALTER TABLE runs ADD COLUMN health INTEGER NOT NULL DEFAULT 0",),
    # Before, a search of settings was no matter of the store.
    (
        """CREATE TABLE studies (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL UNIQUE,
            definition TEXT NOT NULL,
            data TEXT NOT NULL,
            state TEXT NOT NULL,
            created REAL NOT NULL,
            reason TEXT NOT NULL,
            seconds REAL NOT NULL,
            trials INTEGER NOT NULL,
            tells INTEGER NOT NULL,
            checksum INTEGER NOT NULL
        )""",
        """CREATE TABLE trials (
            study INTEGER NOT NULL,
            number INTEGER NOT NULL,
            seed INTEGER NOT NULL,
            settings TEXT NOT NULL,
            state TEXT NOT NULL,
            run INTEGER,
            rung INTEGER NOT NULL,
            deaths INTEGER NOT NULL,
            worker TEXT NOT NULL,
            reason TEXT NOT NULL,
            accuracy REAL,
            best REAL,
            updates INTEGER NOT NULL,
            seconds REAL NOT NULL,
            checksum INTEGER NOT NULL,
            PRIMARY KEY (study, number, seed)
        )""",
        """CREATE TABLE tells (
            study INTEGER NOT NULL,
            "order" INTEGER NOT NULL,
            trial INTEGER NOT NULL,
            seed INTEGER NOT NULL,
            rung INTEGER NOT NULL,
            "update" INTEGER NOT NULL,
            accuracy REAL,
            loss REAL,
            checksum INTEGER NOT NULL,
            PRIMARY KEY (study, "order"),
            UNIQUE (study, trial, seed, rung)
        )""",
        "ALTER TABLE counts ADD COLUMN studies INTEGER NOT NULL DEFAULT 0",
    ),
)
"""Statements that migrate a database from version N to N + 1, at index N."""

MAX_ID = 200
"""Maximum characters of an id, which is the name of a folder."""
MAX_TEXT = 100_000
"""Maximum characters of a text, such as a note."""
MAX_WORD = 1000
"""Maximum characters of a short text, such as a name or the kind of an event."""
MAX_TIMESTAMP = 250_000_000_000.0
"""Seconds since 1970 that can still be converted to a date on every platform."""
MAX_SECONDS = 1e10
MAX_NUMBER = 2**53
"""Limit up to which a float represents every integer exactly."""


def read_tables(connection: sqlite3.Connection) -> frozenset[tuple[str, ...]]:
    """Return the declarations of all tables and other objects of a database."""
    declarations = connection.execute(
        "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%'"
    )
    return frozenset(declarations)


@cache
def expected_tables(migrations: tuple[tuple[str, ...], ...]) -> frozenset[tuple[str, ...]]:
    """Return the declarations of a database after these migrations."""
    with closing(sqlite3.connect(":memory:")) as empty:
        for statement in (statement for migration in migrations for statement in migration):
            empty.execute(statement)
        return read_tables(empty)


def id_stem(name: str) -> str:
    """Return the part before the number in the ids of runs of this name, a portable file name."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "run"


def _id(text: str) -> str:
    if id_stem(text) != text:
        raise ValueError("it is no name of a folder")
    return text


def is_plain(value: Any) -> bool:
    """Return whether a JSON value is a scalar that can be displayed."""
    if value is None or isinstance(value, bool):
        return True
    if isinstance(value, str):
        return len(value) <= MAX_WORD and readable(value) == value
    if isinstance(value, int):
        return abs(value) <= MAX_NUMBER
    return isinstance(value, float) and isfinite(value)


def _has_type(name: str, value: Any) -> bool:
    """Return whether a value has the type of a setting."""
    if isinstance(value, bool) or not is_plain(value):
        return False
    field = FIELDS_BY_NAME.get(name)
    if field is None:
        return value is not None  # a setting of a later version
    return isinstance(value, (int, float) if field.type is float else field.type)


def _settings(given: dict[str, Any]) -> dict[str, Any]:
    for name, value in given.items():
        if name == "architecture":
            layers = [value] if isinstance(value, str) else value
            valid = isinstance(layers, list) and all(map(_layer, layers))
        else:
            valid = is_plain(name) and _has_type(name, value)
        if not valid:
            raise ValueError(f"{quoted(name)} cannot be {quoted(value)}")
    return given


def _layer(given: Any) -> bool:
    """Return whether a JSON value can be a layer: a table of values, pairs and inner layers."""
    if isinstance(given, dict):
        return all(is_plain(name) and _part(value) for name, value in given.items())
    return isinstance(given, str) and is_plain(given)


def _part(value: Any) -> bool:
    if not isinstance(value, list):
        return is_plain(value)
    return all(_layer(each) if isinstance(each, dict) else is_plain(each) for each in value)


def _plain_values(given: dict[str, Any]) -> dict[str, Any]:
    cleaned = {
        name: readable(value) if isinstance(value, str) else value for name, value in given.items()
    }
    for name, value in cleaned.items():
        if not (is_plain(name) and is_plain(value)):
            raise ValueError(f"{quoted(name)} cannot be {quoted(value)}")
    return cleaned


def _event_content(given: dict[str, Any]) -> dict[str, Any]:
    for name, value in given.items():
        if name == "changes":
            if not isinstance(value, dict) or "architecture" in value:
                raise ValueError(f"the changes cannot be {quoted(value)}")
            _settings(value)
        elif not (is_plain(name) and is_plain(value)):
            raise ValueError(f"{quoted(name)} cannot be {quoted(value)}")
    return given


def _result(given: dict[str, Any]) -> dict[str, Any]:
    # JSON has no NaN: fractions and losses can be None instead.
    unknown = given.keys() ^ Result.__dataclass_fields__
    if unknown:
        raise ValueError(f"{quoted(min(unknown))} is missing or unknown")
    for name, value in given.items():
        valid = is_plain(value) and not isinstance(value, bool)
        if name in ("preset", "dataset"):
            valid = valid and isinstance(value, str)
        elif name.endswith("_loss"):
            valid = valid and not isinstance(value, str)
        elif name.endswith("_accuracy"):
            valid = value is None or (valid and isinstance(value, int | float) and 0 <= value <= 1)
        else:
            limit = MAX_SECONDS if name == "seconds" else MAX_NUMBER
            types = (int, float) if name == "seconds" else int
            valid = valid and isinstance(value, types) and 0 <= value <= limit
        if not valid:
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


def validated(record: TypeAdapter[Any], values: Any, owner: str) -> Any:
    """Validate values, and return the record that they make.

    Args:
        record: the type of the record.
        values: the values of its fields.
        owner: what the record describes, for the error message.

    Raises:
        ValueError: if a value is invalid; the message names the first, in one sentence.
    """
    try:
        return record.validate_python(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        name, words = first["loc"][0], first["msg"].removeprefix("Value error, ")
        raise ValueError(f"{name!r} of {owner} cannot be: {words}") from None

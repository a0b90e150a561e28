"""What a record may hold.

A checksum tells that a record is as somebody wrote it, not that it was this program: whoever knows
how it is made can seal anything. So each value is looked at before anybody counts with it, draws
it or shows it in a terminal.
"""

from math import isfinite
from typing import Annotated, Any

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from core.config.experiment import FIELDS_BY_NAME, MAX_UPDATES
from core.runs.folder import stem_of
from core.settings import quoted
from core.text_out import readable
from core.training.events import Result

MAX_ID = 200
"""Characters of an id: it is the name of a folder."""
MAX_TEXT = 100_000
"""Characters of a text, such as a note."""
MAX_WORD = 1000
"""Characters of a text that somebody chooses from a few, and of one that names a thing."""
LATEST = 250_000_000_000.0
"""Seconds since 1970 that every calendar still has a date for."""
MAX_SECONDS = 1e10
MOST = 2**53
"""Largest number that a float knows exactly."""


def _id(text: str) -> str:
    if stem_of(text) != text:
        raise ValueError("it is no name of a folder")
    return text


def _plain(value: Any) -> bool:
    """Tell whether a value of JSON holds no others, and can be shown."""
    if value is None or isinstance(value, bool):
        return True
    if isinstance(value, str):
        return len(value) <= MAX_WORD and readable(value) == value
    if isinstance(value, int):
        return abs(value) <= MOST
    return isinstance(value, float) and isfinite(value)


def _of_kind(name: str, value: Any) -> bool:
    """Tell whether a setting may have a value, as far as its type goes."""
    if isinstance(value, bool) or not _plain(value):
        return False
    field = FIELDS_BY_NAME.get(name)
    if field is None:
        return value is not None  # that of a later version
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


def _facts(given: dict[str, Any]) -> dict[str, Any]:
    made = {
        name: readable(value) if isinstance(value, str) else value for name, value in given.items()
    }
    for name, value in made.items():
        if not (_plain(name) and _plain(value)):
            raise ValueError(f"{quoted(name)} cannot be {quoted(value)}")
    return made


def _content(given: dict[str, Any]) -> dict[str, Any]:
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
            most = MAX_SECONDS if name == "seconds" else MOST
            kinds = (int, float) if name == "seconds" else int
            fine = fine and isinstance(value, kinds) and 0 <= value <= most
        if not fine:
            raise ValueError(f"{quoted(name)} cannot be {quoted(value)}")
    return given


Id = Annotated[str, Field(strict=True, max_length=MAX_ID), AfterValidator(_id)]
Words = Annotated[str, Field(strict=True, max_length=MAX_TEXT), AfterValidator(readable)]
Word = Annotated[str, Field(strict=True, max_length=MAX_WORD), AfterValidator(readable)]
Path = Annotated[str, Field(strict=True, max_length=MAX_TEXT)]
Count = Annotated[int, Field(strict=True, ge=0, le=MAX_UPDATES)]
Some = Annotated[int, Field(strict=True, ge=1, le=MAX_UPDATES)]
Number = Annotated[int, Field(strict=True, ge=0, le=MOST)]
Moment = Annotated[float, Field(strict=True, ge=0, le=LATEST)]
Seconds = Annotated[float, Field(strict=True, ge=0, le=MAX_SECONDS)]
Fraction = Annotated[float, Field(strict=True, ge=0, le=1)]
SettingValues = Annotated[dict[str, Any], AfterValidator(_settings)]
Facts = Annotated[dict[str, Any], AfterValidator(_facts)]
Content = Annotated[dict[str, Any], AfterValidator(_content)]
ResultValues = Annotated[dict[str, Any], AfterValidator(_result)]


def checked(shape: TypeAdapter[Any], values: Any, whose: str) -> Any:
    """Return what a shape makes of values.

    Args:
        shape: of a record.
        values: of it.
        whose: what they are the values of, for the sentence.

    Raises:
        ValueError: for the first value that cannot be, in one sentence.
    """
    try:
        return shape.validate_python(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        name, words = first["loc"][0], first["msg"].removeprefix("Value error, ")
        raise ValueError(f"{name!r} of {whose} cannot be: {words}") from None

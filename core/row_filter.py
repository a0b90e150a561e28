"""The filter language of tables: words, and fields with a comparison.

    lambda<0.003 state:finished deep

A word is searched in the texts of a row, ignoring case. A field is followed by `:` or `=` (equal;
for text: contained), `!=`, `<`, `<=`, `>` or `>=`. A row must meet all conditions. Accuracies are
percentages, `test>60`, or fractions, `test>0.6`. A time is a prefix of year-month-dayThour:minute,
`started>=2026-01-31`.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from math import isclose, isfinite
from typing import Any, Generic, TypeVar

from core.settings import SettingError

Row = TypeVar("Row")

_SPACED = re.compile(r"(?<=[\w])\s*(<=|>=|!=|<|>|=)\s*(?=\S)")
"""A comparison with blanks around it. A colon is not included, because it can end a word."""
_THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?")
_FIELD = re.compile(r"([A-Za-z_][A-Za-z_0-9.]*)(<=|>=|!=|<|>|=|:)(.*)")
_TIME = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d(:\d\d)?)?)?)?")


@dataclass(frozen=True)
class Language(Generic[Row]):
    """What can be said of the rows of a table."""

    reader: Callable[[str], Callable[[Row], Any]]
    """Returns the function that reads a field of a row; raises `SettingError` if there is none."""
    texts: Callable[[Row], Sequence[str]]
    """Returns the texts of a row in which a word is searched."""
    states: Sequence[str]
    """What the field `state` can be."""
    accuracies: Collection[str]
    """Fields that are fractions, which can be written in per cent."""
    words: Mapping[str, str]
    """Aliases of fields: the names that the screen shows."""
    times: Collection[str] = ()
    """Fields that are times."""


def parse(text: str, language: Language[Row]) -> Callable[[Row], bool]:
    """Parse a filter into a condition; every row meets an empty filter.

    Raises:
        SettingError: if it cannot be parsed; the message suggests a correction.
    """
    joined = _SPACED.sub(r"\1", text)
    conditions = [_condition(word, language) for word in joined.split()]
    return lambda row: all(condition(row) for condition in conditions)


def _condition(word: str, language: Language[Row]) -> Callable[[Row], bool]:
    match = _FIELD.fullmatch(word)
    if match is None:
        wanted = word.casefold()
        return lambda row: wanted in " ".join(language.texts(row)).casefold()
    name, sign, value = match.groups()
    name = language.words.get(name, name)
    read = language.reader(name)
    if not value:
        raise SettingError("", f"{word!r} compares with nothing; write a value behind {sign!r}")
    if name == "state" and not any(value.casefold() in state for state in language.states):
        states = ", ".join(language.states)
        raise SettingError("", f"there is no state {value!r}; there are {states}")
    if name in language.times:
        return _since(read, sign, value, word)
    number = _number(value)
    if number is None and _decimal_comma(value):
        raise SettingError("", f"{value!r} is no number; write {value.replace(',', '.')}")
    if (
        name in language.accuracies
        and number is not None
        and number > 1
        and not value.endswith("%")
    ):
        number /= 100
    if sign in ("<", "<=", ">", ">=") and number is None:
        raise SettingError("", f"{word!r} compares with {value!r}, which is no number")
    return lambda row: _matches(read(row), sign, value, number)


def _since(read: Callable[[Row], str], sign: str, value: str, word: str) -> Callable[[Row], bool]:
    """Return the condition on a time, compared as text to the precision of `value`."""
    if not _TIME.fullmatch(value):
        raise SettingError("", f"{word!r} compares with no time; 2026-01-31 or 2026-01-31T18:30 is")
    return lambda row: _ordered(read(row)[: len(value)], sign, value)


def _number(value: str) -> float | None:
    try:
        bare = value.removesuffix("%")
        number = float(bare.replace(",", "") if _THOUSANDS.fullmatch(bare) else bare)
    except ValueError:
        return None
    return number / (100 if value.endswith("%") else 1) if isfinite(number) else None


def _decimal_comma(value: str) -> bool:
    """Return whether `value` is a number with a decimal comma."""
    return value.count(",") == 1 and _number(value.replace(",", ".")) is not None


def _matches(actual: Any, sign: str, value: str, number: float | None) -> bool:
    if actual is None:
        return sign == "!="
    if isinstance(actual, str):
        contained = value.casefold() in actual.casefold()
        return contained if sign in (":", "=") else not contained if sign == "!=" else False
    if number is None:
        return sign == "!="
    # 55.8 % is 0.558, but 55.8 / 100 is slightly larger in floating point.
    return _ordered(number if isclose(actual, number, rel_tol=1e-9) else actual, sign, number)


def _ordered(actual: Any, sign: str, wanted: Any) -> bool:
    results: dict[str, bool] = {
        ":": actual == wanted,
        "=": actual == wanted,
        "!=": actual != wanted,
        "<": actual < wanted,
        "<=": actual <= wanted,
        ">": actual > wanted,
        ">=": actual >= wanted,
    }
    return results[sign]

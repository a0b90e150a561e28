"""The filter language for lists of runs: words, and fields with a comparison.

    lambda<0.003 state:finished deep

A word is searched in the id, the name, the preset, the note and the state, ignoring case. A field
is a setting, or one of `MEASURES`, followed by `:` or `=` (equal; for text: contained), `!=`, `<`,
`<=`, `>` or `>=`. A run must meet all conditions. Accuracies are percentages, `test>60`, or
fractions, `test>0.6`; `train`, `validation` and `test` are those of finished runs, `test_at_stop`
and so on those measured when a run was stopped. A time is a prefix of year-month-dayThour:minute,
`started>=2026-01-31`.
"""

import re
from collections.abc import Callable
from datetime import datetime
from difflib import get_close_matches
from math import isclose, isfinite
from typing import Any

from core.config.experiment import FIELDS, FIELDS_BY_NAME
from core.runs.records import Run, RunState
from core.settings import SettingError
from core.validation import other_names

Condition = Callable[[Run], bool]
Read = Callable[[Run], Any]

_SPACED = re.compile(r"(?<=[\w])\s*(<=|>=|!=|<|>|=)\s*(?=\S)")
"""A comparison with blanks around it. A colon is not included, because it can end a word."""
_THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?")
_FIELD = re.compile(r"([A-Za-z_][A-Za-z_0-9]*)(<=|>=|!=|<|>|=|:)(.*)")
_TIME = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d(:\d\d)?)?)?)?")


def _accuracy(name: str, of: Callable[[Run], dict[str, Any]] = Run.at_end) -> Read:
    return lambda run: of(run).get(f"{name}_accuracy")


_PARTS = ("train", "validation", "test")

MEASURES: dict[str, Read] = {
    "id": lambda run: run.id,
    "name": lambda run: run.name,
    "note": lambda run: run.note,
    "preset": lambda run: run.preset,
    "network": Run.network,
    "state": lambda run: run.state.value,
    "marked": lambda run: "yes" if run.marked else "no",
    "updates": lambda run: run.updates,
    "seconds": lambda run: run.seconds,
    "started": lambda run: f"{datetime.fromtimestamp(run.started):%Y-%m-%dT%H:%M}",
    "parameters": lambda run: run.parameters,
    "best": lambda run: run.best_accuracy,
    **{part: _accuracy(part) for part in _PARTS},
    **{f"{part}_at_stop": _accuracy(part, Run.at_stop) for part in _PARTS},
}
"""Fields that can be compared, in addition to the settings."""

ACCURACIES = ("best", *(f"{of}{at}" for of in _PARTS for at in ("", "_at_stop")))

WORDS = {
    "time": "seconds",
    "training": "train",
    "rate": "eta_max",
    "architecture": "network",
    "data": "dataset",
    "stop": "validation_at_stop",
}
"""Aliases of fields: the names that the screen shows."""


def parse(text: str) -> Condition:
    """Parse a filter into a condition; every run meets an empty filter.

    Raises:
        SettingError: if it cannot be parsed; the message suggests a correction.
    """
    joined = _SPACED.sub(r"\1", text)
    conditions = [_condition(word) for word in joined.split()]
    return lambda run: all(condition(run) for condition in conditions)


def _condition(word: str) -> Condition:
    match = _FIELD.fullmatch(word)
    if match is None:
        wanted = word.casefold()
        return lambda run: wanted in " ".join(_texts(run)).casefold()
    name, sign, value = match.groups()
    name = WORDS.get(name, name)
    read = _reader(name)
    if not value:
        raise SettingError("", f"{word!r} compares with nothing; write a value behind {sign!r}")
    if name == "state" and not any(value.casefold() in state.value for state in RunState):
        states = ", ".join(state.value for state in RunState)
        raise SettingError("", f"there is no state {value!r}; there are {states}")
    if name == "started":
        return _since(read, sign, value, word)
    number = _number(value)
    if number is None and _decimal_comma(value):
        raise SettingError("", f"{value!r} is no number; write {value.replace(',', '.')}")
    if name in ACCURACIES and number is not None and number > 1 and not value.endswith("%"):
        number /= 100
    if sign in ("<", "<=", ">", ">=") and number is None:
        raise SettingError("", f"{word!r} compares with {value!r}, which is no number")
    return lambda run: _matches(read(run), sign, value, number)


def _since(read: Callable[[Run], str], sign: str, value: str, word: str) -> Condition:
    """Return the condition on a time, compared as text to the precision of `value`."""
    if not _TIME.fullmatch(value):
        raise SettingError("", f"{word!r} compares with no time; 2026-01-31 or 2026-01-31T18:30 is")
    return lambda run: _ordered(read(run)[: len(value)], sign, value)


def _texts(run: Run) -> tuple[str, ...]:
    return run.id, run.name, run.preset, run.note, run.state.value


def _reader(name: str) -> Callable[[Run], Any]:
    if name in MEASURES:
        return MEASURES[name]
    field = FIELDS_BY_NAME.get(name)
    if field is None:
        known = other_names(FIELDS) | {word: word for word in (*MEASURES, *WORDS, *FIELDS_BY_NAME)}
        close = get_close_matches(name, known, 1)
        instead = (
            f"did you mean {known[close[0]]!r}?" if close else "try lambda, seed, state or test"
        )
        raise SettingError("", f"there is no field {name!r}; {instead}")
    return lambda run: run.setting(field.name)


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

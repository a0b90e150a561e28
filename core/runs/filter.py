"""Which runs are meant: words, and fields with a comparison.

    lambda<0.003 state:finished deep

A word is found in the id, the name, the preset, the note and the state, whatever its case. A field
is a setting, or one of `MEASURES`, followed by `:` or `=` (equal; for text: contained), `!=`, `<`,
`<=`, `>` or `>=`. All conditions must hold. Accuracies are fractions, `test>0.6`, or per cent,
`test>60%`.
"""

import re
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

from core.experiment import FIELDS_BY_NAME
from core.runs.records import Run
from core.settings import SettingError

Condition = Callable[[Run], bool]

_FIELD = re.compile(r"([A-Za-z_][A-Za-z_0-9]*)(<=|>=|!=|<|>|=|:)(.*)")


def _accuracy(name: str) -> Callable[[Run], Any]:
    return lambda run: (run.result or {}).get(f"{name}_accuracy")


MEASURES: dict[str, Callable[[Run], Any]] = {
    "id": lambda run: run.id,
    "name": lambda run: run.name,
    "note": lambda run: run.note,
    "preset": lambda run: run.preset,
    "state": lambda run: run.state.value,
    "marked": lambda run: "yes" if run.marked else "no",
    "updates": lambda run: run.updates,
    "seconds": lambda run: run.seconds,
    "parameters": lambda run: run.parameters,
    "best": lambda run: run.best_accuracy,
    "train": _accuracy("train"),
    "validation": _accuracy("validation"),
    "test": _accuracy("test"),
}
"""What can be asked for beside the settings."""


def parse(text: str) -> Condition:
    """Return the condition that `text` states; nothing states what every run fulfils.

    Raises:
        SettingError: if it cannot be understood, with what would be right.
    """
    conditions = [_condition(word) for word in text.split()]
    return lambda run: all(condition(run) for condition in conditions)


def _condition(word: str) -> Condition:
    match = _FIELD.fullmatch(word)
    if match is None:
        wanted = word.casefold()
        return lambda run: wanted in " ".join(_texts(run)).casefold()
    name, sign, value = match.groups()
    read = _reader(name)
    if not value:
        raise SettingError("", f"{word!r} compares with nothing; write a value behind {sign!r}")
    number = _number(value)
    if sign in ("<", "<=", ">", ">=") and number is None:
        raise SettingError("", f"{word!r} compares with {value!r}, which is no number")
    return lambda run: _holds(read(run), sign, value, number)


def _texts(run: Run) -> tuple[str, ...]:
    return run.id, run.name, run.preset, run.note, run.state.value


def _reader(name: str) -> Callable[[Run], Any]:
    if name in MEASURES:
        return MEASURES[name]
    field = FIELDS_BY_NAME.get(name)
    if field is None:
        known = [*MEASURES, *FIELDS_BY_NAME]
        close = get_close_matches(name, known, 1)
        instead = f"did you mean {close[0]!r}?" if close else "try lambda, seed, state or test"
        raise SettingError("", f"there is no field {name!r}; {instead}")
    return lambda run: run.setting(field.name)


def _number(value: str) -> float | None:
    try:
        return float(value.removesuffix("%")) / (100 if value.endswith("%") else 1)
    except ValueError:
        return None


def _holds(found: Any, sign: str, value: str, number: float | None) -> bool:
    if found is None:
        return sign == "!="
    if isinstance(found, str):
        inside = value.casefold() in found.casefold()
        return inside if sign in (":", "=") else not inside if sign == "!=" else False
    if number is None:
        return sign == "!="
    answers: dict[str, bool] = {
        ":": found == number,
        "=": found == number,
        "!=": found != number,
        "<": found < number,
        "<=": found <= number,
        ">": found > number,
        ">=": found >= number,
    }
    return answers[sign]

"""The filter language for lists of runs: words, and fields with a comparison.

    lambda<0.003 state:finished deep

A word is searched in the id, the name, the preset, the note and the state, ignoring case. A field
is a setting, or one of `MEASURES`, followed by `:` or `=` (equal; for text: contained), `!=`, `<`,
`<=`, `>` or `>=`. A run must meet all conditions. Accuracies are percentages, `test>60`, or
fractions, `test>0.6`; `train`, `validation` and `test` are those of finished runs, `test_at_stop`
and so on those measured when a run was stopped. A time is a prefix of year-month-dayThour:minute,
`started>=2026-01-31`.
"""

from collections.abc import Callable
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from core import row_filter
from core.config.experiment import FIELDS, FIELDS_BY_NAME
from core.row_filter import Language
from core.runs.records import Run, RunState
from core.settings import SettingError
from core.validation import other_names

Condition = Callable[[Run], bool]
Read = Callable[[Run], Any]


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
    return row_filter.parse(text, LANGUAGE)


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


LANGUAGE = Language(
    reader=_reader,
    texts=_texts,
    states=[state.value for state in RunState],
    accuracies=ACCURACIES,
    words=WORDS,
    times=("started",),
)
"""What can be said of runs."""

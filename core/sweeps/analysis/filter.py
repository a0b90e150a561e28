"""The filter language for the trials of a study, the same as for runs.

    eta_max>0.01 state:pruned rung>=2

A word is searched in number, state, worker, reason and run. Fields are `MEASURES` and the settings
that vary, by name or symbol.
"""

from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

from core import row_filter
from core.config.experiment import FIELDS_BY_NAME
from core.row_filter import Language
from core.runs.studies.records import TrialState
from core.settings import SettingError
from core.sweeps.analysis.dimensions import shown
from core.sweeps.analysis.snapshot import Snapshot, TrialRow

Condition = Callable[[TrialRow], bool]
Read = Callable[[TrialRow], Any]

MEASURES: dict[str, Read] = {
    "trial": lambda row: row.number,
    "seed": lambda row: row.seed,
    "state": lambda row: row.state.label,
    "mean": lambda row: row.mean,
    "best": lambda row: row.best,
    "accuracy": lambda row: row.accuracy,
    "rung": lambda row: row.rung,
    "updates": lambda row: row.updates,
    "seconds": lambda row: row.seconds,
    "worker": lambda row: row.worker,
    "run": lambda row: row.run_id,
    "deaths": lambda row: row.deaths,
}
"""Fields that can be compared, in addition to the settings that vary."""

WORDS = {"number": "trial", "time": "seconds", "validation": "accuracy", "val": "accuracy",
         "rate": "eta_max"}  # fmt: skip
"""Aliases of fields: the names that the screen shows."""


def parse(text: str, snapshot: Snapshot) -> Condition:
    """Parse a filter into a condition; every trial meets an empty filter.

    Args:
        text: the filter.
        snapshot: the study, which says what varies.

    Raises:
        SettingError: if it cannot be parsed; the message suggests a correction.
    """
    varying = {name for row in snapshot.rows for name in row.settings}
    varying.update(snapshot.study.definition.get("space", {}))

    def reader(name: str) -> Read:
        if name in MEASURES:
            return MEASURES[name]
        field = FIELDS_BY_NAME.get(name)
        known = field.name if field is not None else name
        if known not in varying:
            close = get_close_matches(name, [*MEASURES, *varying], 1)
            instead = f"did you mean {close[0]!r}?" if close else "try best, state or rung"
            raise SettingError("", f"nothing here is called {name!r}; {instead}")
        return lambda row: _comparable(row.settings.get(known))

    states = [state.label for state in TrialState]
    return row_filter.parse(
        text, Language(reader, _texts, states, ("mean", "best", "accuracy"), WORDS)
    )


def _comparable(value: Any) -> Any:
    return value if isinstance(value, str | int | float) or value is None else shown(value)


def _texts(row: TrialRow) -> tuple[str, ...]:
    return str(row.number), row.state.label, row.worker, row.reason, row.run_id

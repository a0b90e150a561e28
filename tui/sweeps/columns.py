"""The columns of the table of trials: contents, sort order and selection for a width."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from core import format as fmt
from core.format import cut
from core.sweeps.dimensions import Dimension, dimensions, shown
from core.sweeps.labels import VALIDATION
from core.sweeps.snapshot import Snapshot, TrialRow
from tui.sweeps.names import brief
from tui.widgets import signs
from tui.widgets.order import Order

NONE = "·"

MARK = 3
"""Width of the signs of the cursor and of the best trials before the first column."""

GAP = 2
"""Blank columns between two columns of the table."""

WIDEST, NARROWEST = 12, 6
"""Width of the column of a setting up to which its values are whole, and the smallest."""


@dataclass(frozen=True)
class Column:
    """One measure of a trial."""

    head: str
    width: int
    text: Callable[[TrialRow], str]
    key: Callable[[TrialRow], Any]
    """The sort key; None goes last in both directions."""
    largest_first: bool = True
    """Whether its own order has the largest value first."""
    right: bool = True
    """Whether its texts are right-aligned."""


def _accuracy(value: float | None) -> str:
    return NONE if value is None else fmt.percent(value)


def _state(row: TrialRow) -> str:
    return f"{signs.TRIALS[row.state]} {row.state.label}"


def _mean(row: TrialRow) -> str:
    of = f"of {row.seeds}: " if row.seeds > 1 else ""
    return of + _accuracy(row.mean)


TRIAL = Column("trial", 5, lambda row: str(row.number), lambda row: row.key, largest_first=False)

FIXED = {
    "trial": TRIAL,
    "seed": Column("seed", 4, lambda row: str(row.seed), lambda row: row.seed, False),
    "state": Column("state", 10, _state, lambda row: row.state.label, False, False),
    "mean": Column("mean val.", 12, _mean, lambda row: row.standing),
    "accuracy": Column(
        VALIDATION, 11, lambda row: _accuracy(row.accuracy), lambda row: row.accuracy
    ),
    "rung": Column("rung", 4, lambda row: str(row.rung), lambda row: row.rung),
    "worker": Column(
        "worker", 10, lambda row: cut(row.worker, 10) or NONE, lambda row: row.worker or None,
        False, False,
    ),
    "time": Column("time", 8, lambda row: fmt.duration(row.seconds), lambda row: row.seconds),
}  # fmt: skip
"""The columns that every study has; those of the settings stand behind the accuracies."""

JUDGED = Column(VALIDATION, 11, _mean, lambda row: row.standing)
"""The column of the mean where every trial has one seed."""


def columns_of(snapshot: Snapshot) -> dict[str, Column]:
    """Return all columns of a study by name, in display order."""
    settings = {one.name: _setting(one, snapshot) for one in dimensions(snapshot.study.definition)}
    known = {**FIXED, **settings}
    if snapshot.several:
        names = ["trial", "seed", "state", "mean", "accuracy"]
    else:
        known["mean"] = JUDGED
        names = ["trial", "state", "mean"]
    return {name: known[name] for name in (*names, *settings, "rung", "worker", "time")}


def _setting(one: Dimension, snapshot: Snapshot) -> Column:
    values = [shown(row.settings[one.name]) for row in snapshot.rows if one.name in row.settings]
    longest = max(map(len, values), default=0)
    head = brief(one.name)
    width = max(NARROWEST, len(head) + 1, min(WIDEST, longest))
    return Column(head, width, partial(_value, one.name, width), partial(_key, one))


def _value(name: str, width: int, row: TrialRow) -> str:
    if name not in row.settings:
        return NONE
    return cut(shown(row.settings[name]), width)


def _key(one: Dimension, row: TrialRow) -> Any:
    value = row.settings.get(one.name)
    if one.kind == "choice":
        return next((at for at, each in enumerate(one.choices) if each == value), None)
    return value


def fitting(columns: dict[str, Column], width: int) -> list[str]:
    """Return the names of the columns that fit, in display order.

    What every study has goes first up to the mean, then the first setting, the accuracy of the
    seed, the other settings in the order of the study, and rung, worker and time.
    """
    settings = [name for name in columns if name not in FIXED]
    first = [name for name in ("trial", "state", "mean", "seed") if name in columns]
    extra = [name for name in ("accuracy",) if name in columns]
    behind = [name for name in ("rung", "worker", "time") if name in columns]
    left, chosen = width - MARK, set()
    for name in (*first, *settings[:1], *extra, *settings[1:], *behind):
        needed = columns[name].width + GAP
        if needed <= left:
            left -= needed
            chosen.add(name)
    return [name for name in columns if name in chosen]


def ordered(rows: Sequence[TrialRow], columns: dict[str, Column], order: Order) -> list[TrialRow]:
    """Return the rows sorted by one column; those without a value come last."""
    column = columns.get(order.column, TRIAL)
    key, descending = column.key, column.largest_first != order.turned
    known = [row for row in rows if key(row) is not None]
    known.sort(key=lambda row: row.key)
    known.sort(key=key, reverse=descending)
    return known + [row for row in rows if key(row) is None]

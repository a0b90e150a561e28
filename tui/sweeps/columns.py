"""The columns of the table of trials: contents, sort order and selection for a width."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from core import format as fmt
from core.format import cut
from core.sweeps.analysis import judged
from core.sweeps.analysis.dimensions import Dimension, dimensions, shown
from core.sweeps.analysis.labels import VALIDATION
from core.sweeps.analysis.snapshot import Snapshot, TrialRow
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
    varied = [one.name for one in snapshot.dimensions]
    # What has one value alone tells the trials apart no more than the worker does.
    same = [name for name in settings if name not in varied]
    rung = ["rung"] if judged.has_rungs(snapshot) else []
    return {name: known[name] for name in (*names, *varied, *same, *rung, "time", "worker")}


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


STAYING = ("trial", "seed", "state", "mean")
"""Columns that stand at the left, however far the others are scrolled."""


@dataclass(frozen=True)
class Fitting:
    """The columns that fit into a width, and how many do not."""

    names: tuple[str, ...]
    """Those that are shown, in display order."""
    before: int = 0
    """Columns that are scrolled away to the left."""
    behind: int = 0
    """Columns that do not fit at the right."""


def fitting(columns: Mapping[str, Column], width: int, skip: int = 0) -> Fitting:
    """Return the columns that fit, in display order.

    Args:
        columns: all columns by name.
        width: columns of the screen.
        skip: how many of those that are scrolled are left out; fewer if all others would fit.
    """
    left = max(0, width - MARK)
    staying = []
    for name in filter(columns.__contains__, STAYING):
        if columns[name].width + GAP <= left:
            left -= columns[name].width + GAP
            staying.append(name)
    rest = [name for name in columns if name not in STAYING]
    widths = [columns[name].width + GAP for name in rest]
    first = min(skip, next(at for at in range(len(rest) + 1) if sum(widths[at:]) <= left))
    end = first
    while end < len(rest) and sum(widths[first : end + 1]) <= left:
        end += 1
    return Fitting((*staying, *rest[first:end]), first, len(rest) - end)


def ordered(rows: Sequence[TrialRow], columns: dict[str, Column], order: Order) -> list[TrialRow]:
    """Return the rows sorted by one column; those without a value come last."""
    column = columns.get(order.column, TRIAL)
    key, descending = column.key, column.largest_first != order.turned
    known = [row for row in rows if key(row) is not None]
    known.sort(key=lambda row: row.key)
    known.sort(key=key, reverse=descending)
    return known + [row for row in rows if key(row) is None]

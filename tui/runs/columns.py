"""The columns of the table of runs: their contents, sort order and selection for a width."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core import format as fmt
from core.runs.records import Run
from core.training import edit_text
from tui.widgets import signs
from tui.widgets.order import Order

NONE = "·"


@dataclass(frozen=True)
class Column:
    """One measure of a run."""

    head: str
    width: int
    text: Callable[[Run], str]
    key: Callable[[Run], Any]
    """The sort key; None goes last in both directions."""
    right: bool = False
    """Whether its texts are right-aligned."""
    largest_first: bool = True
    """Whether its own order has the largest value first."""


def _accuracy(value: float | None) -> str:
    return NONE if value is None else fmt.percent(value)


def _test(run: Run) -> float | None:
    return {**run.at_end(), **run.at_stop()}.get("test_accuracy")


def _setting(run: Run, name: str) -> str:
    value = run.settings.get(name)
    return edit_text.shown(name, value) if isinstance(value, int | float) else NONE


def _test_words(run: Run) -> str:
    """Return the test accuracy, with the sign of the state if it was measured at a stop."""
    sign = signs.RUNS[run.state] if run.at_stop() else ""
    return f"{sign} {_accuracy(_test(run))}".lstrip()


def _updates(run: Run) -> str:
    if run.updates == run.total:
        return f"{run.updates:,}"
    return f"{run.updates:,}/{run.total:,}"


COLUMNS = {
    "name": Column(
        "run", 18, lambda run: run.name, lambda run: run.name.casefold(), largest_first=False
    ),
    "state": Column(
        "state",
        10,
        lambda run: f"{signs.RUNS[run.state]} {run.state.value}",
        lambda run: run.state.value,
        largest_first=False,
    ),
    "best": Column(
        "best val.",
        11,
        lambda run: _accuracy(run.best_accuracy),
        lambda run: run.best_accuracy,
        True,
    ),
    "test": Column("test", 8, _test_words, _test, True),
    "updates": Column("updates", 13, _updates, lambda run: run.updates, True),
    "time": Column("time", 9, lambda run: fmt.duration(run.seconds), lambda run: run.seconds, True),
    "started": Column(
        "started",
        12,
        lambda run: f"{datetime.fromtimestamp(run.started):%d %b %H:%M}",
        lambda run: run.number,
    ),
    "preset": Column(
        "settings", 10, lambda run: run.preset, lambda run: run.preset, largest_first=False
    ),
    "lambda": Column(
        "lambda",
        8,
        lambda run: _setting(run, "weight_decay"),
        lambda run: run.settings.get("weight_decay"),
        True,
    ),
    "rate": Column(
        "rate",
        7,
        lambda run: _setting(run, "eta_max"),
        lambda run: run.settings.get("eta_max"),
        True,
    ),
    "note": Column(
        "note",
        24,
        lambda run: run.note.replace("\n", " "),
        lambda run: run.note or None,
        largest_first=False,
    ),
}
"""Columns by name, in display order."""

PRIORITY = (
    "name", "state", "best", "updates", "test", "time", "started", "preset", "lambda", "rate",
    "note",
)  # fmt: skip
"""Columns by importance; those that do not fit are omitted."""

GAP = 2
"""Terminal columns between two columns of the table."""

MARK = 4
"""Width of the signs of cursor and mark before the first column."""

WIDEST_NAME = 32
"""Largest width of a run's name, and of that of its settings, in columns."""


def fitting(width: int) -> dict[str, int]:
    """Return the widths of the columns that fit, by name in display order."""
    left, chosen = width - MARK, set()
    for name in PRIORITY:
        needed = COLUMNS[name].width + GAP
        if needed > left:
            break
        left -= needed
        chosen.add(name)
    widths = {name: column.width for name, column in COLUMNS.items() if name in chosen}
    for name in ("name", "preset"):
        if name in widths:
            wider = min(left, WIDEST_NAME - widths[name])
            widths[name] += wider
            left -= wider
    return widths


def ordered(runs: Sequence[Run], order: Order) -> list[Run]:
    """Return the runs sorted by one column; those without a value come last."""
    column = COLUMNS[order.column]
    key, descending = column.key, column.largest_first != order.turned
    known = [run for run in runs if key(run) is not None]
    known.sort(key=lambda run: (key(run), run.number), reverse=descending)
    return known + [run for run in runs if key(run) is None]

"""Comparison of runs: curves over a common axis, and the settings that differ."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np

from core.config.experiment import FIELDS
from core.runs.records import ACCURACIES, Run
from core.text_out import Cell, as_csv
from core.training import edit_text
from core.training.health_summary import SUMMARIES, Summary, summary
from core.training.history import Column, History
from core.training.smoothing import smoothed

MAX_COMPARED = 10
"""Maximum number of runs that can be distinguished in one figure."""

Quantity = (
    Literal["loss", "validation_loss", "validation_accuracy", "train_accuracy", "rate"] | Summary
)
_CURVES: dict[Quantity, str] = {
    "loss": "training loss",
    "validation_loss": "validation loss",
    "validation_accuracy": "validation accuracy",
    "train_accuracy": "accuracy on a training sample",
    "rate": "learning rate",
}
QUANTITIES: dict[Quantity, str] = {**_CURVES, **{name: SUMMARIES[name] for name in SUMMARIES}}
"""Quantities that can be compared, with their labels."""

Axis = Literal["update", "epoch", "time"]
AXES: dict[Axis, str] = {"update": "updates", "epoch": "epochs", "time": "seconds"}
"""Axes that a quantity can be plotted over, with their labels."""


@dataclass(frozen=True, eq=False)
class Compared:
    """A run and its history."""

    run: Run
    history: History


@dataclass(frozen=True, eq=False)
class Curve:
    """One quantity of one run over an axis."""

    run: Run
    x: Column
    y: Column
    edits: tuple[float, ...] = ()
    """Positions on the axis at which settings were changed during training."""


def curves(
    runs: Sequence[Compared], quantity: Quantity, axis: Axis = "update", smoothing: float = 0.0
) -> list[Curve]:
    """Return one quantity of several runs over a common axis.

    Args:
        runs: the runs, in the order of the curves.
        quantity: the quantity to compare.
        axis: updates, epochs, or seconds of training.
        smoothing: weight of the previous average in an exponential moving average, in [0, 1);
            0 leaves the values unchanged.
    """
    result = []
    for each in runs:
        updates, (evaluations, _) = each.history.updates.read(), each.history.evaluated()
        at, y = _points(each.history, quantity, updates, evaluations)
        x = _positions(at, axis, each, updates)
        edits = _positions(_edited(each.history), axis, each, updates)
        edits = edits[np.isfinite(edits)]
        result.append(Curve(each.run, x, smoothed(y, smoothing), tuple(edits.tolist())))
    return result


def _points(
    history: History, quantity: Quantity, updates: dict[str, Column], evaluations: dict[str, Column]
) -> tuple[Column, Column]:
    """Return the updates at which a quantity is known, and its values."""
    name = next((name for name in SUMMARIES if name == quantity), None)
    if name is not None:
        return summary(history, name)
    table = updates if quantity in updates else evaluations
    return table["update"], table[quantity]


EDITS = "edits"
"""Label of the row with the edits of each run."""


def export_comparison(
    runs: Sequence[Compared],
    folder: Path,
    quantity: Quantity,
    axis: Axis = "update",
    smoothing: float = 0.0,
) -> list[Path]:
    """Write the curves as CSV, the table of differences as CSV, and all data as JSON.

    Args:
        runs: at least one run.
        folder: output folder; created if it is missing.
        quantity: the quantity of the curves.
        axis: the axis of the curves.
        smoothing: see `curves`.

    Returns:
        The three files, named after the current time; the JSON first.

    Raises:
        OSError: if they cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"compare-{datetime.now():%Y-%m-%dT%H-%M-%S}"
    texts = {
        ".json": as_json(runs),
        "-curves.csv": curves_csv(curves(runs, quantity, axis, smoothing), axis, quantity),
        "-runs.csv": table_csv(runs),
    }
    for ending, text in texts.items():
        (folder / f"{stem}{ending}").write_text(text, encoding="utf-8")
    return [folder / f"{stem}{ending}" for ending in texts]


def differing(runs: Sequence[Compared]) -> list[tuple[str, list[str]]]:
    """Return the settings that differ, edits last: each label, with its value in every run."""
    return [(label, shown) for label, shown, _ in _differing(runs)]


def _differing(runs: Sequence[Compared]) -> list[tuple[str, list[str], list[Any]]]:
    """Return the settings that differ: each label, with its text and its value in every run."""
    rows: list[tuple[str, list[str], list[Any]]] = []

    def add(label: str, values: list[Any], shown: list[str]) -> None:
        rows.append((label, shown, values))

    for label, texts in (
        ("settings", [each.run.preset for each in runs]),
        ("network", [each.run.network() for each in runs]),
    ):
        add(label, texts, texts)
    for field in FIELDS:
        values = [each.run.setting(field.name) for each in runs]
        add(field.label, values, [edit_text.shown(field.name, value) for value in values])
    edits = [edits_of(each) for each in runs]
    add(EDITS, edits, edits)
    return [row for row in rows if len(set(row[1])) > 1]


def edits_of(each: Compared) -> str:
    """Return the edits of a run as text; "none" if there are none."""
    edits = each.history.edits
    words = zip(edits, edit_text.each_edit(each.run.settings, edits), strict=True)
    return "; ".join(f"{change} after {edit.update:,}" for edit, change in words) or "none"


def table_csv(runs: Sequence[Compared]) -> str:
    """Return runs as CSV, one row each, with results, the settings that differ, and edits.

    Numbers have no thousands separators.
    """
    different = _differing(runs)
    heads = ["id", "name", "state", "updates", "seconds", "best_validation_accuracy", *ACCURACIES]
    stops = [f"{name}_at_stop" for name in ACCURACIES]
    rows: list[list[Cell]] = [[*heads, *stops, *(label for label, _, _ in different)]]
    for number, run in enumerate(each.run for each in runs):
        end, stop = run.at_end(), run.at_stop()
        rows.append(
            [run.id, run.name, run.state.value, run.updates, run.seconds, run.best_accuracy]
            + [of.get(name) for of in (end, stop) for name in ACCURACIES]
            + [values[number] for _, _, values in different]
        )
    return as_csv(rows)


def curves_csv(drawn: Sequence[Curve], axis: Axis, quantity: Quantity) -> str:
    """Return curves as CSV, one row for each point, with the id of its run."""
    rows: list[list[Cell]] = [["run", axis, quantity]]
    for curve in drawn:
        # Update numbers are integers; write them as such.
        positions = curve.x.astype(np.int64) if axis == "update" else curve.x
        points = zip(positions.tolist(), curve.y.tolist(), strict=True)
        rows += [[curve.run.id, x, y] for x, y in points]
    return as_csv(rows)


def as_json(runs: Sequence[Compared]) -> str:
    """Return runs as JSON: settings, results and all points."""

    def numbers(name: str, column: Column) -> list[float | None]:
        if name == "update":
            return [int(value) for value in column.tolist()]
        return [value if np.isfinite(value) else None for value in column.tolist()]

    def tables(history: History) -> dict[str, Any]:
        columns: dict[str, Any] = {
            kind: {name: numbers(name, column) for name, column in table.read().items()}
            for kind, table in history.tables.items()
        }
        columns["evaluations"]["at_stop"] = history.stop_flags()
        return columns

    content: list[dict[str, Any]] = [
        {
            "id": each.run.id,
            "name": each.run.name,
            "note": each.run.note,
            "state": each.run.state.value,
            "settings": each.run.settings,
            "result": each.run.exported_result(),
            "edits": [
                {"update": edit.update, "changes": dict(edit.changes)}
                for edit in each.history.edits
            ],
            **tables(each.history),
        }
        for each in runs
    ]
    return json.dumps(content) + "\n"


def _positions(at: Column, axis: Axis, each: Compared, updates: dict[str, Column]) -> Column:
    if axis == "epoch":
        return at / max(1, each.run.updates_per_epoch)
    if axis == "time":
        if not len(updates["update"]):
            return np.zeros(len(at))
        return np.interp(at, updates["update"], updates["seconds"])
    return at


def _edited(history: History) -> Column:
    """Return the updates after which settings changed, without edits not yet in effect."""
    done = history.updates.last("update")
    return np.array(sorted({edit.update for edit in history.edits if edit.update <= done}), float)

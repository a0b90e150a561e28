"""How a run came out, as it is told: what was measured at a stop is no result of the run.

The weights that count are those of the run that nothing interrupts. What is measured when a run is
stopped, before its end and between two of its own evaluations, is kept and shown as just that.
"""

from collections.abc import Callable, Mapping
from typing import Any

from core.runs.records import Run, RunState

ACCURACIES = {
    "train_accuracy": "training",
    "validation_accuracy": "validation",
    "test_accuracy": "test",
}
"""What is measured at an end or a stop, and the word for each."""

MEASURED = (*ACCURACIES, "train_loss", "validation_loss")


def at_end(run: Run) -> dict[str, Any]:
    """Return what was measured of the final weights; nothing of a run that has not finished."""
    return _measured(run.result) if run.state is RunState.FINISHED else {}


def at_stop(run: Run) -> dict[str, Any]:
    """Return what was measured when a run was stopped; nothing where nobody stopped or measured."""
    return _measured(run.result) if run.state is RunState.STOPPED else {}


def words(measured: Mapping[str, Any], percent: Callable[[float], str]) -> str:
    """Return the accuracies that were measured at an end or a stop, in a form of per cent."""
    known = {name: measured.get(name) for name in ACCURACIES}
    parts = [f"{ACCURACIES[name]} {percent(v)}" for name, v in known.items() if v is not None]
    return ", ".join(parts) or "not measured"


def reported(result: Mapping[str, Any], stopped: bool) -> dict[str, Any]:
    """Return a result for other programs: what was measured at a stop stands under `at_stop`.

    Args:
        result: as `Result.as_dict` returns it.
        stopped: whether the run was stopped before its end.
    """
    if not stopped:
        return {**result, "at_stop": None}
    return {**result, **dict.fromkeys(MEASURED), "at_stop": _measured(result) or None}


def result(run: Run) -> dict[str, Any] | None:
    """Return the result of a run for other programs; None where there is none."""
    return None if run.result is None else reported(run.result, run.state is RunState.STOPPED)


def _measured(values: Mapping[str, Any] | None) -> dict[str, Any]:
    found = {name: (values or {}).get(name) for name in MEASURED}
    return {name: value for name, value in found.items() if value is not None}

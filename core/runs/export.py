"""A run as files that anybody can read: tables, settings, result, weights."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from core import files
from core.errors import StoreError, reason
from core.runs import outcome
from core.runs.folder import SETTINGS
from core.runs.records import Run
from core.text_out import as_csv
from core.training.history import History, Table


def everything(run: Run, history: History, weights: Path | None, out: Path) -> None:
    """Write settings.toml, updates.csv, evaluations.csv, result.json and weights.safetensors.

    Args:
        run: as it ended.
        history: of it.
        weights: the checkpoint to copy; None for a run that has none.
        out: the folder to write to, made where there is none.

    Raises:
        StoreError: if they cannot be written.
    """
    ending: dict[str, Any] = {"state": run.state.value, **(outcome.result(run) or {})}
    if run.reason:
        ending |= {"update": run.updates, "reason": run.reason}

    def write() -> None:
        out.mkdir(parents=True, exist_ok=True)
        for name, content in {
            SETTINGS: run.experiment().to_toml().encode(),
            "updates.csv": table(history.updates),
            "evaluations.csv": evaluations(history),
            "result.json": json.dumps(ending, indent=2).encode() + b"\n",
        }.items():
            files.write(out / name, content, files.SHARED_FILE)
        if weights is not None:
            files.write(out / "weights.safetensors", weights.read_bytes())

    to(out, write)


def to(where: Path, write: Callable[[], object]) -> None:
    """Call `write`.

    Raises:
        StoreError: that names `where`, if the disk refuses.
    """
    try:
        write()
    except OSError as error:
        raise StoreError(f"cannot write to {where}: {reason(error)}") from None


def table(points: Table) -> bytes:
    """Return a table as CSV: a line for each update, every digit kept."""
    return _csv({name: column.tolist() for name, column in points.read().items()})


def evaluations(history: History) -> bytes:
    """Return the evaluations as CSV; `at_stop` is 1 for one that only a stop has made, else 0."""
    columns = {name: column.tolist() for name, column in history.evaluations.read().items()}
    return _csv({**columns, "at_stop": at_stop(history)})


def at_stop(history: History) -> list[int]:
    """Return for each evaluation whether only a stop has made it, as 0 or 1."""
    regular, stop = history.evaluated()
    return [0] * len(regular["update"]) + [1] * (stop is not None)


def _csv(columns: Mapping[str, Sequence[float]]) -> bytes:
    rows = zip(*columns.values(), strict=True)
    return as_csv([list(columns), *((int(update), *values) for update, *values in rows)]).encode()

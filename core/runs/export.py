"""A run as files that anybody can read: tables, settings, result, weights."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.runs import durable
from core.runs.errors import StoreError, reason
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
    ending: dict[str, Any] = {"state": run.state.value, **(run.result or {})}
    if run.reason:
        ending |= {"update": run.updates, "reason": run.reason}

    def write() -> None:
        out.mkdir(parents=True, exist_ok=True)
        for name, content in {
            SETTINGS: run.experiment().to_toml().encode(),
            "updates.csv": table(history.updates),
            "evaluations.csv": table(history.evaluations),
            "result.json": json.dumps(ending, indent=2).encode() + b"\n",
        }.items():
            durable.write(out / name, content, durable.SHARED_FILE)
        if weights is not None:
            durable.write(out / "weights.safetensors", weights.read_bytes())

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
    columns = points.read()
    rows = zip(*(columns[name].tolist() for name in points.columns), strict=True)
    return as_csv([points.columns, *((int(update), *values) for update, *values in rows)]).encode()

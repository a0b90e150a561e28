"""Export of the network or the history of a run, in the format given by the file extension."""

import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from core import files
from core.errors import StoreError, reason, writing_to
from core.predictions.choice import Choice, choose
from core.predictions.onnx_graph import onnx_bytes
from core.runs.checkpoint import NORMALISATION
from core.runs.folder import SETTINGS
from core.runs.records import Run
from core.runs.store import Store
from core.settings import SettingError, listed
from core.text_out import as_csv
from core.training.history import History, Table


@dataclass(frozen=True)
class Exported:
    """The result of an export."""

    files: tuple[Path, ...]
    choice: Choice | None
    """The checkpoint that was exported; None for a history."""


def write(
    store: Store,
    run: Run,
    path: Path,
    *,
    best: bool = False,
    updates: int | None = None,
    overwrite: bool = False,
) -> Exported:
    """Write the network or the history of a run, each file atomically.

    Args:
        store: the store of the run.
        run: the record of the run.
        path: output file; its extension determines the format, see `FORMATS`. The evaluations of a
            history as CSV are written to a second file in the same folder, and its health record,
            if it has one, to a third.
        best: use the checkpoint of the best validation accuracy instead of the last.
        updates: use a checkpoint after so many updates instead.
        overwrite: whether existing files may be replaced.

    Raises:
        SettingError: if the format is unknown, or a checkpoint is selected for a history.
        StoreError: if a file exists already or cannot be written, its folder does not exist, or
            there is nothing to write.
    """
    suffix = check(path, best=best, updates=updates)
    if not path.parent.exists():
        raise StoreError(f"cannot write {path}: the folder {path.parent} does not exist")
    paths = [path]
    if suffix == ".csv":
        paths += [evaluations_path(path), *([health_path(path)] if run.health else [])]
    taken = next((file for file in paths if file.exists() or file.is_symlink()), None)
    if taken is not None and not overwrite:
        raise StoreError(f"{taken} is there already; --force overwrites it")
    choice = choose(store, run, best=best, updates=updates) if suffix in NETWORKS else None
    contents = [NETWORKS[suffix](choice)] if choice else HISTORIES[suffix](store, run)[: len(paths)]
    mode = files.PRIVATE_FILE if choice else files.SHARED_FILE
    with writing_to(path):
        for file, content in zip(paths, contents, strict=True):
            files.write(file, content, mode)
    return Exported(tuple(paths), choice)


def write_folder(run: Run, history: History, weights: Path | None, out: Path) -> None:
    """Write settings.toml, updates.csv, evaluations.csv, result.json and weights.safetensors.

    And health.csv, if anything of that is recorded.

    Args:
        run: the record of the run after its end.
        history: the history of the run.
        weights: the checkpoint to copy; None if there is none.
        out: output folder; created if it is missing.

    Raises:
        StoreError: if they cannot be written.
    """
    ending: dict[str, Any] = {"state": run.state.value, **(run.exported_result() or {})}
    if run.reason:
        ending |= {"update": run.updates, "reason": run.reason}
    with writing_to(out):
        out.mkdir(parents=True, exist_ok=True)
        for name, content in {
            SETTINGS: run.experiment().to_toml().encode(),
            "updates.csv": updates_csv(history),
            "evaluations.csv": evaluations_csv(history),
            "result.json": json.dumps(ending, indent=2).encode() + b"\n",
        }.items():
            files.write(out / name, content, files.SHARED_FILE)
        if len(history.health):
            files.write(out / "health.csv", health_csv(history), files.SHARED_FILE)
        if weights is not None:
            files.write(out / "weights.safetensors", weights.read_bytes())


def updates_csv(history: History) -> bytes:
    """Return the updates as CSV, one row each, in full precision."""
    return _table_csv({name: column.tolist() for name, column in history.updates.read().items()})


def evaluations_csv(history: History) -> bytes:
    """Return the evaluations as CSV; `at_stop` is 1 for one made only because of a stop, else 0."""
    columns = {name: column.tolist() for name, column in history.evaluations.read().items()}
    return _table_csv({**columns, "at_stop": history.stop_flags()})


def health_csv(history: History) -> bytes:
    """Return the health record as CSV, one row for each recorded update; see `health_columns`."""
    return _table_csv({name: column.tolist() for name, column in history.health.read().items()})


def _table_csv(columns: Mapping[str, Sequence[float]]) -> bytes:
    rows = zip(*columns.values(), strict=True)
    return as_csv([list(columns), *((int(update), *values) for update, *values in rows)]).encode()


def check(path: Path, *, best: bool = False, updates: int | None = None) -> str:
    """Return the extension of an output file, in lower case.

    Raises:
        SettingError: if the format is unknown, or a checkpoint is selected for a history.
    """
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise SettingError(
            "", f"{path} has no ending that can be written; choose {listed(FORMATS)}"
        )
    if (best or updates is not None) and suffix in HISTORIES:
        option = "--best" if best else "--checkpoint"
        raise SettingError("", f"a history ({suffix}) is of the whole run; leave {option} out")
    return suffix


def evaluations_path(path: Path) -> Path:
    """Return the path of the evaluations that belong to the updates in `path`."""
    return path.with_name(f"{path.stem}.evaluations{path.suffix}")


def health_path(path: Path) -> Path:
    """Return the path of the health record that belongs to the updates in `path`."""
    return path.with_name(f"{path.stem}.health{path.suffix}")


def _copy(choice: Choice) -> bytes:
    try:
        return choice.path.read_bytes()
    except OSError as error:
        raise StoreError(f"cannot read {choice.path}: {reason(error)}") from None


def _npz(choice: Choice) -> bytes:
    """Return the tensors, normalisation, classes and settings as NPZ; no entry needs pickle."""
    checkpoint = choice.checkpoint
    experiment = checkpoint.timeline.experiment
    arrays: dict[str, Any] = {
        **checkpoint.state.tensors,
        **dict(zip(NORMALISATION, (checkpoint.mean, checkpoint.deviation), strict=True)),
        "classes": np.array(experiment.data.classes),
        "settings": np.array(experiment.to_toml()),
    }
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def _onnx(choice: Choice) -> bytes:
    return onnx_bytes(choice.checkpoint)


def _csv(store: Store, run: Run) -> list[bytes]:
    history = store.history(run)
    return [updates_csv(history), evaluations_csv(history), health_csv(history)]


def _json(store: Store, run: Run) -> list[bytes]:
    history = store.history(run)
    points: dict[str, Any] = {kind: _columns(of) for kind, of in history.tables.items()}
    points["evaluations"]["at_stop"] = history.stop_flags()
    content = {
        **run.summary(),
        "note": run.note,
        "reason": run.reason,
        "settings": run.settings,
        "edits": [{"update": edit.update, "changes": dict(edit.changes)} for edit in history.edits],
        "events": [event._asdict() for event in store.events(run)],
        "result": run.exported_result(),
        "machine": run.machine,
        "source": run.source,
        "parameters": run.parameters,
        "updates_per_epoch": run.updates_per_epoch,
        "history": points,
    }
    return [json.dumps(content, allow_nan=False).encode() + b"\n"]


def _columns(table: Table) -> dict[str, list[float | None]]:
    """Return the columns of a table as JSON values: update numbers as integers, NaN as None."""
    return {
        name: [_number(name, value) for value in column.tolist()]
        for name, column in table.read().items()
    }


def _number(name: str, value: float) -> float | None:
    if not isfinite(value):
        return None
    return int(value) if name == "update" else value


NETWORKS: dict[str, Callable[[Choice], bytes]] = {
    ".safetensors": _copy,
    ".npz": _npz,
    ".onnx": _onnx,
}
"""Functions that return a network as the content of a file, by extension."""

HISTORIES: dict[str, Callable[[Store, Run], list[bytes]]] = {".csv": _csv, ".json": _json}
"""Functions that return a history as the contents of its files, by extension."""

FORMATS = (*NETWORKS, *HISTORIES)

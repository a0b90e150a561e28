"""A run as a file for other programs; the ending of its name says of which kind."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from core.predictions import onnx_graph
from core.predictions.model import Model, load
from core.runs import durable, export
from core.runs.compare import Compared, as_json
from core.runs.errors import StoreError
from core.runs.folder import RunFolder
from core.runs.records import Run
from core.runs.store import Store


def write(store: Store, run: Run, path: Path, *, best: bool, force: bool) -> list[str]:
    """Write a run to `path`.

    Args:
        store: of the run.
        run: which one.
        path: where to; ends in one of `KINDS`.
        best: the weights of the best validation accuracy instead of the last.
        force: whether a file that is there may be written over.

    Returns:
        What the user should know about where the weights come from.

    Raises:
        StoreError: if the kind is unknown, the file is there, or it cannot be written.
    """
    kind = path.suffix.lower()
    if kind not in (*WEIGHTS, *HISTORIES):
        raise StoreError(f"cannot tell what {path} is to be: its name must end in {KINDS}")
    if path.exists() and not force:
        raise StoreError(f"{path} is there already; --force writes over it")
    if kind in HISTORIES:
        HISTORIES[kind](store, run, path)
        return []
    model, notes = load(store, run, best=best)
    content = WEIGHTS[kind](store, run, model, best)
    export.to(path.parent, lambda: _put(path, content))
    return notes


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    durable.write(path, content)


def _safetensors(store: Store, run: Run, model: Model, best: bool) -> bytes:
    folder = RunFolder(store.folder(run))
    updates = model.kept.state.updates
    path = (
        folder.best()
        if best
        else next(path for path in folder.numbered() if path.stem.endswith(f"{updates:08}"))
    )
    return path.read_bytes()


def _npz(store: Store, run: Run, model: Model, best: bool) -> bytes:
    buffer, kept = io.BytesIO(), model.kept
    np.savez(
        buffer,
        allow_pickle=False,
        **{
            **kept.state.tensors,
            "normalisation.mean": kept.mean,
            "normalisation.deviation": kept.deviation,
        },
    )
    return buffer.getvalue()


def _onnx(store: Store, run: Run, model: Model, best: bool) -> bytes:
    return onnx_graph.model_bytes(model)


def _csv(store: Store, run: Run, path: Path) -> None:
    history = store.history(run)
    beside = path.with_name(f"{path.stem}.evaluations{path.suffix}")
    export.to(path.parent, lambda: _put(path, export.table(history.updates)))
    export.to(path.parent, lambda: _put(beside, export.table(history.evaluations)))


def _json(store: Store, run: Run, path: Path) -> None:
    (content,) = json.loads(as_json([Compared(run, store.history(run))]))
    content["events"] = [event._asdict() for event in store.events(run)]
    export.to(path.parent, lambda: _put(path, json.dumps(content).encode() + b"\n"))


WEIGHTS: dict[str, Callable[[Store, Run, Model, bool], bytes]] = {
    ".safetensors": _safetensors,
    ".npz": _npz,
    ".onnx": _onnx,
}
HISTORIES: dict[str, Callable[[Store, Run, Path], None]] = {".csv": _csv, ".json": _json}
KINDS = ".safetensors, .npz or .onnx for the weights, .csv or .json for the history"

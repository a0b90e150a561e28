"""Short runs for tests, on small data sets."""

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from core.config.experiment import Experiment
from core.data.dataset import Dataset
from core.runs import queries
from core.runs.checkpoint import Checkpoint
from core.runs.points import replace_points
from core.runs.records import Run, RunState, new_run
from core.runs.session import Session
from core.runs.store import Store
from core.training.control import Control
from core.training.events import Event, Failed, Finished
from core.training.history import History
from core.training.timeline import Timeline
from core.training.trainer import Trainer

EXPERIMENT = Experiment.of(
    {
        "name": "mine",
        "architecture": "8x8/4/6",
        "half_cycle": 4,
        "cycles": 1,
        "batch_size": 40,
        "evaluate_every": 3,
        "dataset": "synthetic",
    }
)

DEEP: dict[str, Any] = {
    "architecture": [
        {"kind": "conv", "filter": 4, "filters": 3, "stride": 4},
        {"kind": "batchnorm"},
        {"kind": "relu"},
        {"kind": "dropout", "probability": 0.3},
        {"kind": "globalpool"},
        {"kind": "linear", "units": 10},
    ],
    "momentum": 0.9,
    "nesterov": "on",
    "schedule": "one-cycle",
}
"""Settings in which everything that has state besides the weights is used."""

BRANCHES: dict[str, Any] = {
    "architecture": [
        {"kind": "conv", "filter": 4, "filters": 4, "stride": 4},
        {"kind": "layernorm"},
        {"kind": "leakyrelu"},
        {
            "kind": "residual",
            "layers": [
                {"kind": "conv", "filters": 6, "stride": 2, "padding": 1, "groups": 2},
                {"kind": "batchnorm"},
                {"kind": "gelu"},
                {"kind": "dropout", "probability": 0.2},
            ],
        },
        {"kind": "conv", "filter": [1, 3], "filters": 4, "dilation": 2, "padding": [0, 2]},
        {"kind": "linear", "units": 10},
    ],
    "optimiser": "adamw",
    "clip_norm": 0.5,
    "schedule": "cosine",
}
"""The same with layers in layers, and AdamW."""

FACTS: dict[str, Any] = {
    "data": None,
    "source": "built in",
    "machine": {},
    "parameters": 10,
    "updates_per_epoch": 7,
    "batch_size": 40,
    "total": 8,
}


def session(dataset: Dataset, root: Path, **values: Any) -> Session:
    """Return a session on one thread that saves its run under `root`."""
    return Session(EXPERIMENT.changed(**values), threads=1, store=Store(root), checkpoint_every=1e9)


def loader(dataset: Dataset) -> Callable[..., Dataset]:
    return lambda *what: dataset


def trained(dataset: Dataset, root: Path, **values: Any) -> Session:
    made = session(dataset, root, **values)
    made.run(load=loader(dataset))
    return made


def record_edit(store: Store, run: Run, update: int, **changes: Any) -> None:
    """Record an edit of a run."""
    store.writer.do(
        lambda connection: queries.add_event(
            connection, run, update, "edited", {"changes": changes}
        )
    )


@contextmanager
def created(store: Store, count: int = 1, **values: Any) -> Iterator[list[Run]]:
    """Create runs without points that this process holds the locks of."""
    pairs = [store.create(EXPERIMENT.changed(**values), **FACTS) for _ in range(count)]
    try:
        yield [run for run, _ in pairs]
    finally:
        for _, lock in pairs:
            lock.release()


def checkpoint(dataset: Dataset, **values: Any) -> Checkpoint:
    """Return the checkpoint of a run that has just ended."""
    trainer = Trainer(EXPERIMENT.changed(**values), dataset, 1)
    trainer.run(Control(), lambda event: None)
    normaliser = trainer.loader.normaliser
    return Checkpoint(
        "mine-1", trainer.timeline, trainer.state(), normaliser.mean, normaliser.deviation
    )


def plain(
    dataset: Dataset,
    timeline: Timeline,
    hear: Callable[[Event], None] = lambda event: None,
) -> tuple[Trainer, History, Finished | Failed]:
    """Train without interruption and without saving."""
    trainer, history = Trainer(timeline, dataset, 1), History()

    def tell(event: Event) -> None:
        history.add(event)
        hear(event)

    return trainer, history, trainer.run(Control(), tell)


def losses(history: History) -> dict[str, list[list[float]]]:
    """Return all recorded columns except the time."""
    return {
        kind: [table.read()[name].tolist() for name in table.columns if name != "seconds"]
        for kind, table in history.tables.items()
    }


def recorded(
    store: Store, count: int, updates: int = 40, state: RunState = RunState.FINISHED, **values: Any
) -> list[Run]:
    """Create finished runs with invented points; the last is the newest."""
    experiment = EXPERIMENT.changed(name="arch-2", half_cycle=updates // 2, **values)

    def job(connection: Any) -> list[Run]:
        made = []
        for _ in range(count):
            store.root.mkdir(parents=True, exist_ok=True)
            number = queries.next_number(connection, "arch-2", store.root)
            folder = store.root / f"arch-2-{number}"
            folder.mkdir()
            accuracy = (0.3 + number / 100) % 1
            result = {
                "preset": "arch-2", "dataset": "synthetic", "seed": number, "updates": updates,
                "seconds": 1.5, "parameters": 10, "train_accuracy": 0.9,
                "validation_accuracy": accuracy, "test_accuracy": accuracy, "train_loss": 0.1,
                "validation_loss": 0.2,
            }  # fmt: skip
            line = dataclasses.replace(
                new_run(folder.name, experiment.changed(seed=number), **FACTS),
                state=state, updates=updates, total=updates, evaluations=updates // 10,
                seconds=1.5, best_accuracy=accuracy, best_update=10, started=1.7e9 + 60 * number,
                result=result if state is RunState.FINISHED else None,
            )  # fmt: skip
            run = queries.add_run(connection, line)
            at = np.arange(1.0, updates + 1)
            points = np.stack([at, 0.1 + 0 * at, 2 / at, 3 / at, at / 100])
            replace_points(connection, run, "updates", points)
            at = at[9::10]
            found = np.minimum(at / 100 + number / 1000, 1.0)
            scores = np.stack([at, 1 / at, at / 100, 1 / at, found])
            replace_points(connection, run, "evaluations", scores)
            made.append(queries.add_event(connection, run, 0, "started", {}))
        return made

    return store.writer.do(job)

"""Runs to test with: short ones, on images that take no time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.data.dataset import Dataset
from core.experiment import Experiment
from core.runs.checkpoint import Checkpoint
from core.runs.records import Run
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
    """A session on one thread that keeps its run under `root`."""
    return Session(EXPERIMENT.changed(**values), threads=1, store=Store(root), checkpoint_every=1e9)


def loader(dataset: Dataset) -> Callable[..., Dataset]:
    return lambda *what: dataset


def trained(dataset: Dataset, root: Path, **values: Any) -> Session:
    made = session(dataset, root, **values)
    made.run(load=loader(dataset))
    return made


@contextmanager
def created(store: Store, count: int = 1, **values: Any) -> Iterator[list[Run]]:
    """Runs that this process works on and that have no points."""
    pairs = [store.create(EXPERIMENT.changed(**values), **FACTS) for _ in range(count)]
    try:
        yield [run for run, _ in pairs]
    finally:
        for _, hold in pairs:
            hold.release()


def checkpoint(dataset: Dataset, **values: Any) -> Checkpoint:
    """The checkpoint of a run that has just ended."""
    trainer = Trainer(EXPERIMENT.changed(**values), dataset, 1)
    trainer.run(Control(), lambda event: None)
    normaliser = trainer.feed.normaliser
    return Checkpoint(
        "mine-1", trainer.timeline, trainer.state(), normaliser.mean, normaliser.deviation
    )


def plain(
    dataset: Dataset,
    timeline: Timeline,
    hear: Callable[[Event], None] = lambda event: None,
) -> tuple[Trainer, History, Finished | Failed]:
    """A run that nothing interrupts and nobody keeps."""
    trainer, history = Trainer(timeline, dataset, 1), History()

    def tell(event: Event) -> None:
        history.add(event)
        hear(event)

    return trainer, history, trainer.run(Control(), tell)


def losses(history: History) -> dict[str, list[list[float]]]:
    """Everything that is recorded, but for the time that it took."""
    return {
        kind: [table.read()[name].tolist() for name in table.columns if name != "seconds"]
        for kind, table in history.tables.items()
    }

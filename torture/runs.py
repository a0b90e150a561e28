"""Short runs for the stress tests, and their outcomes if they are not disturbed."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.config.experiment import Experiment
from core.data.dataset import Dataset, Split
from core.runs.checkpoint import load_checkpoint
from core.runs.folder import BEST, RunFolder
from core.runs.records import Run, RunState
from core.runs.session import Session
from core.runs.store import Store
from core.training.events import Event, Started, UpdateDone
from core.training.history import History
from core.training.timeline import Edit
from torture.process import check, run_isolated

SMALL = Experiment.of(
    {
        "name": "torture",
        "architecture": "8x8/4/6",
        "half_cycle": 7,
        "cycles": 2,
        "batch_size": 40,
        "evaluate_every": 3,
        "copies": 50,
        "dataset": "synthetic",
    }
)
"""28 updates, the last of which is neither the end of an epoch nor an evaluation."""

EDITS = (Edit(4, {"eta_max": 0.05}), Edit(9, {"half_cycle": 9, "weight_decay": 0.01}))
"""Edits of `SMALL`; the second one makes it longer."""

AUGMENTATIONS = ("none", "offline", "fresh")

Columns = dict[str, npt.NDArray[np.float64]]
Listen = Callable[[Session, Event], None]


@cache
def dataset() -> Dataset:
    """Return a few hundred random images; the sizes of the sets have no common divisor."""
    rng = np.random.default_rng(7)

    def split(count: int) -> Split:
        images = rng.integers(0, 256, (count, 32, 32, 3), np.uint8)
        return Split(images, rng.integers(0, 10, count))

    return Dataset("synthetic", "built in", tuple("abcdefghij"), split(307), split(103), split(57))


def load(*_: object) -> Dataset:
    """Return the images, whatever the arguments."""
    return dataset()


def recorded(history: History) -> Columns:
    """Return all columns of a history except the time."""
    return {
        f"{kind}.{name}": np.array(table.read()[name])
        for kind, table in history.tables.items()
        for name in table.columns
        if name != "seconds"
    }


@dataclass(frozen=True)
class Outcome:
    """The outcome of a run, for bitwise comparison."""

    weights: dict[str, bytes]
    """The final weights, including the state of the optimiser, the best ones, and those kept."""
    points: Columns
    edits: tuple[Edit, ...]
    result: dict[str, Any]

    @property
    def updates(self) -> int:
        """Number of updates."""
        return len(self.points["updates.update"])

    def holds(self, points: Columns) -> bool:
        """Return whether `points` are a prefix of the points of this outcome, bit by bit."""
        return all(
            np.array_equal(points[name], whole[: len(points[name])])
            for name, whole in self.points.items()
        )

    def same(self, other: "Outcome") -> bool:
        """Return whether two outcomes are bitwise identical."""
        return (
            self.weights == other.weights
            and self.holds(other.points)
            and other.holds(self.points)
            and self.edits == other.edits
            and self.result == other.result
        )


def outcome(store: Store, run: Run) -> Outcome:
    """Return the outcome of a finished run, read from the disk."""
    check(run.state is RunState.FINISHED, f"{run.id} is {run.state.value} and not finished")
    newest = load_checkpoint(sorted(store.folder(run).glob("checkpoint-*"))[-1])
    check(newest.state.updates == run.updates, f"the last checkpoint of {run.id} is too old")
    result = {name: value for name, value in (run.result or {}).items() if name != "seconds"}
    best = load_checkpoint(store.folder(run) / BEST)
    result |= {"best": (run.best_accuracy, run.best_update, best.state.updates)}
    weights = {name: value.tobytes() for name, value in newest.state.tensors.items()}
    weights |= {f"best {name}": value.tobytes() for name, value in best.state.tensors.items()}
    weights |= {name: value.tobytes() for name, value in newest.state.optimiser.items()}
    for path in RunFolder(store.folder(run)).kept():
        tensors = load_checkpoint(path).state.tensors
        weights |= {f"{path.name} {name}": value.tobytes() for name, value in tensors.items()}
    return Outcome(
        weights=weights,
        points=recorded(store.history(run)),
        edits=store.edits(run),
        result=result,
    )


def train(
    root: Path,
    experiment: Experiment,
    edits: tuple[Edit, ...] = (),
    listen: Listen = lambda session, event: None,
    threads: int = 1,
    every: float = 1e9,
) -> Session:
    """Train an experiment in a store of its own, or resume the run in that store.

    Args:
        root: the folder of the store.
        experiment: the settings of the run.
        edits: the edits to make; edits that are already recorded are not made again.
        listen: called with every event.
        threads: maximum number of threads.
        every: seconds between two checkpoints.
    """
    store = Store(root)
    runs = store.runs()
    if runs:
        session = Session.resume(runs[0], threads=threads, store=store, checkpoint_every=every)
        made = store.edits(runs[0])
    else:
        session = Session(experiment, threads=threads, store=store, checkpoint_every=every)
        made = ()
    todo = {edit.update: edit.changes for edit in edits if edit not in made}

    def on_event(event: Event) -> None:
        done = event.update if isinstance(event, UpdateDone) else -1
        if isinstance(event, Started):  # the process may have died between an update and its edit
            done = event.done
        if done in todo:
            session.control.edit(todo.pop(done))
        listen(session, event)

    session.run(on_event, load)
    return session


def undisturbed(root: Path, experiment: Experiment, edits: tuple[Edit, ...] = ()) -> Outcome:
    """Train an experiment to its end in its own process, and return the outcome."""

    def work() -> Outcome:
        train(root, experiment, edits)
        store = Store(root)
        return outcome(store, store.runs()[0])

    return run_isolated(work)

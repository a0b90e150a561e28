"""Short runs to torture, and what the ones that nobody disturbs come to."""

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
from core.runs.folder import BEST
from core.runs.records import Run, RunState
from core.runs.session import Session
from core.runs.store import Store
from core.training.events import Event, Started, UpdateDone
from core.training.history import History
from core.training.timeline import Edit
from torture.process import apart, check

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
"""Twenty-eight updates, which end neither with an epoch nor with an evaluation."""

EDITS = (Edit(4, {"eta_max": 0.05}), Edit(9, {"half_cycle": 9, "weight_decay": 0.01}))
"""For `SMALL`: the second makes it longer."""

AUGMENTATIONS = ("none", "offline", "fresh")

Columns = dict[str, npt.NDArray[np.float64]]
Listen = Callable[[Session, Event], None]


@cache
def dataset() -> Dataset:
    """Return a few hundred images that take no time; no size divides another."""
    rng = np.random.default_rng(7)

    def split(count: int) -> Split:
        images = rng.integers(0, 256, (count, 32, 32, 3), np.uint8)
        return Split(images, rng.integers(0, 10, count))

    return Dataset("synthetic", "built in", tuple("abcdefghij"), split(307), split(103), split(57))


def load(*_: object) -> Dataset:
    """Return the images, whatever is asked for."""
    return dataset()


def recorded(history: History) -> Columns:
    """Return everything that a run told, but for the time that it took."""
    return {
        f"{kind}.{name}": np.array(table.read()[name])
        for kind, table in history.tables.items()
        for name in table.columns
        if name != "seconds"
    }


@dataclass(frozen=True)
class Outcome:
    """What a run comes to, to the bit."""

    weights: dict[str, bytes]
    """Those of the end, the velocity among them, and the best ones."""
    points: Columns
    edits: tuple[Edit, ...]
    result: dict[str, Any]

    @property
    def updates(self) -> int:
        """How many it took."""
        return len(self.points["updates.update"])

    def holds(self, points: Columns) -> bool:
        """Tell whether points are the beginning of these, to the bit."""
        return all(
            np.array_equal(points[name], whole[: len(points[name])])
            for name, whole in self.points.items()
        )

    def same(self, other: "Outcome") -> bool:
        """Tell whether a run came to the same, to the bit."""
        return (
            self.weights == other.weights
            and self.holds(other.points)
            and other.holds(self.points)
            and self.edits == other.edits
            and self.result == other.result
        )


def outcome(store: Store, run: Run) -> Outcome:
    """Return what a run that is over came to, as it is on the disk."""
    check(run.state is RunState.FINISHED, f"{run.id} is {run.state.value} and not finished")
    newest = load_checkpoint(sorted(store.folder(run).glob("checkpoint-*"))[-1])
    check(newest.state.updates == run.updates, f"the last checkpoint of {run.id} is too old")
    result = {name: value for name, value in (run.result or {}).items() if name != "seconds"}
    best = load_checkpoint(store.folder(run) / BEST)
    result |= {"best": (run.best_accuracy, run.best_update, best.state.updates)}
    weights = {name: value.tobytes() for name, value in newest.state.tensors.items()}
    weights |= {f"best {name}": value.tobytes() for name, value in best.state.tensors.items()}
    if newest.state.velocity is not None:
        weights["velocity"] = newest.state.velocity.tobytes()
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
    """Run an experiment in a folder of its own, or go on with the run that is there.

    Args:
        root: that folder.
        experiment: what to run.
        edits: what to edit, and after which updates; edits that are recorded are not made again.
        listen: told what happens.
        threads: at most so many.
        every: seconds from one checkpoint to the next.
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

    def hear(event: Event) -> None:
        done = event.update if isinstance(event, UpdateDone) else -1
        if isinstance(event, Started):  # it may have died between an update and its edit
            done = event.done
        if done in todo:
            session.control.edit(todo.pop(done))
        listen(session, event)

    session.run(hear, load)
    return session


def undisturbed(root: Path, experiment: Experiment, edits: tuple[Edit, ...] = ()) -> Outcome:
    """Run an experiment to its end in a process of its own; return what it came to."""

    def work() -> Outcome:
        train(root, experiment, edits)
        store = Store(root)
        return outcome(store, store.runs()[0])

    return apart(work)

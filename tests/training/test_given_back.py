"""A finished job holds nothing any more, at once: Python's collection of cycles is off here."""

import gc
import sys
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.benchmark import floor, profile
from core.benchmark.contender import Ours
from core.checks import gradients, probes, subject
from core.checks.settings import CheckSettings
from core.config import presets
from core.config.experiment import Experiment
from core.data.dataset import Dataset
from core.plan import plan
from core.runs.session import Session
from core.training import lr_finder
from core.training.control import Control
from core.training.events import Event, UpdateDone
from core.training.shard import Shard
from core.training.shards import ShardedNetwork
from core.training.trainer import Trainer


@pytest.fixture(autouse=True)
def no_collection() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> list["weakref.ref[Any]"]:
    """All large objects that are created from now on."""
    found: list[weakref.ref[Any]] = []

    def note(kind: type) -> None:
        init = kind.__init__  # type: ignore[misc]

        def noted(self: Any, *arguments: Any, **named: Any) -> None:
            found.append(weakref.ref(self))
            init(self, *arguments, **named)

        monkeypatch.setattr(kind, "__init__", noted)

    for each in (Trainer, ShardedNetwork, Shard, floor.Floor, subject.Subject, probes.Prober):
        note(each)
    return found


def left(large: list["weakref.ref[Any]"]) -> list[object]:
    """Return the objects that still exist, out of at least one that was created."""
    assert large
    return [each() for each in large if each() is not None]


def shared_mappings() -> int:
    if sys.platform != "linux":
        return 0
    return Path("/proc/self/maps").read_text().count("/dev/zero")


def short(**changes: object) -> Experiment:
    settings = {"max_updates": 4, "evaluate_every": 2, "training_sample": 100, "batch_size": 13}
    return presets.load("arch-2").changed(
        dataset="synthetic", validation_size=100, **settings | changes
    )


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"augmentation": "offline", "copies": 20},
        {"augmentation": "fresh", "momentum": 0.9},
        {"shards": 3, "dtype": "float64"},
    ],
    ids=str,
)
def test_a_trainer_that_is_over(kind, large, small, changes: dict[str, object]) -> None:  # type: ignore[no-untyped-def]
    before = shared_mappings()
    trainer = Trainer(short(**changes), small, threads=2)
    assert sys.platform != "linux" or shared_mappings() > before
    trainer.run(Control(), lambda event: None)
    del trainer
    assert left(large) == []
    assert shared_mappings() == before


def test_a_trainer_that_nobody_closed(kind, large, small) -> None:  # type: ignore[no-untyped-def]
    trainer = Trainer(short(), small, threads=2)
    trainer.step(0)
    workers = [weakref.ref(worker) for worker in trainer.engine.pool.others]
    worker = getattr(trainer.engine.pool.others[0], "_thread", None)
    del trainer
    assert left(large) == []
    assert left(workers) == []
    if worker is not None:
        worker.join(60)
        assert not worker.is_alive()


@pytest.mark.parametrize("size", [7, 6])
def test_a_trainer_in_which_a_shard_failed(kind, large, small, size: int, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    learns = Shard.forward_backward

    def learn(self: Shard, *arguments: Any) -> None:
        if self.size == size:
            raise MemoryError
        learns(self, *arguments)

    monkeypatch.setattr(Shard, "forward_backward", learn)
    trainer = Trainer(short(), small, threads=2)
    with pytest.raises(MemoryError):
        trainer.run(Control(), lambda event: None)
    del trainer
    assert left(large) == []


@pytest.mark.parametrize("faulty", [False, True])
def test_a_session(large, small: Dataset, faulty: bool) -> None:  # type: ignore[no-untyped-def]
    def listen(event: Event) -> None:
        if faulty and isinstance(event, UpdateDone) and event.update == 3:
            raise MemoryError

    session = Session(short())
    if faulty:
        with pytest.raises(MemoryError):
            session.run(listen, lambda *_: small)
    else:
        session.run(listen, lambda *_: small)
    assert left(large) == []


def measure(experiment: Experiment, small: Dataset) -> None:
    ours = Ours(experiment, small, 2)
    ours.update(0)
    ours.close()


def multiply(experiment: Experiment, small: Dataset) -> None:
    made = floor.Floor(plan(experiment, "synthetic").layers, [5, 5], 2, "float32")
    made.update(0)
    made.close()


def find_rates(experiment: Experiment, small: Dataset) -> None:
    settings = lr_finder.RangeSettings(updates=50)
    lr_finder.run(experiment, settings, load=lambda *_: small)


def take_times(experiment: Experiment, small: Dataset) -> None:
    profile.profile(experiment, repeats=1, load=lambda *_: small)


def check(experiment: Experiment, small: Dataset) -> None:
    settings = CheckSettings(reference="central", batch_size=1, entries=1)
    gradients.run(experiment, settings, load=lambda *_: small)


@pytest.mark.parametrize("job", [measure, multiply, find_rates, take_times, check])
def test_other_jobs(large, small, job: Callable[[Experiment, Dataset], None]) -> None:  # type: ignore[no-untyped-def]
    job(short(), small)
    assert left(large) == []

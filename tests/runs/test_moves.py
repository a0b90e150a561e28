"""A run records on which machine it began, and where it went on."""

from dataclasses import replace
from pathlib import Path

import pytest

from core import system
from core.data.dataset import Dataset
from core.runs import moves
from core.runs.doctor.check import examine
from core.runs.piecewise import PiecewiseRuns
from core.runs.records import Event
from core.runs.session import Session
from core.runs.store import Store
from core.training.events import UpdateDone
from tests.runs.made import EXPERIMENT, loader
from tests.runs.test_piecewise import piece

HERE = system.describe()
THERE = replace(HERE, cpu="another processor").as_dict()


def moved(store: Store) -> list[tuple[int, str]]:
    return [
        (event.update, moves.described(event))
        for event in store.events(store.find("latest"))
        if event.kind == moves.MOVED
    ]


def until_a_step(session: Session, dataset: Dataset) -> None:
    """Run a session until it has trained."""

    def stop(event: object) -> None:
        if isinstance(event, UpdateDone):
            session.control.stop()

    session.run(stop, load=loader(dataset))


def test_a_run_in_pieces_names_the_machines_that_trained_it(small: Dataset, tmp_path: Path) -> None:
    store = Store(tmp_path)
    runs = PiecewiseRuns(store, small)
    run = runs.begin(EXPERIMENT)
    for until, machine in ((2, THERE), (4, THERE), (6, HERE.as_dict())):
        run.add(replace(piece(runs, run, until), machine=machine))
        run.commit()
        assert store.find("latest").machine == machine
    run.stop("enough")
    words = f"moved: cpu another processor then, {HERE.cpu} now"
    assert moved(store) == [(4, words)]
    assert examine(store).findings == []


def test_a_resumed_run_says_that_it_moved(
    small: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)
    until_a_step(Session(EXPERIMENT, threads=1, store=store), small)
    done = store.find("latest").updates
    monkeypatch.setattr(system, "describe", lambda: replace(HERE, numpy="9.0"))
    for _ in range(2):  # only the first resume is a move
        until_a_step(Session.resume(store.find("latest"), threads=1, store=store), small)
    assert moved(store) == [(done, f"moved: numpy {HERE.numpy} then, 9.0 now")]
    assert store.find("latest").machine["numpy"] == "9.0"


def test_what_a_repair_could_not_recover_does_not_differ() -> None:
    assert moves.differences({}, THERE) == ""


def test_a_damaged_event_can_be_described() -> None:
    assert moves.described(Event(0.0, 1, moves.MOVED, {})) == "moved: "
    assert moves.described(Event(0.0, 1, "resumed", {"machine": "x"})) == "resumed"

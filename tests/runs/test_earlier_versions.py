"""Runs that an earlier version wrote are listed, evaluated and resumed as they always were."""

import shutil
import sqlite3
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest

from core.config import presets
from core.config.experiment import Experiment
from core.data import synthetic
from core.data.normalise import Normaliser
from core.predictions.choice import choose
from core.predictions.model import Model
from core.runs import database
from core.runs.doctor.check import examine
from core.runs.records import RunState
from core.runs.session import Session
from core.runs.store import Store
from core.training.events import Event, Finished

FIXTURE = Path(__file__).parents[1] / "fixtures" / "store-of-november-2026"


@pytest.fixture
def earlier(convsole_home: Path) -> Store:
    """A copy of the store, to be written to."""
    root = convsole_home / "saved_models"
    shutil.copytree(FIXTURE / "saved_models", root, dirs_exist_ok=True)
    return Store(root)


def test_all_runs_are_listed_and_sound(earlier: Store) -> None:
    runs = {run.id: run for run in earlier.runs()}
    assert {name: run.state for name, run in runs.items()} == {
        "finished-1": RunState.FINISHED,
        "edited-1": RunState.STOPPED,
        "crashed-1": RunState.CRASHED,
    }
    assert {name: run.updates for name, run in runs.items()} == {
        "finished-1": 40,
        "edited-1": 25,
        "crashed-1": 27,
    }
    assert runs["finished-1"].at_end()["test_accuracy"] == pytest.approx(0.1135)
    assert runs["edited-1"].at_stop()["test_accuracy"] == pytest.approx(0.1)
    assert len(earlier.history(runs["edited-1"]).updates) == 25
    assert [event.kind for event in earlier.events(runs["edited-1"])][:2] == ["started", "edited"]
    assert not examine(earlier, None).findings


def test_runs_have_no_health_record_until_they_are_resumed(earlier: Store) -> None:
    for run in earlier.runs():
        assert (run.health, len(earlier.history(run).health)) == (0, 0)
    began = choose(earlier, earlier.find("edited-1")).checkpoint
    if not np.array_equal(Normaliser.of_training(synthetic.load()).mean, began.mean):
        pytest.skip("this processor draws other built-in images than that of the earlier runs")
    session = Session.resume(earlier.find("edited-1"), None, 1)
    session.run()
    run = earlier.find("edited-1")
    assert earlier.history(run).health.read()["update"].tolist() == [32]
    assert run.health == 1


def test_a_folder_that_cannot_be_written_is_still_read(
    earlier: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = earlier.root / database.NAME
    before = path.read_bytes()

    def refuse(connection: sqlite3.Connection) -> AbstractContextManager[None]:
        connection.execute("PRAGMA query_only=ON")  # as on a disk that is mounted read-only
        return writing(connection)

    writing = database.writing
    monkeypatch.setattr(database, "writing", refuse)
    assert len(earlier.runs()) == 3
    assert len(earlier.history(earlier.find("edited-1")).updates) == 25
    assert earlier.studies() == []
    assert not examine(earlier, None).findings
    assert path.read_bytes() == before


def test_a_study_can_be_added(earlier: Store) -> None:
    study = earlier.create_study("rates", {}, "")
    assert Store(earlier.root).studies() == [study]
    assert len(earlier.runs()) == 3
    assert not examine(earlier, None).findings


def test_what_a_network_says_has_not_changed(earlier: Store) -> None:
    run = earlier.find("finished-1")
    split = synthetic.load().test
    predictions = Model(choose(earlier, run).checkpoint).predict(split)
    right = np.mean(predictions.probabilities.argmax(axis=1) == split.labels)
    assert right == pytest.approx(0.1135)
    assert predictions.loss / len(split) == pytest.approx(2.3122, abs=1e-4)


@pytest.mark.parametrize("name", ["edited-1", "crashed-1"])
def test_a_run_comes_to_the_end_that_the_earlier_version_came_to(earlier: Store, name: str) -> None:
    began = choose(earlier, earlier.find(name)).checkpoint
    if not np.array_equal(Normaliser.of_training(synthetic.load()).mean, began.mean):
        pytest.skip("this processor draws other built-in images than that of the earlier runs")
    events: list[Event] = []
    session = Session.resume(earlier.find(name), None, 1)
    assert isinstance(session.run(events.append), Finished)
    run = earlier.find(name)
    assert (run.state, run.updates) == (RunState.FINISHED, 40)
    state = choose(earlier, run).checkpoint.state
    reached = {**state.tensors, **state.optimiser}
    with np.load(FIXTURE / "after-the-last-update.npz") as expected:
        for tensor, value in reached.items():
            key = next(key for key in expected if key.startswith(name) and key.endswith(tensor))
            np.testing.assert_allclose(value, expected[key], rtol=1e-7, atol=1e-10, err_msg=key)


@pytest.mark.parametrize("name", presets.ORDER)
def test_settings_files_are_read_back_as_they_were(name: str) -> None:
    preset = presets.load(name)
    without_note = "\n".join(
        line for line in preset.to_toml().splitlines() if not line.startswith("#")
    )
    assert Experiment.from_toml(without_note) == preset

"""From settings to a saved run, however it ends."""

import json
from pathlib import Path

import pytest

from core.data import home
from core.data.dataset import DataError, Dataset
from core.experiment import Experiment
from core.runs.session import Session
from core.runs.store import StoreError
from core.settings import SettingError
from core.training.events import Event, Failed, Finished, Started, UpdateDone
from tests.runs.test_store import EXPERIMENT, FILES, names


def test_a_session_trains_and_keeps(small: Dataset, convsole_home: Path) -> None:
    asked: list[object] = []

    def load(*what: object) -> Dataset:
        asked.extend(what)
        return small

    told: list[Event] = []
    session = Session(EXPERIMENT.changed(dataset="auto", validation_size=200), Path("x"), threads=1)
    on_disk: list[set[str]] = []

    def listen(event: Event) -> None:
        told.append(event)
        assert session.folder is not None
        if isinstance(event, Started | Finished):
            on_disk.append(names(session.folder.path))

    end = session.run(listen, load)
    assert asked == ["auto", Path("x"), 200]
    assert isinstance(end, Finished)
    assert told[-1] is end
    assert session.folder is not None
    assert session.folder.path == convsole_home / "saved_models" / "mine-1"
    # The last word is said when everything is on disk.
    assert on_disk == [{".lock", "settings.toml"}, FILES]
    # What was found in place of `auto` is what the run is known by.
    assert session.experiment.dataset == "synthetic"
    kept = Experiment.read(session.folder.path / "settings.toml")
    assert kept == session.experiment
    assert session.history.result is end.result
    assert len(session.history.updates) == 8


def test_a_stopped_session_is_kept(small: Dataset) -> None:
    session = Session(EXPERIMENT, threads=1)

    def listen(event: Event) -> None:
        if isinstance(event, UpdateDone) and event.update == 5:
            session.control.stop()

    end = session.run(listen, lambda *what: small)
    assert isinstance(end, Finished)
    assert end.stopped
    assert session.folder is not None
    assert names(session.folder.path) == FILES
    result = json.loads((session.folder.path / "result.json").read_text())
    assert result["state"] == "stopped"
    assert result["updates"] == 5
    assert len((session.folder.path / "updates.csv").read_text().splitlines()) == 6


def test_a_failed_session_is_kept(small: Dataset) -> None:
    wild = EXPERIMENT.changed(weight_decay=5, eta_max=10, half_cycle=50)
    session, told = Session(wild, threads=1), []
    end = session.run(told.append, lambda *what: small)
    assert isinstance(end, Failed)
    assert told[-1] is end
    assert session.folder is not None
    assert names(session.folder.path) == FILES
    assert json.loads((session.folder.path / "result.json").read_text())["state"] == "failed"


def test_nothing_is_written_for_a_run_that_cannot_begin(small: Dataset) -> None:
    def missing(*what: object) -> Dataset:
        raise DataError("there is nothing")

    with pytest.raises(DataError, match="there is nothing"):
        Session(EXPERIMENT).run(load=missing)
    with pytest.raises(SettingError, match="too few for a batch of 400"):
        Session(EXPERIMENT.changed(batch_size=400)).run(load=lambda *what: small)
    impossible = EXPERIMENT.changed(architecture="40x40/4/6")
    with pytest.raises(SettingError, match="layer 1"):
        Session(impossible).run(load=lambda *what: small)
    assert not home.saved_models_folder().exists()


def test_a_home_that_cannot_be_written_to_is_known_before_the_training(
    small: Dataset, convsole_home: Path
) -> None:
    (convsole_home / "saved_models").write_text("in the way")
    told: list[Event] = []
    with pytest.raises(StoreError, match="cannot write to"):
        Session(EXPERIMENT).run(told.append, lambda *what: small)
    assert told == []

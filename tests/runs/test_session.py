"""Sessions: from settings to a saved run, however it ends."""

import dataclasses
import os
import sqlite3
import stat
import threading
from pathlib import Path
from typing import Any

import pytest

from core.data import cached_cifar10, cifar10, home
from core.data.dataset import DataError, Dataset
from core.errors import DamagedError, StoreError
from core.predictions.export import write_folder
from core.runs import database, points
from core.runs.checkpoint import load_checkpoint
from core.runs.records import RunState
from core.runs.session import Session
from core.runs.store import Store
from core.settings import SettingError
from core.training.events import Event, Failed, Finished, Started, UpdateDone
from tests.data import fakes
from tests.runs.made import EXPERIMENT, loader, losses, session, trained

FILES = {".lock", "settings.toml", "checkpoint-00000008.safetensors", "best.safetensors"}


def names(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir()}


def test_a_session_trains_and_keeps(small: Dataset, convsole_home: Path) -> None:
    asked: list[object] = []

    def load(*what: object) -> Dataset:
        asked.extend(what)
        return small

    told: list[Event] = []
    made = Session(EXPERIMENT.changed(dataset="auto", validation_size=200), Path("x"), threads=1)
    states: list[RunState] = []

    def listen(event: Event) -> None:
        told.append(event)
        if isinstance(event, Started | Finished):
            states.append(made.store.find("latest").state)

    end = made.run(listen, load)
    assert asked == ["auto", Path("x"), 200]
    assert isinstance(end, Finished)
    assert told[-1] is end
    assert made.folder is not None
    assert made.folder.path == convsole_home / "saved_models" / "mine-1"
    # The last event is passed on when everything is on the disk.
    assert states == [RunState.RUNNING, RunState.FINISHED]
    assert names(made.folder.path) == FILES
    # The record contains the data set that replaced `auto`.
    run = made.store.find("mine-1")
    assert run == made.record
    assert made.experiment.dataset == "synthetic"
    assert run.experiment() == made.experiment
    assert run.data == str(Path("x").absolute())
    assert run.machine["numpy"]
    assert (run.updates, run.total, run.evaluations) == (8, 8, 3)
    assert run.result == end.result.as_dict()
    assert run.ended is not None
    assert run.started <= run.ended
    assert (run.best_accuracy, run.best_update) == made.history.best()
    kept = made.store.history(run)
    assert losses(kept) == losses(made.history)
    assert kept.result == made.history.result == end.result
    assert [event.kind for event in made.store.events(run)] == ["started", "finished"]


def test_weights_and_normalisation_are_those_of_the_end(small: Dataset, tmp_path: Path) -> None:
    made = trained(small, tmp_path)
    assert made.folder is not None
    for path in made.folder.path.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (last,) = made.folder.numbered()
    found = load_checkpoint(last)
    assert found.state.updates == 8
    assert found.run == "mine-1"
    assert found.timeline.experiment == made.experiment
    best = load_checkpoint(made.folder.best())
    assert best.state.updates == (made.history.best() or (0, 0))[1]


def test_a_stopped_session_is_kept(small: Dataset, tmp_path: Path) -> None:
    made = session(small, tmp_path)

    def listen(event: Event) -> None:
        if isinstance(event, UpdateDone) and event.update == 5:
            made.control.stop()

    end = made.run(listen, loader(small))
    assert isinstance(end, Finished)
    assert end.stopped
    run = made.store.find("latest")
    assert run.state is RunState.STOPPED
    assert (run.updates, run.evaluations) == (5, 2)
    assert run.result is not None
    assert run.result["updates"] == 5


def test_an_interrupted_session_is_kept_and_not_measured(small: Dataset, tmp_path: Path) -> None:
    made = session(small, tmp_path)

    def listen(event: Event) -> None:
        if isinstance(event, UpdateDone) and event.update == 5:
            made.control.interrupt()

    end = made.run(listen, loader(small))
    assert end == Finished(None, stopped=True)
    run = made.store.find("latest")
    assert run.state is RunState.STOPPED
    assert run.result is made.history.result is None
    assert (run.updates, run.evaluations) == (5, 1)
    assert not made.store.writer.saving
    assert made.folder is not None
    assert load_checkpoint(made.folder.numbered()[0]).state.updates == 5


def test_a_failed_session_is_kept(small: Dataset, tmp_path: Path) -> None:
    made, told = session(small, tmp_path, weight_decay=5, eta_max=10, half_cycle=50), []
    end = made.run(told.append, loader(small))
    assert isinstance(end, Failed)
    assert told[-1] is end
    run = made.store.find("latest")
    assert (run.state, run.reason, run.result) == (RunState.FAILED, end.reason, None)
    assert run.updates == len(made.history.updates) > 0


def test_nothing_is_written_for_a_run_that_cannot_begin(small: Dataset) -> None:
    def missing(*what: object) -> Dataset:
        raise DataError("there is nothing")

    with pytest.raises(DataError, match="there is nothing"):
        Session(EXPERIMENT).run(load=missing)
    with pytest.raises(SettingError, match="too few for a batch of 400"):
        Session(EXPERIMENT.changed(batch_size=400)).run(load=loader(small))
    impossible = EXPERIMENT.changed(architecture="40x40/4/6")
    with pytest.raises(SettingError, match="layer 1"):
        Session(impossible).run(load=loader(small))
    assert not home.saved_models_folder().exists()


def test_a_home_that_cannot_be_written_to_is_known_before_the_training(
    small: Dataset, convsole_home: Path
) -> None:
    (convsole_home / "saved_models").write_text("in the way")
    told: list[Event] = []
    with pytest.raises(StoreError, match="cannot"):
        Session(EXPERIMENT).run(told.append, loader(small))
    assert told == []


def test_results_are_json_whatever_the_numbers(
    small: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.training.events import Result

    as_dict = Result.as_dict
    monkeypatch.setattr(Result, "as_dict", lambda self: {**as_dict(self), "train_loss": None})
    made = trained(small, tmp_path)
    run = made.store.find("latest")
    assert run.result is not None
    assert run.result["train_loss"] is None
    result = made.store.history(run).result
    assert result is not None
    assert result.train_loss != result.train_loss


def test_two_programs_write_at_once(small: Dataset, tmp_path: Path) -> None:
    one = session(small, tmp_path)
    other: list[Session] = []

    def listen(event: Event) -> None:
        if isinstance(event, UpdateDone) and event.update == 4:
            other.append(trained(small, tmp_path))

    one.run(listen, loader(small))
    runs = Store(tmp_path).runs()
    assert [run.id for run in runs] == ["mine-2", "mine-1"]
    assert [run.updates for run in runs] == [8, 8]


def test_a_run_that_goes_on_while_it_is_read_is_read_as_it_is(
    small: Dataset, tmp_path: Path
) -> None:
    made, seen = session(small, tmp_path), []

    def listen(event: Event) -> None:
        if isinstance(event, UpdateDone) and event.update in (2, 6):
            made.store.writer.flush()
            seen.append(made.store.find("latest"))
            seen.append(len(made.store.history(seen[0]).updates))

    made.run(listen, loader(small))
    assert seen[1::2] == [2, 6]


def test_points_of_another_run_are_noticed(small: Dataset, tmp_path: Path) -> None:
    """A changed bit of an index can make SQLite return valid points of another run, as many."""
    trained(small, tmp_path)
    trained(small, tmp_path, seed=1)
    connection = sqlite3.connect(tmp_path / database.NAME)
    (theirs,) = connection.execute(
        "SELECT points FROM chunks WHERE run = 1 AND kind = 'updates'"
    ).fetchone()
    connection.execute(
        "UPDATE chunks SET (rows, points, checksum) = (SELECT rows, points, checksum "
        "FROM chunks WHERE run = 1 AND kind = 'updates') WHERE run = 2 AND kind = 'updates'"
    )
    connection.commit()
    connection.close()
    assert len(theirs) == 8 * 5 * 8
    store = Store(tmp_path)
    with pytest.raises(DamagedError, match="points are not as they were written"):
        store.history(store.find("mine-2"))
    assert len(store.history(store.find("mine-1")).updates) == 8


def test_a_folder_that_is_deleted_meanwhile_is_made_again(small: Dataset, tmp_path: Path) -> None:
    import shutil

    root = tmp_path / "root"
    made = session(small, root)

    def listen(event: Event) -> None:
        if isinstance(event, UpdateDone) and event.update == 5:
            made.store.writer.flush()
            shutil.rmtree(root)

    end = made.run(listen, loader(small))
    assert isinstance(end, Finished)
    (run,) = Store(root).runs()
    assert run.state is RunState.FINISHED
    assert losses(Store(root).history(run)) == losses(made.history)
    assert [event.kind for event in Store(root).events(run)] == ["started", "finished"]
    assert made.folder is not None
    assert load_checkpoint(made.folder.numbered()[0]).state.updates == 8


def test_a_disk_that_is_full_for_a_while_loses_nothing(
    small: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = session(small, tmp_path)
    troubles: list[str | None] = []

    def full(*what: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    def listen(event: Event) -> None:
        if isinstance(event, UpdateDone) and event.update == 4:
            monkeypatch.setattr("core.runs.points.write_chunk", full)
            with pytest.raises(StoreError):
                made.store.writer.flush()
            troubles.append(made.trouble)
        if isinstance(event, UpdateDone) and event.update == 6:
            monkeypatch.undo()
            made.store.writer.flush()
            troubles.append(made.trouble)

    made.run(listen, loader(small))
    assert troubles[0] is not None
    assert str(tmp_path / database.NAME) in troubles[0]
    assert troubles[1] is None
    run = made.store.find("latest")
    assert losses(made.store.history(run)) == losses(made.history)


def test_a_writer_that_fails_in_another_way_goes_on(
    small: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, failed = session(small, tmp_path), threading.Event()
    monkeypatch.setattr("core.runs.writer.INTERVAL", 0.001)
    write = points.write_chunk

    def full(*what: Any) -> None:
        if not failed.is_set():
            failed.set()
            raise MemoryError
        write(*what)

    monkeypatch.setattr("core.runs.points.write_chunk", full)

    def listen(event: Event) -> None:
        if isinstance(event, UpdateDone) and event.update == 4:
            assert failed.wait(10)

    made.run(listen, loader(small))
    assert losses(made.store.history(made.store.find("latest"))) == losses(made.history)


def test_a_disk_that_stays_full_is_told_and_the_run_can_go_on(
    small: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = session(small, tmp_path)
    monkeypatch.setattr("core.runs.recorder.END_TIMEOUT_S", 0.0)

    def full(*what: object) -> None:
        raise OSError(28, "No space left on device")

    def listen(event: Event) -> None:
        if isinstance(event, UpdateDone) and event.update == 4:
            monkeypatch.setattr("core.runs.folder.save_checkpoint", full)

    with pytest.raises(StoreError, match=r"the end of mine-1 is not kept: .*no space left.*resume"):
        made.run(listen, loader(small))
    monkeypatch.undo()
    run = made.store.find("latest")
    assert run.state is RunState.CRASHED
    again = Session.resume(run, threads=1, store=Store(tmp_path))
    again.run(load=loader(small))
    assert losses(again.history) == losses(made.history)
    assert made.store.find("latest").state is RunState.FINISHED


@pytest.mark.parametrize("name", [b"caf\xe9", b"a\x1b[2J\n", b"plain", b"file:"])
def test_data_in_a_folder_of_any_name(small: Dataset, tmp_path: Path, name: bytes) -> None:
    folder = tmp_path / os.fsdecode(name)
    folder.mkdir()
    made = session(small, tmp_path / "runs")
    made.data = folder
    made.run(load=loader(small))
    run = made.store.find("latest")
    assert run.data is not None
    run.data.encode()
    again = Session.resume(run, store=made.store)
    assert again.data == folder


def test_a_home_of_any_name(small: Dataset, tmp_path: Path) -> None:
    root = tmp_path / os.fsdecode(b"caf\xe9\x1b\n") / "saved_models"
    end = session(small, root).run(load=loader(small))
    assert isinstance(end, Finished)
    run = Store(root).find("latest")
    assert run.state is RunState.FINISHED
    write_folder(run, Store(root).history(run), None, root.parent / "out")
    assert names(root.parent / "out") >= {"result.json", "updates.csv"}


def test_a_run_on_cached_images_is_the_same_to_the_bit(tmp_path: Path) -> None:
    folder = fakes.write_folder(tmp_path / "data", fakes.BINARY)
    made = []
    for name in ("cold", "warm"):
        experiment = EXPERIMENT.changed(dataset="cifar10", batch_size=5)
        one = Session(experiment, threads=1, store=Store(tmp_path / name))
        end = one.run(load=lambda *_: cached_cifar10.load(folder, 4, fakes.LAYOUTS))
        assert isinstance(end, Finished)
        assert end.result is not None
        assert one.record is not None
        assert one.folder is not None
        state = load_checkpoint(one.folder.numbered()[0]).state
        tensors = {key: value.tobytes() for key, value in state.tensors.items()}
        result = {**end.result.as_dict(), "seconds": None}
        made.append((losses(one.history), tensors, result, one.store.data_hash(one.record)))
    assert made[0] == made[1]
    assert made[0][3] == cifar10.load(folder, 4, fakes.LAYOUTS).hash


def test_what_reading_has_to_say_is_a_note(small: Dataset, tmp_path: Path) -> None:
    said = dataclasses.replace(small, notes=("it was slow",))
    assert trained(said, tmp_path).notes == ["it was slow"]

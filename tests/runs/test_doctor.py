"""Damage is found and repaired where possible, and readable data are never lost."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from core.config.experiment import Experiment
from core.data.dataset import Dataset
from core.errors import StoreError
from core.runs import database
from core.runs.doctor.check import examine
from core.runs.doctor.repair import repair
from core.runs.folder import SETTINGS
from core.runs.records import RunState
from core.runs.session import Session
from core.runs.store import Store
from core.training.timeline import Edit, Timeline
from tests.runs.made import EXPERIMENT, created, loader, losses, recorded, trained
from tests.runs.sealing import seal, two_runs
from tests.runs.test_resume import EDITS, LONG, interrupted, weights, whole
from tui.runs.view_model import RunBook


def kinds(store: Store) -> list[str]:
    return [found.kind for found in examine(store).findings]


def mended(store: Store) -> list[str]:
    found = [each.kind for each in repair(store, examine(store))]
    assert kinds(store) == []
    return [str(each) for each in found]


def execute(store: Store, *statements: str) -> None:
    connection = sqlite3.connect(store.root / database.NAME)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def test_nothing_is_wrong_where_nothing_is(tmp_path: Path) -> None:
    examined = examine(Store(tmp_path / "nothing"))
    assert (examined.runs, examined.checkpoints, examined.findings) == (0, 0, [])
    assert not (tmp_path / "nothing").exists()


def test_nothing_is_wrong_with_what_was_just_written(small: Dataset, tmp_path: Path) -> None:
    made = trained(small, tmp_path)
    examined = examine(made.store)
    assert (examined.runs, examined.points, examined.checkpoints) == (1, 8 + 3 + 4, 2)
    assert examined.findings == []


def test_a_damaged_checkpoint_is_put_aside(small: Dataset, tmp_path: Path) -> None:
    made = trained(small, tmp_path)
    assert made.folder is not None
    (newest,) = made.folder.numbered()
    newest.write_bytes(newest.read_bytes()[:-1])
    (made.folder.path / ".best.safetensors.draft").write_bytes(b"half")
    earlier = newest.with_name("checkpoint-00000002.safetensors")
    shutil.copy(made.folder.best(), earlier)
    examined = examine(made.store)
    assert [found.kind for found in examined.findings] == ["checkpoint", "draft"]
    done = examined.findings[0].fixed
    assert done.startswith(f"renamed it to {newest.name}.damaged; the one after ")
    assert done.endswith(" updates is left")
    assert mended(made.store) == ["checkpoint", "draft"]
    assert newest.with_name(f"{newest.name}.damaged").exists()


def test_a_run_whose_weights_are_gone_is_told(small: Dataset, tmp_path: Path) -> None:
    made = trained(small, tmp_path)
    assert made.folder is not None
    assert made.record is not None
    (newest,) = made.folder.numbered()
    newest.write_bytes(b"")
    (found,) = repair(made.store, examine(made.store))
    assert found.fixed == f"renamed it to {newest.name}.damaged; no other is left"
    (found,) = examine(made.store).findings
    settings = made.folder.path / SETTINGS
    again = f"`convsole train {settings}` trains it again"
    assert found.what == f"the weights of {made.record.id} are gone; {again}"
    assert not found.fix
    made.store.describe(made.record, state=RunState.STOPPED)
    (found,) = examine(made.store).findings
    assert f"`convsole resume {made.record.id}` computes them again" in found.what
    made.store.delete(made.record)
    assert kinds(made.store) == ["deleted"]


def test_points_before_the_damage_stay_and_the_others_come_back(
    small: Dataset, tmp_path: Path
) -> None:
    (run,) = recorded(store := Store(tmp_path), 1, updates=3000)
    execute(store, "UPDATE chunks SET rows = rows - 1 WHERE kind = 'updates' AND number = 1")
    assert kinds(store) == ["points"]
    assert mended(store) == ["points"]
    now = store.get(run.number)
    assert (now.updates, now.evaluations, now.state) == (1024, 102, RunState.STOPPED)
    assert now.seconds == store.history(now).updates.last("seconds")
    assert (now.best_accuracy, now.best_update) == store.history(now).best_undisturbed(3, 3000)
    assert len(store.history(now).updates) == 1024


def test_a_run_whose_points_were_damaged_comes_out_the_same(small: Dataset, tmp_path: Path) -> None:
    made = interrupted(small, tmp_path, [20], EDITS, **LONG)
    tensors, expected, _ = whole(small, Timeline(EXPERIMENT.changed(**LONG), EDITS))
    execute(made.store, "DELETE FROM chunks WHERE kind = 'updates'")
    assert mended(made.store) == ["points"]
    store = Store(tmp_path)
    again = Session.resume(store.find("latest"), threads=1, store=store)
    again.run(load=loader(small))
    assert weights(small, again) == tensors
    assert losses(store.history(store.find("latest"))) == expected


def test_a_damaged_health_record_takes_nothing_else_with_it(small: Dataset, tmp_path: Path) -> None:
    made = trained(small, tmp_path)
    execute(made.store, "UPDATE chunks SET rows = rows - 1 WHERE kind = 'health'")
    assert kinds(made.store) == ["points"]
    assert mended(made.store) == ["points"]
    run = made.store.find("latest")
    assert (run.state, run.updates, run.health) == (RunState.FINISHED, 8, 0)
    history = made.store.history(run)
    assert (len(history.updates), len(history.health)) == (8, 0)


def test_a_missing_health_record_is_noticed(small: Dataset, tmp_path: Path) -> None:
    made = trained(small, tmp_path)
    execute(made.store, "DELETE FROM chunks WHERE kind = 'health'")
    (found,) = examine(made.store).findings
    assert "4 rows of health of mine-1 were recorded, 0 are there" in found.what


@pytest.mark.parametrize("fails", ["the new database", "the place of the old one"])
def test_a_repair_that_is_cut_short_leaves_everything_and_can_be_done_again(
    small: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    expected = losses(trained(small, tmp_path).history)
    trained(small, tmp_path, name="other")
    store = Store(tmp_path)
    execute(store, "UPDATE runs SET seconds = 99 WHERE id = 'other-1'")
    damaged = (tmp_path / database.NAME).read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        name = "_add_saved" if fails == "the new database" else "_rename_damaged"
        patched.setattr(f"core.runs.doctor.repair.{name}", full)
        with pytest.raises(StoreError):
            repair(store, examine(store))
    assert (tmp_path / database.NAME).read_bytes() == damaged
    assert not (tmp_path / ".repair").exists()
    assert mended(store) == ["database"]
    assert losses(Store(tmp_path).history(Store(tmp_path).find("mine-1"))) == expected


@pytest.mark.parametrize(
    "damage",
    ["UPDATE runs SET seconds = 99 WHERE id = 'mine-1'", "UPDATE counts SET runs = 9", "zeros"],
)
def test_a_damaged_database_is_made_anew(small: Dataset, tmp_path: Path, damage: str) -> None:
    first = interrupted(small, tmp_path, [20], EDITS, **LONG)
    tensors = weights(small, first)
    expected = losses(first.history)
    trained(small, tmp_path, name="other")
    store = Store(tmp_path)
    if damage == "zeros":
        path = tmp_path / database.NAME
        path.write_bytes(b"\0" * path.stat().st_size)
    else:
        execute(store, damage)
    assert kinds(store) == ["database"]
    with pytest.raises(StoreError, match="is damaged"):
        store.runs()
    assert mended(store) == ["database"]
    assert list(tmp_path.glob("runs.sqlite3.damaged-*"))
    store = Store(tmp_path)
    assert sorted(run.id for run in store.runs()) == ["mine-1", "other-1"]
    if damage == "UPDATE counts SET runs = 9":
        assert losses(store.history(store.find("mine-1"))) == expected
    # Its record is lost, but not what is needed to compute it again.
    again = Session.resume(store.find("mine-1"), threads=1, store=store)
    again.run(load=loader(small))
    run = store.find("mine-1")
    assert run.state is RunState.FINISHED
    assert weights(small, again) == tensors
    assert losses(store.history(run)) == expected
    assert store.edits(run) == EDITS


def test_a_folder_that_is_not_on_the_list_is_put_there(small: Dataset, tmp_path: Path) -> None:
    made = trained(small, tmp_path / "a")
    trained(small, tmp_path / "b", name="other")
    shutil.copytree(tmp_path / "a" / "mine-1", tmp_path / "b" / "mine-1")
    store = Store(tmp_path / "b")
    assert kinds(store) == ["folder"]
    assert mended(store) == ["folder"]
    run = store.find("mine-1")
    assert run.experiment() == made.experiment
    again = Session.resume(run, threads=1, store=store)
    again.run(load=loader(small))
    assert losses(again.history) == losses(made.history)


def test_deleted_runs_and_lost_folders_are_told(tmp_path: Path) -> None:
    store = Store(tmp_path)
    one, other = recorded(store, 2)
    shutil.rmtree(store.folder(one))
    store.delete(other)
    found = examine(store).findings
    assert sorted(each.kind for each in found) == ["deleted", "missing"]
    assert [each.kind for each in repair(store, examine(store))] == ["deleted"]
    assert not store.folder(other).exists()
    assert kinds(store) == ["missing"]


def test_what_an_open_app_can_bring_back_is_not_removed(tmp_path: Path) -> None:
    store = Store(tmp_path)
    (run,) = recorded(store, 1)
    book = RunBook(store)
    book.take(store.runs())
    book.delete(run)
    assert kinds(store) == []
    assert repair(store, examine(store)) == []
    assert book.undo().words == f"the deletion of {run.name}"
    assert [kept.id for kept in store.runs()] == [run.id]
    book.delete(run)
    book.close()
    assert not store.folder(run).exists()


def test_what_an_app_left_deleted_that_was_killed_is_removed(tmp_path: Path) -> None:
    store = Store(tmp_path)
    (run,) = recorded(store, 1)
    book = RunBook(store)
    book.take(store.runs())
    book.delete(run)
    book._deleted[run.number][1].release()  # as the system does
    assert mended(store) == ["deleted"]
    assert not store.folder(run).exists()


def test_a_folder_without_settings_is_looked_at_too(small: Dataset, tmp_path: Path) -> None:
    made = trained(small, tmp_path)
    assert made.folder is not None
    (made.folder.path / SETTINGS).unlink()
    (newest,) = made.folder.numbered()
    newest.write_bytes(newest.read_bytes()[:-1])
    assert kinds(made.store) == ["checkpoint", "settings"]
    assert [found.kind for found in repair(made.store, examine(made.store))] == [
        "checkpoint",
        "settings",
    ]
    assert kinds(made.store) == ["weights"]
    assert Experiment.read(made.folder.path / SETTINGS) == made.experiment


@pytest.mark.parametrize("settings", [True, False])
def test_a_database_that_has_gone_is_made_of_the_folders(
    small: Dataset, tmp_path: Path, settings: bool
) -> None:
    made = trained(small, tmp_path)
    trained(small, tmp_path, name="other")
    (tmp_path / database.NAME).unlink()
    if not settings:
        (tmp_path / "mine-1" / SETTINGS).unlink()
    store = Store(tmp_path)
    assert kinds(store) == ["database"]
    assert mended(store) == ["database"]
    assert sorted(run.id for run in store.runs()) == ["mine-1", "other-1"]
    again = Session.resume(store.find("mine-1"), threads=1, store=store)
    again.run(load=loader(small))
    assert losses(again.history) == losses(made.history)


def test_a_folder_of_a_name_that_no_run_has_is_none(small: Dataset, tmp_path: Path) -> None:
    made = trained(small, tmp_path)
    shutil.copytree(tmp_path / "mine-1", tmp_path / "my net")
    assert kinds(made.store) == []
    (tmp_path / database.NAME).unlink()
    assert mended(Store(tmp_path)) == ["database"]


def test_a_record_that_tells_of_millions_of_events_is_repaired_at_once() -> None:
    store = two_runs()
    assert seal(store.root, "runs", "number = 2", {"events": 10_000_000})
    assert mended(store) == ["points"]
    run = store.get(2)
    assert [event.kind for event in store.events(run)] == ["started", "edited"]


def test_nothing_is_repaired_under_a_training(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with created(store), pytest.raises(StoreError, match="mine-1 is being trained"):
        repair(store, examine(store))


def test_an_edit_that_only_the_checkpoint_knows_is_not_lost(small: Dataset, tmp_path: Path) -> None:
    made = interrupted(small, tmp_path, [20], EDITS, **LONG)
    execute(made.store, "DELETE FROM events")
    assert kinds(made.store) == ["points"]
    mended(made.store)
    store = Store(tmp_path)
    assert store.edits(store.find("latest")) == EDITS
    assert all(isinstance(edit, Edit) for edit in EDITS)


def test_a_damaged_database_is_kept_where_files_have_one_name_only(
    small: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained(small, tmp_path)
    store = Store(tmp_path)
    execute(store, "UPDATE counts SET runs = 9")
    damaged = (tmp_path / database.NAME).read_bytes()

    def refused(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("core.runs.doctor.repair.os.link", refused)
    assert mended(store) == ["database"]
    (aside,) = tmp_path.glob("runs.sqlite3.damaged-*")
    assert aside.read_bytes() == damaged

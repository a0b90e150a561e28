"""Checkpoints that are kept over a run."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from core.data.dataset import Dataset
from core.predictions.choice import choose, saved_checkpoints
from core.runs.checkpoint import load_checkpoint
from core.runs.doctor.check import examine
from core.runs.doctor.repair import repair
from core.runs.folder import RunFolder
from core.runs.pending import PendingCheckpoints
from core.runs.records import RunState
from core.runs.session import Session
from core.runs.store import Store
from core.training.events import Event, Started, UpdateDone
from core.training.timeline import Edit, Timeline
from tests.runs.made import EXPERIMENT, loader, losses, session, trained
from tests.runs.test_doctor import execute
from tests.runs.test_resume import EDITS, LONG, CrashError, interrupted, state_bytes, weights, whole

KEPT: dict[str, Any] = {**LONG, "kept_checkpoints": 5}


def kept(made: Session) -> dict[int, dict[str, Any]]:
    """Return the kept weights of a run by number of updates."""
    assert made.folder is not None
    found = [load_checkpoint(path).state for path in reversed(made.folder.kept())]
    return {state.updates: state_bytes(state) for state in found}


def spoil(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def resumed(dataset: Dataset, root: Path) -> tuple[Session, list[int]]:
    """Resume a run to its end; return the session and the update that it began with."""
    began: list[int] = []
    again = Session.resume(Store(root).find("latest"), threads=1, store=Store(root))
    again.run(lambda e: began.append(e.done) if isinstance(e, Started) else None, loader(dataset))
    return again, began


def test_they_are_the_weights_at_their_marks_and_change_nothing(
    small: Dataset, tmp_path: Path
) -> None:
    made, without = trained(small, tmp_path, **KEPT), trained(small, tmp_path / "without", **LONG)
    assert made.folder is not None
    names = sorted(path.name for path in made.folder.kept())
    assert names == [f"kept-000000{mark:02}.safetensors" for mark in (6, 12, 17, 23, 28)]
    assert losses(made.history) == losses(without.history)
    assert weights(small, made) == weights(small, without)
    assert len(made.folder.numbered()) <= 2
    for mark, found in kept(made).items():
        cut = trained(small, tmp_path / f"cut-{mark}", **LONG, max_updates=mark)
        assert found == weights(small, cut)
    assert not RunFolder(tmp_path / "without" / "mine-1").kept()


def test_none_is_kept_unless_it_is_asked_for(small: Dataset, tmp_path: Path) -> None:
    made = trained(small, tmp_path)
    assert made.experiment.kept_checkpoints == 0
    assert kept(made) == {}


@pytest.mark.parametrize(("how", "edits"), [("stop", ()), ("interrupt", EDITS)])
def test_they_are_the_same_however_the_run_is_interrupted(
    small: Dataset, tmp_path: Path, how: str, edits: tuple[Edit, ...]
) -> None:
    expected = kept(interrupted(small, tmp_path / "whole", [], edits, **KEPT))
    marks = Timeline(EXPERIMENT.changed(**KEPT), edits).kept_marks
    assert set(expected) == marks
    assert (max(marks) > 28) == bool(edits)
    for stops in ([6], [7, 12, 13], list(range(1, 28))):
        made = interrupted(small, tmp_path / repr(stops), stops, edits, how, **KEPT)
        assert kept(made) == expected


def test_a_run_goes_on_from_the_newest_whatever_its_name(small: Dataset, tmp_path: Path) -> None:
    tensors, recorded, _ = whole(small, Timeline(EXPERIMENT.changed(**LONG)))
    made = session(small, tmp_path, **KEPT)

    def listen(event: Event) -> None:
        if isinstance(event, UpdateDone) and event.update == 20:
            made.store.writer.flush()
            raise CrashError

    with pytest.raises(CrashError):
        made.run(listen, loader(small))
    assert made.folder is not None
    assert [load_checkpoint(path).state.updates for path in made.folder.to_resume()] == [
        17, 14, 12, 6
    ]  # fmt: skip
    spoil(made.folder.kept()[0])
    made.folder.numbered()[0].unlink()
    again, began = resumed(small, tmp_path)
    assert began == [12]
    assert sum("checksum does not fit" in note for note in again.notes) == 1
    assert weights(small, again) == tensors
    assert losses(again.history) == recorded


def test_the_best_of_before_is_on_the_disk_with_one_that_is_kept(
    small: Dataset, tmp_path: Path
) -> None:
    """A run that goes on from it does not come by its best again."""
    values = {**KEPT, "cycles": 1, "evaluate_every": 1, "kept_checkpoints": 14, "eta_max": 0.3}
    made = session(small, tmp_path, **values)

    def listen(event: Event) -> None:
        if isinstance(event, UpdateDone) and event.update == 13:
            made.store.writer.flush()
            raise CrashError

    with pytest.raises(CrashError):
        made.run(listen, loader(small))
    assert made.folder is not None
    best = made.history.best()
    assert best is not None
    assert load_checkpoint(made.folder.best()).state.updates == best[1] <= 12
    again, began = resumed(small, tmp_path)
    assert began == [12]
    ended = again.history.best()
    assert ended is not None
    assert load_checkpoint(made.folder.best()).state.updates == ended[1]


def test_no_more_wait_than_announced_though_the_disk_refuses(
    small: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tensors, recorded, _ = whole(small, Timeline(EXPERIMENT.changed(**LONG)))
    monkeypatch.setattr("core.runs.writer.INTERVAL", 1e9)
    made, most = session(small, tmp_path, **{**KEPT, "kept_checkpoints": 28}), 0
    save, ready = RunFolder.save_kept, PendingCheckpoints.ready

    def full(*what: object) -> None:
        raise OSError(28, "No space left on device")

    def listen(event: Event) -> None:
        if isinstance(event, UpdateDone) and event.update == 3:
            monkeypatch.setattr(RunFolder, "save_kept", full)
        if isinstance(event, UpdateDone) and event.update == 20:
            monkeypatch.setattr(RunFolder, "save_kept", save)

    def counted(pending: PendingCheckpoints, committed: int) -> Any:
        nonlocal most
        most = max(most, len(pending._waiting["kept"]))
        return ready(pending, committed)

    monkeypatch.setattr(PendingCheckpoints, "ready", counted)
    made.run(listen, loader(small))
    assert most == 2
    assert set(kept(made)) == set(range(18, 29))
    assert weights(small, made) == tensors
    assert losses(made.history) == recorded


def test_a_damaged_one_is_put_aside(small: Dataset, tmp_path: Path) -> None:
    made = trained(small, tmp_path, **KEPT)
    assert made.folder is not None
    assert examine(made.store).checkpoints == len(made.folder.numbered()) + 5 + 1
    spoiled = made.folder.kept()[2]
    spoil(spoiled)
    (found,) = repair(made.store, examine(made.store))
    assert found.kind == "checkpoint"
    assert found.fixed == f"renamed it to {spoiled.name}.damaged; the one after 28 updates is left"
    assert examine(made.store).findings == []
    assert made.record is not None
    saved = saved_checkpoints(made.store, made.record)
    assert [each.updates for each in saved if each.kept] == [6, 12, 23, 28]


def test_weights_that_are_kept_are_not_gone(small: Dataset, tmp_path: Path) -> None:
    made = trained(small, tmp_path, **KEPT)
    assert made.folder is not None
    assert made.record is not None
    for path in made.folder.numbered():
        path.unlink()
    assert examine(made.store).findings == []
    found = choose(made.store, made.record)
    assert (found.path, found.notes) == (made.folder.kept()[0], ())


def test_a_run_is_known_by_them_alone(small: Dataset, tmp_path: Path) -> None:
    made = trained(small, tmp_path / "a", **KEPT)
    folder = tmp_path / "b" / "mine-1"
    folder.mkdir(parents=True)
    assert made.folder is not None
    shutil.copy(made.folder.kept()[1], folder)
    store = Store(tmp_path / "b")
    trained(small, tmp_path / "b", name="other")
    assert [found.kind for found in repair(store, examine(store))] == ["folder"]
    assert store.find("mine-1").experiment() == made.experiment


def test_after_a_repair_those_beyond_the_points_are_passed_over_in_one_note(
    small: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.runs.points.CHUNK", 8)
    made = trained(small, tmp_path, **KEPT)
    expected = kept(made)
    execute(made.store, "DELETE FROM chunks WHERE kind = 'updates' AND number = 1")
    assert [found.kind for found in repair(made.store, examine(made.store))] == ["points"]
    store = Store(tmp_path)
    run = store.find("latest")
    assert (run.state, run.updates) == (RunState.STOPPED, 8)
    # Nothing contradicts them as long as the run does not go on.
    assert [each.updates for each in saved_checkpoints(store, run) if each.kept] == sorted(expected)
    again = Session.resume(run, threads=1, store=store)
    seen: list[list[int]] = []

    def listen(event: Event) -> None:
        if isinstance(event, UpdateDone) and event.update == 9:
            again.control.edit({"eta_max": 0.05})
        if isinstance(event, UpdateDone) and event.update == 10:
            store.writer.flush()
            saved = saved_checkpoints(store, store.find("latest"))
            seen.append([each.updates for each in saved if each.kept])
            seen.append([len(choose(store, store.find("latest")).notes)])

    again.run(listen, loader(small))
    assert seen[0] == [6]
    assert seen[1] == [len(made.folder.numbered()) if made.folder else 0]
    passed = [note for note in again.notes if "does not belong to the points" in note]
    assert len(passed) == len(set(passed)) <= 2
    other = kept(again)
    assert sorted(other) == sorted(expected)
    assert other[6] == expected[6]
    assert all(other[mark] != expected[mark] for mark in (12, 17, 23, 28))


def test_a_run_that_is_removed_takes_them_with_it(small: Dataset, tmp_path: Path) -> None:
    made = trained(small, tmp_path, **KEPT)
    assert made.record is not None
    made.store.purge(made.store.delete(made.record))
    assert not (tmp_path / "mine-1").exists()

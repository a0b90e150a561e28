"""Selection of a checkpoint, with other checkpoints missing or damaged."""

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest

from core.data.dataset import Dataset
from core.errors import StoreError
from core.predictions.choice import choose, load_saved, saved_checkpoints
from core.runs.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from core.runs.folder import RunFolder, locked
from core.runs.records import Run, RunState
from core.runs.session import Session
from core.runs.store import Store
from core.training.state import State
from core.training.timeline import Edit, Timeline
from tests.runs import made


@pytest.fixture
def session(small: Dataset, tmp_path: Path) -> Session:
    """A run with checkpoints after 4 and 8 updates, and one of the best accuracy."""
    session = made.trained(small, tmp_path)
    assert session.folder is not None
    [last] = session.folder.numbered()
    session.folder.save_checkpoint(at(load_checkpoint(last), 4))
    session.folder.save_best(at(load_checkpoint(last), 3))
    return session


def at(kept: Checkpoint, updates: int) -> Checkpoint:
    return dataclasses.replace(kept, state=State(updates, 0.5, kept.state.tensors))


def parts(session: Session) -> tuple[Store, Run, RunFolder]:
    assert session.record is not None
    assert session.folder is not None
    return session.store, session.record, session.folder


def spoil(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def refused(store: Store, run: Run, *, best: bool = False, updates: int | None = None) -> str:
    with pytest.raises(StoreError) as caught:
        choose(store, run, best=best, updates=updates)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_last_by_default_and_the_best_on_request(session: Session) -> None:
    store, run, folder = parts(session)
    last, best = choose(store, run), choose(store, run, best=True)
    assert (last.checkpoint.state.updates, best.checkpoint.state.updates) == (8, 3)
    assert (last.path, best.path) == (folder.numbered()[0], folder.best())
    assert last.notes == best.notes == ()


def test_a_damaged_one_is_passed_over_and_told(session: Session) -> None:
    store, run, folder = parts(session)
    newest = folder.numbered()[0]
    spoil(newest)
    found = choose(store, run)
    assert found.checkpoint.state.updates == 4
    [note] = found.notes
    assert note.startswith(f"{newest} cannot be used: its checksum does not fit")
    assert note.endswith("; the one after 4 updates is used")


@pytest.mark.parametrize("what", ["nan", "inf", "deviation"])
def test_numbers_that_are_none_are_passed_over(session: Session, what: str) -> None:
    store, run, folder = parts(session)
    newest = folder.numbered()[0]
    kept = load_checkpoint(newest)
    if what == "deviation":
        kept.deviation.flat[5] = 0
    else:
        kept.state.tensors["linear1.bias"][2] = float(what)
    save_checkpoint(newest, kept)
    found = choose(store, run)
    assert found.checkpoint.state.updates == 4
    assert str(newest) in found.notes[0]


def test_one_of_another_run_is_passed_over(session: Session) -> None:
    store, run, folder = parts(session)
    newest = folder.numbered()[0]
    kept = load_checkpoint(newest)
    other = dataclasses.replace(kept.timeline, experiment=kept.timeline.experiment.changed(seed=9))
    save_checkpoint(newest, dataclasses.replace(kept, timeline=other))
    found = choose(store, run)
    assert found.checkpoint.state.updates == 4
    assert f"does not belong to {run.id}" in found.notes[0]


@pytest.mark.parametrize("best", [False, True])
def test_one_of_another_way_is_not_taken(session: Session, best: bool) -> None:
    """A checkpoint of updates that were repeated with other settings after the run was resumed."""
    store, run, folder = parts(session)
    path = folder.best() if best else folder.numbered()[0]
    kept = load_checkpoint(path)
    edited = Timeline(kept.timeline.experiment, (Edit(2, {"eta_max": 0.05}),))
    save_checkpoint(path, dataclasses.replace(kept, timeline=edited))
    if best:
        assert f"does not belong to the points of {run.id}" in refused(store, run, best=True)
    else:
        found = choose(store, run)
        assert found.checkpoint.state.updates == 4
        assert f"does not belong to the points of {run.id}" in found.notes[0]


def test_one_beyond_what_is_recorded_is_not_taken_while_the_run_goes_on(session: Session) -> None:
    store, run, _ = parts(session)
    with locked(store.folder(run)):
        store.describe(run, updates=7, state=RunState.RUNNING)
        assert choose(store, run).checkpoint.state.updates == 4


@pytest.mark.parametrize("best", [False, True])
def test_one_whose_points_are_lost_is_taken_and_told(session: Session, best: bool) -> None:
    store, run, _ = parts(session)
    store.describe(run, updates=2, state=RunState.STOPPED)
    done = 3 if best else 8
    found = choose(store, store.get(run.number), best=best)
    assert found.checkpoint.state.updates == done
    assert found.notes == (
        f"the weights are those after {done} updates; on record are the points of 2",
    )


def test_each_that_is_passed_over_is_told(session: Session) -> None:
    store, run, folder = parts(session)
    for path in folder.numbered():
        spoil(path)
    newer, older = folder.numbered()
    shutil.copy(folder.best(), older.with_name("checkpoint-00000001.safetensors"))
    first, second = choose(store, run).notes
    assert first.startswith(str(newer))
    assert first.endswith("; it is passed over")
    assert second.startswith(str(older))
    assert second.endswith("; the one after 3 updates is used")


def test_the_end_of_a_finished_run_that_is_gone_is_told(session: Session) -> None:
    store, run, folder = parts(session)
    folder.numbered()[0].unlink()
    found = choose(store, run)
    assert found.checkpoint.state.updates == 4
    assert found.notes == (
        f"the weights at the end of {run.id}, after 8 updates, are gone; those after 4 are used",
    )


def test_a_finished_run_without_its_folder_is_told(session: Session) -> None:
    store, run, folder = parts(session)
    shutil.rmtree(folder.path)
    assert "its folder is gone" in refused(store, run)
    assert "settings.toml" not in refused(store, run)


def test_nothing_stands_in_for_the_best(session: Session) -> None:
    store, run, folder = parts(session)
    kept = load_checkpoint(folder.best())
    tensors = {name: value * np.nan for name, value in kept.state.tensors.items()}
    save_checkpoint(
        folder.best(),
        dataclasses.replace(kept, state=dataclasses.replace(kept.state, tensors=tensors)),
    )
    assert refused(store, run, best=True).endswith("; take the last one")
    spoil(folder.best())
    assert "checksum" in refused(store, run, best=True)
    folder.best().unlink()
    assert "has kept no checkpoint of its best" in refused(store, run, best=True)
    folder.best().mkdir()
    assert f"cannot read {folder.best()}" in refused(store, run, best=True)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (RunState.RUNNING, "try again when"),
        (RunState.PAUSED, "try again when"),
        (RunState.STOPPED, "`convsole resume mine-1`"),
        (RunState.CRASHED, "`convsole resume mine-1`"),
        (RunState.FAILED, "it failed: the loss"),
        (RunState.FINISHED, "settings.toml` trains it again"),
    ],
)
@pytest.mark.parametrize("damaged", [True, False])
def test_a_run_without_any_says_what_to_do(
    session: Session, state: RunState, words: str, damaged: bool
) -> None:
    store, run, folder = parts(session)
    for path in folder.numbered():
        if damaged:
            spoil(path)
        else:
            path.unlink()
    run = dataclasses.replace(run, state=state, reason="the loss is no longer finite")
    sentence = refused(store, run)
    assert sentence.startswith("mine-1 has no checkpoint")
    assert ("that can be used" in sentence) == damaged
    assert words in sentence


def test_a_folder_that_is_gone_is_a_run_without_any(session: Session) -> None:
    import shutil

    store, run, folder = parts(session)
    shutil.rmtree(folder.path)
    assert "has no checkpoint" in refused(store, run)


def keep(session: Session, *numbers: int) -> None:
    """Keep checkpoints after so many updates."""
    store, run, folder = parts(session)
    last = choose(store, run).checkpoint
    for number in numbers:
        folder.save_kept(at(last, number))


def test_any_is_found_by_its_number_of_updates(session: Session) -> None:
    store, run, folder = parts(session)
    keep(session, 2, 6)
    for updates, path in {
        2: folder.kept()[1],
        3: folder.best(),
        4: folder.numbered()[1],
        6: folder.kept()[0],
        8: folder.numbered()[0],
    }.items():
        found = choose(store, run, updates=updates)
        assert (found.path, found.checkpoint.state.updates) == (path, updates)
        assert found.notes == ()


def test_all_that_are_found_are_listed_in_order(session: Session) -> None:
    store, run, folder = parts(session)
    keep(session, 2, 3, 8)
    assert [(s.updates, s.kept, s.best) for s in saved_checkpoints(store, run)] == [
        (2, True, False),
        (3, True, True),
        (4, False, False),
        (8, True, False),
    ]
    *_, last = saved_checkpoints(store, run)
    assert last.paths == (folder.numbered()[0], folder.kept()[0])
    assert load_saved(store, run, last).checkpoint.state.updates == 8
    shutil.rmtree(folder.path)
    assert saved_checkpoints(store, run) == []
    with pytest.raises(StoreError, match=r"cannot read .*; take another"):
        load_saved(store, run, last)


def test_no_tensor_is_read_to_list_them(session: Session) -> None:
    store, run, folder = parts(session)
    keep(session, 6)
    [kept] = folder.kept()
    content = kept.read_bytes()
    kept.write_bytes(content[: 8 + int.from_bytes(content[:8], "little")])
    folder.numbered()[1].write_bytes(b"")
    assert [saved.updates for saved in saved_checkpoints(store, run)] == [3, 6, 8]
    sentence = refused(store, run, updates=6)
    assert sentence.startswith(f"{kept} cannot be used: ")
    assert sentence.endswith("; take another")


def test_one_file_stands_in_for_another_of_the_same_update(session: Session) -> None:
    store, run, folder = parts(session)
    keep(session, 8)
    spoil(folder.numbered()[0])
    found = choose(store, run, updates=8)
    assert (found.path, found.notes) == (folder.kept()[0], ())
    folder.kept()[0].unlink()
    assert "checksum does not fit; take another" in refused(store, run, updates=8)


@pytest.mark.parametrize("of", ["run", "points"])
def test_those_of_another_run_or_way_are_not_listed(session: Session, of: str) -> None:
    store, run, folder = parts(session)
    keep(session, 6)
    [kept] = folder.kept()
    found = load_checkpoint(kept)
    experiment = found.timeline.experiment
    other = (
        Timeline(experiment.changed(seed=9))
        if of == "run"
        else Timeline(experiment, (Edit(2, {"eta_max": 0.05}),))
    )
    save_checkpoint(kept, dataclasses.replace(found, timeline=other))
    assert [saved.updates for saved in saved_checkpoints(store, run)] == [3, 4, 8]
    assert "has no checkpoint after 6 updates" in refused(store, run, updates=6)


def test_a_number_that_no_checkpoint_has_is_told_with_those_that_there_are(
    session: Session,
) -> None:
    store, run, folder = parts(session)
    there = "mine-1 has no checkpoint after 5 updates; there are"
    assert refused(store, run, updates=5) == f"{there} those after 3, 4 and 8"
    for path in [*folder.numbered(), folder.best()]:
        path.unlink()
    assert "settings.toml` trains it again" in refused(store, run, updates=5)


@pytest.mark.parametrize(
    ("wanted", "nearest"), [(0, "1"), (9, "8 and 10"), (1500, "1,000 and 1,999"), (5000, "1,999")]
)
def test_of_many_the_nearest_are_told(session: Session, wanted: int, nearest: str) -> None:
    store, run, folder = parts(session)
    longer = Timeline(run.experiment().changed(half_cycle=1000))
    last = dataclasses.replace(choose(store, run).checkpoint, timeline=longer)
    store.describe(run, settings=longer.experiment.model_dump(mode="json"))
    for number in (*range(1, 9), 10, 1000, 1999):
        folder.save_kept(at(last, number))
    sentence = refused(store, store.get(run.number), updates=wanted)
    assert sentence == (
        f"mine-1 has no checkpoint after {wanted:,} updates; there are 11, from 1 to 1,999, "
        f"the nearest after {nearest}"
    )


def test_many_that_are_kept_are_passed_over_in_one_note(session: Session) -> None:
    store, run, folder = parts(session)
    keep(session, 5, 6, 7)
    for path in folder.to_resume()[:4]:
        spoil(path)
    found = choose(store, run)
    assert found.checkpoint.state.updates == 4
    [note] = found.notes
    assert note.startswith(str(folder.numbered()[0]))


@pytest.mark.parametrize("content", [b"", b"no checkpoint", b"\x00" * 100])
def test_a_damaged_checkpoint_is_called_so_and_not_missing(
    session: Session, content: bytes
) -> None:
    store, run, folder = parts(session)
    folder.save_kept(at(load_checkpoint(folder.numbered()[0]), 6))
    [path] = folder.kept()
    assert choose(store, run, updates=6).path == path
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"kept-00000006\S* .*; take another"):
        choose(store, run, updates=6)
    with pytest.raises(StoreError, match="has no checkpoint after 5 updates"):
        choose(store, run, updates=5)

"""A run whose pieces are trained elsewhere is the run that one process would have trained."""

import errno
from pathlib import Path
from typing import Any

import pytest

from core.config.experiment import Experiment
from core.data.dataset import Dataset
from core.errors import NotWrittenError, StoreError
from core.runs import database, piecewise
from core.runs.checkpoint import load_checkpoint
from core.runs.doctor.check import examine
from core.runs.folder import RunFolder, is_locked
from core.runs.piecewise import PiecewiseRun, PiecewiseRuns
from core.runs.records import Run, RunState
from core.runs.session import Session
from core.runs.store import Store
from core.training.piece import PieceResult, release, train_piece
from core.training.timeline import Timeline
from tests.runs.made import DEEP, EXPERIMENT, loader, losses
from tests.runs.test_resume import state_bytes, weights, whole

LONG: dict[str, Any] = {
    "half_cycle": 6,
    "cycles": 2,
    "evaluate_every": 4,
    "shards": 2,
    "health": "dense",
}


class KilledError(Exception):
    """Ends a test's process, as it were."""


def experiment(**values: Any) -> Experiment:
    return EXPERIMENT.changed(**{**LONG, **values})


def piece(runs: PiecewiseRuns, run: PiecewiseRun, until: int) -> PieceResult:
    found = train_piece(
        runs.dataset.without_test(),
        run.timeline,
        run.state,
        run.end_of_piece(until),
        evaluated=run.evaluated,
        best=run.best,
    )
    release()
    return found


def trained(runs: PiecewiseRuns, run: PiecewiseRun, length: int = 5) -> Run:
    """Train a run to its end in pieces of some updates."""
    total = run.timeline.updates
    while run.run.state is RunState.RUNNING:
        run.add(piece(runs, run, min(total, run.updates + length)))
        run.commit()
    return run.run


@pytest.mark.parametrize("more", [{}, DEEP, {"augmentation": "fresh"}], ids=["", "deep", "fresh"])
def test_pieces_make_the_whole(small: Dataset, tmp_path: Path, more: dict[str, Any]) -> None:
    tensors, recorded, end = whole(small, Timeline(experiment(**more)))
    runs = PiecewiseRuns(Store(tmp_path), small)
    trained(runs, runs.begin(experiment(**more)))
    (run,) = runs.store.runs()
    assert run.state is RunState.FINISHED
    assert losses(runs.store.history(run)) == recorded
    folder = RunFolder(runs.store.folder(run))
    assert state_bytes(load_checkpoint(folder.numbered()[0]).state) == tensors
    assert run.result is not None
    assert run.result["validation_accuracy"] == end.result.validation_accuracy
    assert run.result["test_accuracy"] is None
    assert runs.store.data_hash(run) == small.hash
    assert load_checkpoint(folder.best()).state.updates == run.best_update
    assert not is_locked(folder.path)
    assert examine(runs.store).findings == []


def test_an_ordinary_session_goes_on_with_it_to_the_bit(small: Dataset, tmp_path: Path) -> None:
    tensors, recorded, end = whole(small, Timeline(experiment()))
    runs = PiecewiseRuns(Store(tmp_path), small)
    half = runs.begin(experiment())
    half.add(piece(runs, half, 9))
    half.commit(stop="paused at rung 1")
    run = runs.store.find("latest")
    assert (run.state, run.reason, run.updates) == (RunState.STOPPED, "paused at rung 1", 9)
    session = Session.resume(run, threads=1, store=runs.store)
    session.run(load=loader(small))
    assert weights(small, session) == tensors
    assert losses(session.history) == recorded
    again = runs.store.find("latest")
    assert again.result is not None
    assert again.result["test_accuracy"] == end.result.test_accuracy


def test_it_goes_on_with_what_a_session_began(small: Dataset, tmp_path: Path) -> None:
    tensors, recorded, _ = whole(small, Timeline(experiment()))
    session = Session(experiment(), threads=1, store=Store(tmp_path))
    session.run(lambda event: session.control.stop(), load=loader(small))
    assert session.record is not None
    runs = PiecewiseRuns(session.store, small)
    run = trained(runs, runs.go_on(session.record))
    assert losses(runs.store.history(run)) == recorded
    folder = RunFolder(runs.store.folder(run))
    assert state_bytes(load_checkpoint(folder.numbered()[0]).state) == tensors


@pytest.mark.parametrize("step", ["_write", "_save"])
@pytest.mark.parametrize("at", range(1, 12))
def test_killed_at_every_step_it_comes_to_the_same_end(
    small: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, at: int
) -> None:
    """Killed before each transaction, or between one and the checkpoint after it."""
    tensors, recorded, _ = whole(small, Timeline(experiment()))
    runs = PiecewiseRuns(Store(tmp_path), small)
    left, do = [at], getattr(PiecewiseRun, step)

    def killing(*given: Any, **named: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise KilledError
        do(*given, **named)

    monkeypatch.setattr(PiecewiseRun, step, killing)
    run = runs.begin(experiment())
    try:
        trained(runs, run)
    except KilledError:
        run.release()
        assert runs.store.find("latest").state is RunState.CRASHED
        again = runs.go_on(runs.store.find("latest"))
        # Its newest checkpoint is one that its points lead to.
        assert [note for note in again.notes if "belong" in note] == []
        trained(runs, again, 7)
    found = runs.store.find("latest")
    assert found.state is RunState.FINISHED
    assert losses(runs.store.history(found)) == recorded
    folder = RunFolder(runs.store.folder(found))
    assert state_bytes(load_checkpoint(folder.numbered()[0]).state) == tensors
    assert examine(runs.store).findings == []


def test_what_is_written_with_a_piece_is_there_with_it_or_not_at_all(
    small: Dataset, tmp_path: Path
) -> None:
    runs = PiecewiseRuns(Store(tmp_path), small)
    run = runs.begin(experiment(), lambda connection, made: mark(connection, "begun"))
    assert runs.store.find("latest").note == "begun"

    def fails(connection: Any, made: Run) -> None:
        mark(connection, "half")
        raise StoreError("no")

    run.add(piece(runs, run, 5))
    with pytest.raises(StoreError, match="no"):
        run.commit(fails)
    assert (runs.store.find("latest").note, runs.store.find("latest").updates) == ("begun", 0)
    run.release()
    again = runs.go_on(runs.store.find("latest"))
    again.add(piece(runs, again, 5))
    again.commit(lambda connection, made: mark(connection, "done"))
    assert (runs.store.find("latest").note, runs.store.find("latest").updates) == ("done", 5)
    again.stop("enough")


def test_a_run_that_cannot_be_written_with_its_trial_is_not_there(
    small: Dataset, tmp_path: Path
) -> None:
    runs = PiecewiseRuns(Store(tmp_path), small)

    def fails(connection: Any, made: Run) -> None:
        raise StoreError("no")

    with pytest.raises(StoreError, match="no"):
        runs.begin(experiment(), fails)
    assert runs.store.runs() == []
    assert not list(tmp_path.glob("mine-*"))


@pytest.mark.parametrize("where", ["writing", "save_checkpoint"])
def test_a_disk_that_refuses_for_a_moment_costs_nothing(
    small: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    runs = PiecewiseRuns(Store(tmp_path), small)
    run, marks = runs.begin(experiment()), list[int]()
    owner: Any = database if where == "writing" else RunFolder
    do, left = getattr(owner, where), [3]

    def refusing(*given: Any) -> Any:
        left[0] -= 1
        if left[0] >= 0:
            raise OSError(errno.ENOSPC, "full")
        return do(*given)

    monkeypatch.setattr(owner, where, refusing)
    run.add(piece(runs, run, 5))
    run.commit(lambda connection, made: marks.append(made.updates))
    assert left[0] < 0
    assert marks == [5]
    run.stop("enough")
    assert runs.go_on(runs.store.find("latest")).updates == 5


def test_a_disk_that_refuses_for_good_is_an_error(
    small: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(piecewise, "RETRY_S", 0.3)
    runs = PiecewiseRuns(Store(tmp_path), small)
    run = runs.begin(experiment())

    def refusing(*given: Any) -> Any:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(RunFolder, "save_checkpoint", refusing)
    run.add(piece(runs, run, 5))
    with pytest.raises(NotWrittenError, match="no space left"):
        run.commit()


def test_checkpoints_over_a_run_are_kept(small: Dataset, tmp_path: Path) -> None:
    runs = PiecewiseRuns(Store(tmp_path), small)
    run = trained(runs, runs.begin(experiment(kept_checkpoints=3)), 100)
    kept = [load_checkpoint(path).state.updates for path in RunFolder(tmp_path / run.id).kept()]
    assert sorted(kept) == sorted(Timeline(experiment(kept_checkpoints=3)).kept_marks)


def test_a_diverged_run_has_failed(small: Dataset, tmp_path: Path) -> None:
    runs = PiecewiseRuns(Store(tmp_path), small)
    wild = {"eta_max": 1.0, "eta_min": 1.0, "dtype": "float32", "weight_decay": 1.0}
    run = trained(runs, runs.begin(experiment(**wild, architecture="32x32/40/60", half_cycle=200)))
    assert run.state is RunState.FAILED
    assert "no longer finite" in run.reason
    assert not is_locked(tmp_path / run.id)


def test_other_images_are_refused(small: Dataset, tmp_path: Path) -> None:
    import dataclasses

    runs = PiecewiseRuns(Store(tmp_path), small)
    run = runs.begin(experiment())
    run.stop("enough")
    other = dataclasses.replace(small, test=small.train)
    with pytest.raises(StoreError, match="began with other images"):
        PiecewiseRuns(runs.store, other).go_on(run.run)
    assert not is_locked(tmp_path / run.run.id)


def mark(connection: Any, note: str) -> None:
    from core.runs import queries

    (run,) = queries.all_runs(connection)
    queries.update_run(connection, run.number, note=note)

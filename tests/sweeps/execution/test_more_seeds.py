"""More seeds of a trial than its study plans."""

from pathlib import Path
from statistics import mean

import pytest

from core.data.dataset import Dataset
from core.errors import LockedError, StoreError
from core.runs.doctor.check import examine
from core.runs.store import Store
from core.runs.studies.records import StudyState, TrialState
from core.sweeps.execution import loop as loops
from core.sweeps.execution.more_seeds import add
from core.sweeps.execution.progress import Progress, best_of
from core.training.control import Control
from tests.sweeps.at_work import HALVING, outcome, study
from tests.sweeps.execution.test_run import Direct, killed, run

MADE = study(trials=3, finalists=1, updates=12)


def test_they_are_trained_when_the_study_goes_on_and_count_in_the_mean(
    small: Dataset, tmp_path: Path
) -> None:
    first = run(small, tmp_path, MADE, Direct(small))
    assert first.record is not None
    before = outcome(first.store, first.record)
    best = best_of(MADE, first.store.trials(first.record), first.store.tells(first.record))
    assert best is not None
    number = best.trial.number
    record = add(first.store, first.record, 2)
    assert (record.state, record.trials) == (StudyState.STOPPED, 6)
    assert record.reason == f"2 more seeds of trial {number} wait to be trained"
    assert record.definition == first.record.definition
    assert examine(first.store).findings == []

    executor, seen = Direct(small), list[Progress]()
    again = run(small, tmp_path, MADE, executor, listen=seen.append)
    assert again.record is not None
    assert again.record.state is StudyState.FINISHED
    assert {key for key, _ in executor.trained} == {(number, 2), (number, 3)}
    after = outcome(again.store, again.record)
    assert before.items() <= after.items()
    assert after[number, 2][0] == after[number, 0][0]
    told = again.store.tells(again.record)
    best = best_of(MADE, again.store.trials(again.record), told)
    assert best is not None
    assert (best.trial.number, best.seeds) == (number, 4)
    accuracies = [tell.accuracy or 0.0 for tell in told if tell.trial == number]
    assert best.accuracy == pytest.approx(mean(accuracies))
    assert seen[-1].to_go == 0
    assert examine(again.store).findings == []


def test_more_seeds_do_not_make_a_trial_the_best_that_is_worse(
    small: Dataset, tmp_path: Path
) -> None:
    made = study(trials=3, finalists=0, seeds=[0], updates=12)
    sweep = run(small, tmp_path, made, Direct(small))
    assert sweep.record is not None
    tells = sorted(sweep.store.tells(sweep.record), key=lambda tell: tell.accuracy or 0.0)
    add(sweep.store, sweep.record, 1, tells[0].trial)
    again = run(small, tmp_path, made, Direct(small))
    assert again.record is not None
    told = again.store.tells(again.record)
    best = best_of(made, again.store.trials(again.record), told)
    means = {n: mean(t.accuracy or 0.0 for t in told if t.trial == n) for n in range(3)}
    assert best is not None
    assert best.accuracy == max(means.values())


def test_the_seeds_of_the_study_come_first_and_are_not_trained_twice(
    small: Dataset, tmp_path: Path
) -> None:
    control = Control()
    first = run(
        small, tmp_path, MADE, Direct(small), control=control,
        listen=lambda at: control.stop() if at.record.tells == 1 else None,
    )  # fmt: skip
    assert first.record is not None
    add(first.store, first.record, 2, 0)
    keys = {trial.key for trial in first.store.trials(first.record) if trial.number == 0}
    assert keys == {(0, 0), (0, 1), (0, 2)}
    executor = Direct(small)
    again = run(small, tmp_path, MADE, executor)
    assert again.record is not None
    assert again.record.state is StudyState.FINISHED
    assert len(executor.trained) == len(set(executor.trained))
    assert {seed for number, seed in outcome(again.store, again.record) if number == 0} == {0, 1, 2}


def test_killed_at_every_commit_it_comes_to_the_same_end(
    small: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = study(trials=2, updates=12, seeds=[0], **HALVING)

    def begun(root: Path) -> None:
        sweep = run(small, root, made, Direct(small))
        assert sweep.record is not None
        add(sweep.store, sweep.record, 2)

    begun(tmp_path / "whole")
    whole = run(small, tmp_path / "whole", made, Direct(small, 2))
    assert whole.record is not None
    expected, at = outcome(whole.store, whole.record), 1
    begun(tmp_path / "1")
    while killed(small, root := tmp_path / str(at), made, at, monkeypatch):
        again = run(small, root, made, Direct(small, 2))
        assert again.record is not None
        assert again.record.state is StudyState.FINISHED
        assert outcome(again.store, again.record) == expected
        assert examine(again.store).findings == []
        at += 1
        begun(tmp_path / str(at))
    assert at > 6


def test_seeds_that_wait_are_not_added_again(small: Dataset, tmp_path: Path) -> None:
    """Whoever repeats a command that could not train them gets as many as were asked for."""
    made = study(trials=2, updates=12, seeds=[0], **HALVING)
    sweep = run(small, tmp_path, made, Direct(small))
    assert sweep.record is not None
    record = add(sweep.store, sweep.record, 2)
    before = sweep.store.trials(record)
    record = add(sweep.store, record, 2)
    assert sweep.store.trials(record) == before
    assert record.reason.startswith("2 more seeds of trial ")
    assert len(sweep.store.trials(add(sweep.store, record, 3))) == len(before) + 1


def test_time_that_was_over_ended_nothing_if_all_is_trained(
    small: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep = run(small, tmp_path, study(), Direct(small))
    assert sweep.record is not None
    add(sweep.store, sweep.record, 1)
    monkeypatch.setattr(loops.Loop, "_elapsed", lambda loop: 3600.0)
    again = run(small, tmp_path, study(wall_seconds=1.0), Direct(small))
    assert again.record is not None
    assert (again.record.state, again.record.reason) == (StudyState.FINISHED, "")


def test_time_that_is_over_ends_only_what_the_study_plans(
    small: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = study(wall_seconds=3600.0)
    monkeypatch.setattr(
        loops.Loop, "_elapsed", lambda loop: 3600.0 * (loop._account.record.tells >= 1)
    )
    sweep = run(small, tmp_path, made, Direct(small))
    assert sweep.record is not None
    assert sweep.record.tells == 1
    add(sweep.store, sweep.record, 1)
    again = run(small, tmp_path, made, Direct(small))
    assert again.record is not None
    assert (again.record.state, again.record.tells) == (StudyState.FINISHED, 2)
    assert again.record.reason == "its time of 1 h 00 m ended it after 2 of 6 trainings"


def test_what_cannot_be_is_one_sentence(small: Dataset, tmp_path: Path) -> None:
    made = study(**HALVING)
    sweep = run(small, tmp_path, made, Direct(small))
    assert sweep.record is not None
    record, store = sweep.record, sweep.store
    pruned = next(t for t in store.trials(record) if t.state is TrialState.PRUNED)
    with pytest.raises(StoreError, match=r"was not trained to its end: it is pruned"):
        add(store, record, 1, pruned.number)
    with pytest.raises(StoreError, match="rates has no trial 99 so far"):
        add(store, record, 1, 99)
    with pytest.raises(StoreError, match="choose 1 to 100"):
        add(store, record, 0)
    lock = Store(tmp_path).lock_study(record)
    with pytest.raises(LockedError, match="another process works on the study rates"):
        add(store, record, 1)
    lock.release()
    assert store.study("rates").trials == record.trials

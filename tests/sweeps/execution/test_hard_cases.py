"""Studies that go wrong: they say so in a sentence, and nothing is trained twice."""

from pathlib import Path
from typing import Any

import pytest

from core.data.dataset import Dataset
from core.runs.doctor.check import examine
from core.runs.records import RunState
from core.runs.studies.records import StudyState, TrialState
from core.sweeps.definition.study import Study
from core.sweeps.execution.executor import Ended, Job
from core.sweeps.execution.progress import Progress
from core.training.control import Control
from tests.runs.made import record_edit
from tests.sweeps.at_work import HALVING, outcome, study
from tests.sweeps.execution.test_run import Direct, Mortal, run

WILD: dict[str, Any] = {
    "space": {"weight_decay": {"choice": [0.9, 1.0]}},
    "fixed": {"eta_max": 1.0, "eta_min": 1.0, "architecture": "32x32/40/60"},
}


def refused_a_second_time(dataset: Dataset, root: Path, made: Study, reason: str) -> None:
    """Check that a study has failed for a reason, and that going on with it trains nothing."""
    again = Direct(dataset)
    sweep = run(dataset, root, made, again)
    assert sweep.record is not None
    assert (sweep.record.state, sweep.record.reason) == (StudyState.FAILED, reason)
    assert again.trained == []
    assert examine(sweep.store).findings == []


def test_all_diverge(small: Dataset, tmp_path: Path) -> None:
    made = study(trials=2, seeds=[0, 1], updates=800, **WILD)
    sweep = run(small, tmp_path, made, Direct(small, length=800))
    assert sweep.record is not None
    assert {trial.state for trial in sweep.store.trials(sweep.record)} == {TrialState.DIVERGED}
    refused_a_second_time(small, tmp_path, made, "no trial was trained to its end: all 2 diverged")


def test_all_lose_their_workers(small: Dataset, tmp_path: Path) -> None:
    made = study(trials=2, seeds=[0, 1])
    run(small, tmp_path, made, Mortal(small, {0: 9, 1: 9}))
    refused_a_second_time(
        small, tmp_path, made, "no trial was trained to its end: its worker died 3 times"
    )


@pytest.mark.parametrize("tells", range(1, 8))
def test_stopped_in_any_phase_it_trains_nothing_twice(
    small: Dataset, tmp_path: Path, tells: int
) -> None:
    made, control = study(updates=12, **HALVING), Control()
    whole = run(small, tmp_path / "whole", made, Direct(small, 2))

    def stop(progress: Progress) -> None:
        if progress.record.tells == tells:
            control.stop()

    first, second = Direct(small, 2), Direct(small, 2)
    run(small, tmp_path / "cut", made, first, control=control, listen=stop)
    again = run(small, tmp_path / "cut", made, second)
    assert whole.record is not None
    assert again.record is not None
    assert outcome(again.store, again.record) == outcome(whole.store, whole.record)
    both = first.trained + second.trained
    assert len(both) == len(set(both))


@pytest.mark.parametrize("what", ["edit", "rename", "delete"])
def test_runs_that_were_changed_after_the_end_are_left_alone(
    small: Dataset, tmp_path: Path, what: str
) -> None:
    made = study(updates=12)
    sweep = run(small, tmp_path, made, Direct(small))
    assert sweep.record is not None
    for found in sweep.store.runs():
        if what == "edit":
            record_edit(sweep.store, found, 6, eta_max=0.09)
        elif what == "rename":
            sweep.store.describe(found, name="other")
        else:
            sweep.store.purge(sweep.store.delete(found))
    executor = Direct(small)
    again = run(small, tmp_path, made, executor)
    assert again.record is not None
    assert (again.record.state, executor.trained) == (StudyState.FINISHED, [])


def test_renamed_between_two_sessions_a_run_goes_on(small: Dataset, tmp_path: Path) -> None:
    made, control = study(updates=12, **HALVING), Control()
    whole = run(small, tmp_path / "whole", made, Direct(small))

    def stop(progress: Progress) -> None:
        if progress.record.tells == 3:
            control.stop()

    first, second = Direct(small), Direct(small)
    cut = run(small, tmp_path / "cut", made, first, control=control, listen=stop)
    for found in cut.store.runs():
        cut.store.describe(found, name="other")
    again = run(small, tmp_path / "cut", made, second)
    assert whole.record is not None
    assert again.record is not None
    assert outcome(again.store, again.record) == outcome(whole.store, whole.record)
    both = first.trained + second.trained
    assert len(both) == len(set(both))
    assert all(each.state is not RunState.RUNNING for each in again.store.runs())


def test_a_trial_that_cannot_be_trained_has_its_own_reason(small: Dataset, tmp_path: Path) -> None:
    class Broken(Direct):
        def end(self, job: Job) -> Ended:
            return Ended(job.key, "worker", None, MemoryError(), False)

    sweep = run(small, tmp_path, study(trials=2), Broken(small))
    assert sweep.record is not None
    assert sweep.record.state is StudyState.FAILED
    assert sweep.record.reason == (
        "no trial was trained to its end: there is not enough memory for it"
    )

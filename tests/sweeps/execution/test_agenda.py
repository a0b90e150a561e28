"""What a study trains next follows from what is recorded, and from nothing else."""

from typing import Any

from core.runs.studies.records import StudyRecord, StudyState, Tell, TrialRecord, TrialState
from core.sweeps.definition.study import Study
from core.sweeps.execution.agenda import agenda, finalist_keys, is_over
from core.sweeps.pruning import decide
from tests.runs.studies.made import tell, trial
from tests.sweeps.at_work import HALVING, study

RECORD = StudyRecord(1, "rates", {}, "", StudyState.RUNNING, 0.0, "")

Trials = dict[tuple[int, int], TrialRecord]


def trials(**states: TrialState) -> Trials:
    """Return trials by name, such as `t2_s1` for trial 2 with seed 1."""
    found: Trials = {}
    for name, state in states.items():
        number, seed = (int(part[1:]) for part in name.split("_"))
        found[number, seed] = trial(RECORD, number, seed=seed, state=state)
    return found


def tells(accuracies: dict[int, float | None], rung: int = 0, **more: Any) -> list[Tell]:
    return [tell(RECORD, n, rung, accuracy=each, **more) for n, each in accuracies.items()]


def listed(made: Study, found: Trials, told: list[Tell]) -> list[tuple[int, int]]:
    failed = [each.number for each in found.values() if each.state is TrialState.FAILED]
    return list(agenda(made, found, told, decide(made, told, failed)))


def test_a_new_study_begins_with_its_trials_in_order() -> None:
    assert listed(study(), {}, []) == [(0, 0), (1, 0), (2, 0), (3, 0)]


def test_what_was_interrupted_comes_first_and_what_is_promoted_before_what_is_new() -> None:
    made = study(trials=5, **HALVING)
    found = trials(
        t0_s0=TrialState.PAUSED,
        t1_s0=TrialState.PAUSED,
        t2_s0=TrialState.WAITING,
        t3_s0=TrialState.PAUSED,
    )
    told = tells({0: 0.1, 1: 0.9, 3: 0.8})
    # Of five trials three go on, so the best is certain to; two results are missing.
    assert listed(made, found, told) == [(2, 0), (1, 0), (4, 0)]


def test_finalists_come_when_all_is_over_seed_by_seed_and_the_best_first() -> None:
    made = study(seeds=[0, 1, 2])
    over = dict.fromkeys(("t0_s0", "t1_s0", "t2_s0"), TrialState.FINISHED)
    told = tells({0: 0.5, 1: 0.7, 2: 0.7})
    running = trials(**over, t3_s0=TrialState.RUNNING)
    assert listed(made, running, told) == [(3, 0)]
    assert not is_over(made, running, told)
    found = trials(**over, t3_s0=TrialState.FAILED)
    expected = [(1, 1), (2, 1), (1, 2), (2, 2)]
    assert listed(made, found, told) == finalist_keys(made, told) == expected
    assert not is_over(made, found, told)
    found |= trials(t1_s1=TrialState.FINISHED, t2_s1=TrialState.DIVERGED, t2_s2=TrialState.WAITING)
    assert listed(made, found, told) == [(2, 2), (1, 2)]
    found |= trials(t1_s2=TrialState.FAILED, t2_s2=TrialState.FINISHED)
    assert is_over(made, found, told)


def test_a_diverged_trial_is_no_finalist() -> None:
    assert finalist_keys(study(), tells({0: None, 1: 0.3, 2: 0.1})) == [(1, 1), (2, 1)]
    assert finalist_keys(study(), tells({0: None})) == []


def test_a_space_with_fewer_settings_than_trials_has_fewer_trials() -> None:
    made = study(trials=9, space={"batch_size": {"choice": [20, 40]}})
    assert listed(made, {}, []) == [(0, 0), (1, 0)]
    assert is_over(
        study(trials=9, seeds=[0], space={"batch_size": {"choice": [20, 40]}}),
        trials(t0_s0=TrialState.FINISHED, t1_s0=TrialState.FINISHED),
        tells({0: 0.5, 1: 0.4}),
    )

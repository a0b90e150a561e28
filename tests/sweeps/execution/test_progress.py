"""How far a study is, and who is best."""

import pytest

from core.runs.studies.records import TrialState
from core.sweeps.execution.progress import best_of, share_done
from tests.runs.studies.made import tell, trial
from tests.sweeps.at_work import HALVING, study
from tests.sweeps.execution.test_agenda import RECORD, tells, trials


def test_a_finalist_with_all_seeds_is_before_one_that_was_lucky_once() -> None:
    made = study(seeds=[0, 1])
    found = [trial(RECORD, number) for number in range(3)]
    assert best_of(made, found, []) is None
    told = tells({0: 0.5, 1: 0.9, 2: 0.6})
    best = best_of(made, found, told)
    assert best is not None
    assert (best.trial.number, best.accuracy, best.seeds) == (1, 0.9, 1)
    told += tells({0: 0.7, 2: 0.8}, seed=1)
    best = best_of(made, found, told)
    assert best is not None
    assert (best.trial.number, best.accuracy, best.seeds) == (2, pytest.approx(0.7), 2)


def test_only_what_was_trained_to_its_end_can_be_best() -> None:
    made = study(**HALVING)
    last = len(made.shares) - 1
    found = [trial(RECORD, number) for number in range(2)]
    told = [tell(RECORD, 0, 0, accuracy=0.9), tell(RECORD, 1, last, accuracy=0.4)]
    best = best_of(made, found, told)
    assert best is not None
    assert best.trial.number == 1


def test_the_share_that_is_done_grows_to_1() -> None:
    made = study(seeds=[0], trials=2, finalists=0)
    assert share_done(made, [], {}) == 0.0
    found = trials(t0_s0=TrialState.RUNNING)
    assert share_done(made, found.values(), {(0, 0): 0.5}) == pytest.approx(0.25)
    found = trials(t0_s0=TrialState.FINISHED, t1_s0=TrialState.DIVERGED)
    assert share_done(made, found.values(), {}) == 1.0


def test_with_halving_most_trials_are_done_at_their_rung() -> None:
    made = study(seeds=[0], **HALVING)  # 4 trials to 1/4, 2 of them to 1/2, 1 to the end
    assert made.shares == (0.25, 0.5, 1.0)
    found = [trial(RECORD, n, state=TrialState.PRUNED, rung=1) for n in range(2)]
    assert share_done(made, found, {}) == pytest.approx(0.5 / 2.0)
    found += [trial(RECORD, 2, state=TrialState.PRUNED, rung=2)]
    found += [trial(RECORD, 3, state=TrialState.FINISHED, rung=3)]
    assert share_done(made, found, {}) == pytest.approx(1.0)

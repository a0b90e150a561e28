"""Pruning: its decisions, and that they do not depend on the order of results."""

import random
from collections.abc import Mapping, Sequence

import pytest

from core.sweeps.definition.study import Study
from core.sweeps.pruning import Decision, decide, places
from tests.sweeps.made import Result, study

GOES_ON, WAITS, PRUNED = Decision.GOES_ON, Decision.WAITS, Decision.PRUNED
DIVERGED, FAILED, FINISHED = Decision.DIVERGED, Decision.FAILED, Decision.FINISHED

HALVING = study(
    trials=9, finalists=1, pruning={"kind": "halving", "first": 0.05, "factor": 3}, seeds=[0, 1]
)
"""Of 9 trials 3 come to the second rung, and 1 to the third, which is as good as the end."""

MEDIAN = study(trials=9, finalists=1, pruning={"kind": "median", "first": 0.5})


def decisions(
    made: Study, results: Sequence[Result], failed: Sequence[int] = ()
) -> dict[int, Decision]:
    return {trial: each.decision for trial, each in decide(made, results, failed).items()}


def rung(number: int, accuracies: Mapping[int, float | None]) -> list[Result]:
    return [Result(trial, number, accuracy) for trial, accuracy in accuracies.items()]


def test_the_best_go_on_and_ties_go_to_the_earlier_trial() -> None:
    assert places(HALVING) == (9, 3, 1, 1)
    told = rung(0, dict(enumerate([0.1, 0.5, 0.3, 0.3, 0.2, 0.6, 0.3, 0.1, 0.0])))
    found = decisions(HALVING, told)
    assert [trial for trial, each in found.items() if each is GOES_ON] == [1, 2, 5]
    assert [trial for trial, each in found.items() if each is PRUNED] == [0, 3, 4, 6, 7, 8]
    assert decide(HALVING, told)[3].reason == "place 4 of 9 at rung 1, 3 go on"


def test_what_is_certain_is_decided_before_all_results_are_there() -> None:
    told = rung(0, {0: 0.9, 1: 0.8, 2: 0.7, 3: 0.6})
    assert decisions(HALVING, told) == {0: WAITS, 1: WAITS, 2: WAITS, 3: PRUNED}
    told += rung(0, {4: 0.1, 5: 0.1, 6: 0.1})
    assert decisions(HALVING, told)[0] is GOES_ON, "2 to come"
    assert decisions(HALVING, told)[1] is WAITS


def test_a_rung_ends_though_some_of_its_trials_diverged_or_failed() -> None:
    told = rung(0, {0: 0.9, 1: None, 2: None, 3: None, 4: None, 5: None, 6: None, 7: 0.5})
    assert decisions(HALVING, told)[1] is DIVERGED
    found = decisions(HALVING, told, failed=[8])
    assert (found[0], found[7], found[8]) == (GOES_ON, GOES_ON, FAILED)
    # Only two of three places at the second rung are taken, and nobody waits for the third.
    told += rung(1, {0: 0.6, 7: 0.7})
    found = decisions(HALVING, told, failed=[8])
    assert (found[0], found[7]) == (PRUNED, GOES_ON)
    told += rung(2, {7: None})
    assert decisions(HALVING, told, failed=[8])[7] is DIVERGED


def test_a_trial_that_fails_after_a_rung_keeps_its_place_there() -> None:
    told = rung(0, {trial: 0.9 - trial / 100 for trial in range(9)}) + rung(1, {1: 0.5, 2: 0.6})
    found = decisions(HALVING, told, failed=[0])
    assert (found[0], found[1], found[2], found[3]) == (FAILED, PRUNED, GOES_ON, PRUNED)


def test_at_least_the_finalists_come_to_the_end() -> None:
    made = HALVING.changed(finalists=4)
    assert places(made) == (9, 4, 4, 4)
    assert places(made.changed(trials=4)) == (4, 4, 4, 4)


def test_a_space_smaller_than_the_study_is_its_cohort() -> None:
    small = {"batch_size": {"choice": [50, 100]}, "cycles": {"integer": [1, 3]}}
    made = HALVING.changed(space=small)
    assert places(made) == (6, 2, 1, 1)
    found = decisions(made, rung(0, {trial: trial / 10 for trial in range(6)}))
    assert [trial for trial, each in found.items() if each is GOES_ON] == [4, 5]


def test_other_seeds_and_later_results_for_the_same_do_not_count() -> None:
    told = rung(0, {trial: trial / 10 for trial in range(9)})
    wanted = decisions(HALVING, told)
    assert decisions(HALVING, [Result(0, 0, 0.99, seed=1), *told, Result(0, 0, 0.99)]) == wanted
    assert 0 in decisions(HALVING, [Result(0, 0, 0.99)])
    assert decisions(HALVING, [Result(0, 0, 0.99, seed=1)]) == {}


def test_without_pruning_all_go_on() -> None:
    assert decisions(study(), rung(0, {0: 0.1, 1: None})) == {0: FINISHED, 1: DIVERGED}


def test_the_median_is_that_of_earlier_trials() -> None:
    told = rung(0, {0: 0.1, 1: 0.2, 2: 0.3, 3: 0.4})
    assert set(decisions(MEDIAN, told).values()) == {GOES_ON}, "fewer than five to compare with"
    told += rung(0, {4: 0.5, 6: 0.29, 7: 0.3})
    found = decisions(MEDIAN, told)
    assert found[4] is GOES_ON
    assert found[6] is WAITS, "for number 5"
    told += rung(0, {5: 0.0})
    found = decisions(MEDIAN, told)
    assert (found[5], found[6], found[7]) == (PRUNED, GOES_ON, GOES_ON)
    assert "30.00 % against a median of 29.00 % at rung 1" in decide(MEDIAN, told)[7].reason


def test_at_the_median_the_best_accuracy_so_far_counts() -> None:
    told = rung(0, dict.fromkeys(range(7), 0.5)) + rung(1, dict.fromkeys(range(6), 0.6))
    assert decisions(MEDIAN, [*told, Result(6, 1, 0.4)])[6] is PRUNED
    told[6] = Result(6, 0, 0.65)
    assert decisions(MEDIAN, [*told, Result(6, 1, 0.4)])[6] is GOES_ON


def test_at_the_median_nobody_waits_for_who_is_out() -> None:
    told = rung(0, {0: None, 2: 0.5})
    assert decisions(MEDIAN, told)[2] is WAITS
    assert decisions(MEDIAN, told, failed=[1])[2] is GOES_ON


def test_at_the_median_a_trial_waits_for_those_that_are_further_back() -> None:
    told = rung(0, dict.fromkeys(range(1, 9), 0.5)) + rung(1, dict.fromkeys(range(2, 9), 0.5))
    found = decisions(MEDIAN, told)
    assert decide(MEDIAN, told)[8].reason == "2 to come at rung 2", "numbers 0 and 1"
    assert found[8] is WAITS
    assert decisions(MEDIAN, [*told, Result(0, 0, None), Result(1, 1, 0.4)])[8] is GOES_ON


@pytest.mark.parametrize("made", [HALVING, MEDIAN, HALVING.changed(finalists=3), study(trials=9)])
def test_decisions_do_not_depend_on_the_order_of_results(made: Study) -> None:
    draw = random.Random(3)
    for _ in range(12):
        failing = draw.sample(range(9), draw.choice([0, 1, 3]))
        dies = {trial: draw.randrange(len(made.shares)) for trial in failing}
        curves = [
            [draw.choice([None, *range(3, 20)]) if draw.random() < 0.2 else draw.randrange(20)
             for _ in made.shares]
            for _ in range(9)
        ]  # fmt: skip
        ends = {_played(made, curves, dies, random.Random(order)) for order in range(5)}
        assert len(ends) == 1


def _played(
    made: Study,
    curves: list[list[int | None]],
    dies: Mapping[int, int],
    order: random.Random,
) -> tuple[tuple[int, Decision, int], ...]:
    """Play a study to its end, and check on the way that nothing is taken back."""
    told: list[Result] = []
    failed: list[int] = []
    settled: dict[tuple[int, int], Decision] = {}
    ready = [(trial, 0) for trial in range(9)]
    while ready:
        trial, number = order.choice(ready)
        if dies.get(trial) == number:
            failed.append(trial)
        else:
            accuracy = curves[trial][number]
            told.append(Result(trial, number, None if accuracy is None else accuracy / 20))
        verdicts = decide(made, told, failed)
        for each, verdict in verdicts.items():
            if verdict.decision not in (WAITS, FAILED):
                assert (
                    settled.setdefault((each, verdict.rung), verdict.decision) is verdict.decision
                )
        ready = [(each, 0) for each in range(9) if each not in verdicts]
        ready += [(each, v.rung + 1) for each, v in verdicts.items() if v.decision is GOES_ON]
    assert len(verdicts) == 9
    assert not any(verdict.decision is WAITS for verdict in verdicts.values())
    return tuple((trial, each.decision, each.rung) for trial, each in verdicts.items())

"""Samplers: what a trial tries, and that nothing is tried twice."""

import sys
from typing import Any

import pytest

from core.errors import UserError
from core.sweeps import optuna_trials, sampler
from core.sweeps.definition import space
from core.sweeps.definition.study import Study
from core.sweeps.sampler import Sampler, SpaceExhaustedError
from tests.sweeps.made import SPACE, Result, study

CONDITIONAL: dict[str, Any] = {
    **SPACE,
    "largest_shift": {"integer": [1, 4]},
    "architecture.2": {"choice": [{"kind": "relu"}, {"kind": "gelu"}]},
    "optimiser": {"choice": ["sgd", "adamw"]},
    "momentum": {"linear": [0.5, 0.99], "when": {"optimiser": "sgd"}},
}


def accuracy(settings: dict[str, Any]) -> float:
    """Return an accuracy that is best at a rate of 0.05 and batches of 100."""
    return 0.6 - abs(settings["eta_max"] - 0.05) - abs(settings["batch_size"] - 100) / 1000


def followed(
    made: Study, count: int, late: int = 0
) -> tuple[dict[int, dict[str, Any]], list[Result]]:
    """Return settings and results of trials, each asked when `late` before it have no result."""
    asked: dict[int, dict[str, Any]] = {}
    told: list[Result] = []
    for trial in range(count):
        asked[trial] = Sampler(made, told, asked).settings(trial)
        if trial >= late:
            told.append(Result(trial - late, 0, accuracy(asked[trial - late])))
    return asked, told


def test_random_is_what_the_study_draws() -> None:
    made = study()
    asking = Sampler(made)
    assert [asking.settings(k) for k in (5, 0, 11)] == [made.drawn(k) for k in (5, 0, 11)]


def test_no_settings_are_random_twice() -> None:
    small = {"batch_size": {"choice": [50, 100]}, "cycles": {"integer": [1, 3]}}
    made = study(space=small)
    assert len({space.key(made.drawn(k)) for k in range(6)}) < 6, "it would try some twice"
    assert made.cohort == 6
    tried = [Sampler(made).settings(k) for k in range(6)]
    assert len({space.key(settings) for settings in tried}) == 6
    asking = Sampler(made)
    assert [asking.settings(k) for k in range(6)] == tried
    first = next(k for k in range(6) if tried[k] != made.drawn(k))
    again = [s for s in made.draws(first, 100) if s not in tried[:first]]
    assert tried[first] == again[0], "the next of its own generator"
    with pytest.raises(SpaceExhaustedError, match="has nothing new after 6 of 12 trials"):
        asking.settings(6)


def test_a_rare_remainder_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampler, "REDRAWN", 1)
    made = study(
        trials=50, space={"largest_shift": {"integer": [1, 16]}, "cycles": {"choice": [1, 2]}}
    )
    asking = Sampler(made)
    tried = {space.key(asking.settings(k)) for k in range(made.cohort)}
    assert len(tried) == made.cohort == 32


def test_a_continuous_space_that_has_nothing_new_ends_the_study() -> None:
    asking = Sampler(study(trials=200, space={"eta_max": {"linear": [0.01, 0.02]}}))
    with pytest.raises(SpaceExhaustedError, match="nothing new after 11 of 200"):
        asking.settings(199)


def test_tpe_begins_at_random() -> None:
    made = study(sampler="tpe", trials=30)
    asked, told = followed(made, 10)
    assert [asked[k] for k in range(10)] == [Sampler(study()).settings(k) for k in range(10)]
    assert Sampler(made, told, asked).settings(10) != study().drawn(10)


@pytest.mark.parametrize("late", [0, 3])
def test_tpe_is_a_function_of_the_recorded_order(late: int) -> None:
    made = study(sampler="tpe", trials=30, space=CONDITIONAL)
    asked, told = followed(made, 16, late)
    again = followed(made, 16, late)
    assert (asked, told) == again
    other = [Result(each.trial, 0, 1 - (each.accuracy or 0)) for each in told]
    assert Sampler(made, other, asked).settings(16) != Sampler(made, told, asked).settings(16)
    for settings in asked.values():
        assert ("momentum" in settings) == (settings["optimiser"] == "sgd")
        made.experiment(settings, 0)


def test_studies_of_different_names_ask_tpe_differently() -> None:
    made = study(sampler="tpe", trials=30)
    asked, told = followed(made, 12)
    other = made.changed(name="another")
    assert Sampler(made, told, asked).settings(12) != Sampler(other, told, asked).settings(12)


def test_a_diverged_trial_is_behind_all_others_whatever_it_was_before() -> None:
    made = study()
    trial = optuna_trials.trial(made.space, made.drawn(0), {0: 0.99, 1: None}, 2)
    assert trial.state.name == "PRUNED"
    assert trial.intermediate_values == {}
    assert optuna_trials.trial(made.space, made.drawn(0), {}, 2).state.name == "RUNNING"
    paused = optuna_trials.trial(made.space, made.drawn(0), {0: 0.1, 1: 0.2}, 2)
    assert (paused.state.name, paused.intermediate_values) == ("PRUNED", {0: 0.1, 1: 0.2})


def test_without_optuna_one_sentence_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    made = study(sampler="tpe", trials=30)
    asked, told = followed(made, 10)
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(UserError, match="`pip install optuna` gets it"):
        Sampler(made, told, asked).settings(10)
    assert Sampler(study()).settings(10), "random draws do without"


def test_tpe_finds_what_is_good() -> None:
    made = study(sampler="tpe", trials=60)
    asked, _ = followed(made, 40)
    by_tpe = [accuracy(asked[k]) for k in range(20, 40)]
    at_random = [accuracy(made.drawn(k)) for k in range(20, 40)]
    assert sum(by_tpe) > sum(at_random) + 0.2


def test_tpe_tries_nothing_twice_and_all_of_a_small_space() -> None:
    small = {
        "batch_size": {"choice": [50, 100, 200]},
        "eta_max": {"choice": [0.02, 0.03, 0.04, 0.05, 0.06]},
    }
    made = study(sampler="tpe", space=small, trials=20)
    asked, told = followed(made, made.cohort)
    assert len({space.key(settings) for settings in asked.values()}) == made.cohort == 15
    with pytest.raises(SpaceExhaustedError, match="after 15 of 20"):
        Sampler(made, told, asked).settings(15)


def test_tpe_knows_rungs_and_divergence() -> None:
    made = study(
        sampler="tpe", trials=60, pruning="halving", space={"eta_max": {"log": [0.001, 1]}}
    )
    last = len(made.shares) - 1
    asked = {k: made.drawn(k) for k in range(30)}
    told = []
    for k, settings in asked.items():
        # Above 0.1 they diverge; below 0.01 they are pruned at the first rung.
        told.append(Result(k, 0, None if settings["eta_max"] > 0.1 else 0.9))
        if 0.01 < settings["eta_max"] <= 0.1:
            told += [Result(k, rung, 0.5) for rung in range(1, last + 1)]
    suggested = []
    for k in range(30, 50):
        asked[k] = Sampler(made, told, asked).settings(k)
        suggested.append(asked[k]["eta_max"])
    assert sum(0.005 < rate < 0.2 for rate in suggested) > 12


def test_what_was_asked_before_stays() -> None:
    made = study(sampler="tpe")
    asked, told = followed(made, 12)
    assert Sampler(made, told, asked).settings(11) == asked[11]

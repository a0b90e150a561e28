"""Importance of settings: what decided comes first, and too few trials are refused."""

from typing import Any

import numpy as np
import pytest

from core.errors import UserError
from core.sweeps.analysis.importance import FEWEST, importances
from tests.sweeps.made import SPACE, study

SETTINGS: dict[str, Any] = {
    **SPACE,
    "optimiser": {"choice": ["sgd", "adamw"]},
    "momentum": {"linear": [0.5, 0.99], "when": {"optimiser": "sgd"}},
}
STUDY = study(space=SETTINGS, trials=60)


def finished(count: int) -> list[tuple[dict[str, Any], float]]:
    """Return trials whose accuracy depends on the rate alone."""
    drawn = [STUDY.drawn(k) for k in range(count)]
    return [(each, 0.6 - abs(float(np.log(each["eta_max"] / 0.03)))) for each in drawn]


def test_what_decides_comes_first_and_lies_in_its_interval() -> None:
    found = importances(STUDY, finished(60), resamples=30)
    assert found[0].name == "eta_max"
    assert {each.name for each in found} == set(SETTINGS)
    assert found[0].value > 0.6
    assert sum(each.value for each in found) == pytest.approx(1)
    assert all(0 <= each.low <= each.high <= 1 for each in found)
    assert found[0].low > found[1].high


def test_importance_lies_in_its_interval_with_few_trials_too() -> None:
    for each in importances(STUDY, finished(FEWEST)):
        assert each.low <= each.value <= each.high


def test_the_same_trials_give_the_same_intervals() -> None:
    once, again = (importances(STUDY, finished(25), resamples=5) for _ in range(2))
    assert once == again
    assert importances(STUDY, finished(25), resamples=5, seed=1) != once


def test_too_few_trials_are_refused() -> None:
    with pytest.raises(UserError) as caught:
        importances(STUDY, finished(FEWEST - 1))
    assert str(caught.value) == (
        "importance needs 20 trials trained to the end; tiny has 19 so far"
    )
    assert importances(STUDY, finished(FEWEST), resamples=2)


def test_equal_trials_are_refused() -> None:
    equal = [(settings, 0.5) for settings, _ in finished(30)]
    with pytest.raises(UserError, match="equally good"):
        importances(STUDY, equal)

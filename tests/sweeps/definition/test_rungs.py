"""Rungs: where they lie, and that they are evaluations."""

import pytest

from core.settings import SettingError
from core.sweeps.definition.rungs import EVALUATIONS, Pruning, rung_updates, spacing


@pytest.mark.parametrize(
    ("pruning", "shares"),
    [
        (Pruning(), (1,)),
        (Pruning(kind="halving"), (0.1, 0.3, 1)),
        (Pruning(kind="halving", first=0.9), (0.9, 1)),
        (Pruning(kind="halving", first=0.05, factor=2), (0.05, 0.1, 0.2, 0.4, 1)),
        (Pruning(kind="median", first=0.85), (0.85, 0.9, 0.95, 1)),
    ],
)
def test_rungs_are_shares_of_a_trial(pruning: Pruning, shares: tuple[float, ...]) -> None:
    assert pruning.shares() == shares


@pytest.mark.parametrize("total", [4, 6, 19, 20, 21, 99, 2476, 10_000_000])
def test_rungs_ascend_on_evaluations_however_short_a_trial_is(total: int) -> None:
    *rungs, end = rung_updates((0.1, 0.2, 0.3, 1), total)
    assert 0 < rungs[0] < rungs[1] < rungs[2] < end == total
    assert all(rung % spacing(total) == 0 for rung in rungs)
    assert total / spacing(total) <= EVALUATIONS


def test_a_trial_too_short_for_its_rungs_is_refused() -> None:
    with pytest.raises(SettingError, match="a trial of 3 updates is too short for 4 rungs"):
        rung_updates((0.1, 0.2, 0.3, 1), 3)

"""Tests of the curves of schedules."""

import numpy as np
import pytest

from core import plan as planning
from core.config import presets
from tui.widgets.rates import points


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"growth": 2.0, "decay": 0.5},
        {"schedule": "constant"},
        {"max_updates": 1234},
        {"max_updates": 1},
        {"half_cycle": 1, "cycles": 1},
    ],
)
def test_straight_lines_between_the_points_are_the_schedule(changes):
    experiment = presets.load("arch-2").changed(**changes)
    schedule, updates = planning.schedule(experiment), experiment.total_updates
    at, rates = points(schedule, updates)
    assert at[0] == 0
    assert at[-1] == updates - 1
    every = np.arange(updates)
    drawn = np.interp(every, at, rates)
    np.testing.assert_allclose(drawn, [schedule.rate(int(u)) for u in every], rtol=1e-9)

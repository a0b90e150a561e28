"""Tests of the corners and the ticks of the schedule's plot."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import format as fmt
from core import plan as planning
from core import plan_text
from core.config import presets
from tui.configure.rate_plot import points


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


@given(st.integers(0, 10**13))
def test_short_numbers_have_at_most_six_characters(number):
    assert len(fmt.short(number)) <= 6


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (32_050, "32,050"), (123_040, "123 k"), (2_352_000, "2.35 M")]
)
def test_short_numbers(number, text):
    assert fmt.short(number) == text


def test_the_first_text_that_fits():
    assert fmt.first_fitting(5, "too long", "right", "x") == "right"
    assert fmt.first_fitting(0, "too long", "x") == "x"


def test_the_data_set_is_named_with_what_stands_in_for_cifar10():
    experiment = presets.load("final")
    assert plan_text.data(experiment, "cifar10") == ("CIFAR-10", "49,000 + 24,500 training images")
    assert "without CIFAR-10" in plan_text.data(experiment, "synthetic")[0]
    chosen = experiment.changed(dataset="synthetic")
    assert "without CIFAR-10" not in plan_text.data(chosen, "synthetic")[0]

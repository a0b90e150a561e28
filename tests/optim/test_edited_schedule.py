"""Tests of edited schedules: past updates keep their rates, and only the edits matter."""

import itertools
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.optim.edited_schedule import Edited
from core.optim.schedule import Constant, Cycles, Cyclical, OneCycle, curve
from tests.optim.test_falling import cosines, steps

cyclicals = st.builds(
    lambda low, more, *rest: Cyclical(low, low + more, *rest),
    st.floats(0, 0.1),
    st.floats(0, 1),
    st.integers(1, 30),
    st.integers(3, 5),
    st.sampled_from([0.3, 1.0, 1.5, 2.0]),
    st.sampled_from([0.5, 0.9, 1.0]),
)
constants = st.builds(
    Constant, st.floats(0, 1), st.lists(st.integers(1, 40), min_size=3, max_size=5).map(tuple)
)
one_cycles = st.builds(
    lambda low, more, *rest: OneCycle(low, low + more, *rest),
    st.floats(0, 0.1),
    st.floats(0, 1),
    st.integers(1, 90),
    st.sampled_from([0.0, 1.0]) | st.floats(0, 1),
)
straight = st.one_of(cyclicals, constants, one_cycles, steps)
"""Schedules whose curves are straight between their corners."""
schedules = st.one_of(straight, cosines)


def walk(first: Cycles, edits: dict[int, Cycles]) -> list[tuple[int, Fraction, float]]:
    """Simulate every update: cycle, completed fraction of the cycle, rate."""
    schedule, cycle, passed, update = first, 0, Fraction(0), 0
    taken = []
    while True:
        schedule = edits.get(update, schedule)
        if cycle >= len(schedule.lengths):
            return taken
        length = schedule.lengths[cycle]
        taken.append((cycle, passed, schedule.rate_in(cycle, passed * length)))
        passed += Fraction(1, length)
        if passed >= 1:
            cycle, passed = cycle + 1, Fraction(0)
        update += 1


@st.composite
def edited(draw, schedules=schedules):
    """A schedule, valid edits, and the edited schedule."""
    first = draw(schedules)
    whole, edits, update = Edited.of(first), {}, 0
    for _ in range(draw(st.integers(0, 3))):
        update += draw(st.integers(0, 60))
        if update >= whole.total_updates:
            break
        schedule = draw(schedules)
        if whole.cycle(update) < len(schedule.lengths):
            whole, edits[update] = whole.then(update, schedule), schedule
    return first, edits, whole


@given(edited())
def test_it_is_what_a_walk_from_update_to_update_gives(case):
    first, edits, whole = case
    expected = walk(first, edits)
    assert whole.total_updates == len(expected)
    for update, (cycle, _, rate) in enumerate(expected):
        assert whole.cycle(update) == cycle
        assert whole.rate(update) == pytest.approx(rate, rel=1e-12, abs=1e-15)
    cycles = [cycle for cycle, _, _ in expected]
    starts = [u for u, cycle in enumerate(cycles) if not u or cycle != cycles[u - 1]]
    assert whole.boundaries == (*starts, len(expected))


@given(schedules, st.data())
def test_an_edit_that_changes_nothing_changes_nothing(schedule, data):
    whole = Edited.of(schedule)
    for update in sorted(data.draw(st.lists(st.integers(0, schedule.total_updates - 1)))):
        whole = whole.then(update, schedule)
    assert whole.total_updates == schedule.total_updates
    assert whole.boundaries == schedule.boundaries
    for update in range(schedule.total_updates):
        assert whole.rate(update) == schedule.rate(update)


@given(edited(straight))
def test_the_curve_between_corners_is_straight(case):
    _, _, whole = case
    corners = whole.corners
    assert corners[0] == 0
    assert corners[-1] == whole.total_updates - 1
    for start, end in itertools.pairwise(corners):
        a, b = whole.rate(start), whole.rate(end)
        for update in range(start, end):
            on_line = a + (b - a) * (update - start) / (end - start)
            assert whole.rate(update) == pytest.approx(on_line, rel=1e-9, abs=1e-12)
    updates, _ = curve(whole, 20)
    assert set(corners) <= set(updates)


def test_half_a_cycle_stays_half_a_cycle():
    whole = Edited.of(Cyclical(0.0, 1.0, 100, 2)).then(150, Cyclical(0.0, 0.4, 40, 3))
    # Three quarters of the first cycle had passed: 60 of 80 updates, so 20 remain.
    assert whole.rate(149) == 0.51
    assert whole.rate(150) == 0.2
    assert whole.boundaries == (0, 170, 250, 330)
    assert [whole.cycle(u) for u in (149, 150, 169, 170, 329)] == [0, 0, 0, 1, 2]


def test_a_third_of_the_climb_stays_a_third_of_the_climb():
    whole = Edited.of(OneCycle(0.0, 1.0, 100, 0.3)).then(10, OneCycle(0.0, 0.6, 200, 0.3))
    # A tenth of the run had passed: 20 of 200 updates, so 180 remain.
    assert whole.total_updates == 190
    assert whole.boundaries == (0, 190)
    assert whole.corners == (0, 9, 10, 50, 189)
    assert whole.rate(9) == pytest.approx(0.3)
    assert whole.rate(10) == pytest.approx(0.2)
    assert whole.rate(50) == 0.6


def test_a_top_after_an_edit_is_the_highest_rate_and_not_its_rounding():
    # Half of each climb had passed. 0.2 + (0.9 - 0.2) is one rounding below 0.9.
    whole = Edited.of(Cyclical(0.1, 0.3, 20, 2)).then(10, Cyclical(0.2, 0.9, 30, 2))
    assert [whole.rate(update) for update in (0, 25, 55, 85)] == [0.1, 0.9, 0.2, 0.9]
    whole = Edited.of(OneCycle(0.1, 0.3, 40, 0.5)).then(10, OneCycle(0.2, 0.9, 60, 0.5))
    assert whole.rate(10 + 15) == 0.9
    whole = Edited.of(OneCycle(0.1, 0.3, 40, 0.0)).then(0, OneCycle(0.2, 0.9, 60, 0.0))
    assert whole.rate(0) == 0.9
    assert whole.then(20, Constant(0.7, (60,))).rate(20) == 0.7


def test_an_edit_at_the_same_update_takes_the_place_of_the_earlier():
    one = Edited.of(Cyclical(0.0, 1.0, 100, 2)).then(50, Cyclical(0.0, 0.4, 40, 3))
    both = one.then(50, Cyclical(0.0, 0.2, 10, 2))
    assert both == Edited.of(Cyclical(0.0, 1.0, 100, 2)).then(50, Cyclical(0.0, 0.2, 10, 2))


def test_what_cannot_be_edited_is_refused():
    whole = Edited.of(Cyclical(0.0, 1.0, 10, 3)).then(45, Cyclical(0.0, 0.4, 10, 3))
    with pytest.raises(ValueError, match="is not from 0 to 59"):
        whole.then(60, Cyclical(0.0, 0.4, 10, 3))
    with pytest.raises(ValueError, match="cycle 3 has begun, so there must be 3 cycles at least"):
        whole.then(50, Cyclical(0.0, 0.4, 10, 2))
    with pytest.raises(ValueError, match="comes before an edit at update 45"):
        whole.then(44, Cyclical(0.0, 0.4, 10, 3))
    with pytest.raises(ValueError, match="is not from 0 to"):
        whole.rate(60)

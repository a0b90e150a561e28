import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.optim.schedule import Constant, Cyclical, OneCycle, curve
from tests.optim.test_falling import cosines, steps

cyclicals = st.builds(
    lambda low, more, *rest: Cyclical(low, low + more, *rest),
    st.floats(0, 0.1),
    st.floats(0, 1),
    st.integers(1, 50),
    st.integers(1, 6),
    st.sampled_from([0.3, 1.0, 1.5, 2.0]),
    st.sampled_from([0.5, 0.9, 1.0, 1.2]),
)
one_cycles = st.builds(
    lambda low, more, *rest: OneCycle(low, low + more, *rest),
    st.floats(0, 0.1),
    st.floats(0, 1),
    st.integers(1, 200),
    st.sampled_from([0.0, 1.0]) | st.floats(0, 1),
)
schedules = st.one_of(
    cyclicals,
    one_cycles,
    cosines,
    steps,
    st.builds(
        Constant, st.floats(0, 1), st.lists(st.integers(1, 40), min_size=1, max_size=4).map(tuple)
    ),
)


def test_the_short_recipe():
    schedule = Cyclical(1e-5, 0.1, 800, 3)
    assert schedule.total_updates == 4_800
    assert schedule.boundaries == (0, 1_600, 3_200, 4_800)
    for start in (0, 1_600, 3_200):
        assert schedule.rate(start) == 1e-5
        assert schedule.rate(start + 800) == 0.1
        assert schedule.rate(start + 400) == pytest.approx((1e-5 + 0.1) / 2)
        assert schedule.rate(start + 1_200) == pytest.approx((1e-5 + 0.1) / 2)
        assert schedule.rate(start + 1) == pytest.approx(1e-5 + (0.1 - 1e-5) / 800)
    assert schedule.rate(4_799) == schedule.rate(1)
    assert [schedule.cycle(u) for u in (0, 1_599, 1_600, 4_799)] == [0, 0, 1, 2]


def test_the_long_recipe():
    schedule = Cyclical(1e-5, 0.1, 800, 4, growth=2.0)
    assert schedule.total_updates == 24_000
    assert schedule.boundaries == (0, 1_600, 4_800, 11_200, 24_000)
    assert [schedule.rate(u) for u in (800, 3_200, 8_000, 17_600)] == [0.1] * 4
    assert schedule.corners == (0, 800, 1_600, 3_200, 4_800, 8_000, 11_200, 17_600, 23_999)


def test_highest_rates_decay_but_not_below_the_lowest():
    schedule = Cyclical(0.02, 0.1, 10, 4, decay=0.5)
    assert [schedule.rate(20 * i + 10) for i in range(4)] == [0.1, 0.05, 0.025, 0.02]


@given(cyclicals)
def test_rates_stay_in_bounds_and_meet_the_corners(schedule):
    rates = [schedule.rate(update) for update in range(schedule.total_updates)]
    for i, (start, end) in enumerate(
        zip(schedule.boundaries, schedule.boundaries[1:], strict=False)
    ):
        half = (end - start) // 2
        assert half == max(1, round(schedule.half_cycle * schedule.growth**i))
        top = max(schedule.eta_min, schedule.eta_max * schedule.decay**i)
        assert rates[start] == schedule.eta_min
        assert rates[start + half] == top
        climb, fall = rates[start : start + half + 1], rates[start + half : end]
        assert climb == sorted(climb)
        assert fall == sorted(fall, reverse=True)
        assert all(schedule.eta_min <= rate <= top for rate in rates[start:end])
        assert {schedule.cycle(update) for update in range(start, end)} == {i}


def test_one_cycle_climbs_and_falls_in_straight_lines():
    schedule = OneCycle(0.001, 0.101, 100, 0.25)
    assert schedule.lengths == (100,)
    assert schedule.boundaries == (0, 100)
    assert schedule.corners == (0, 25, 99)
    assert schedule.rate(0) == 0.001
    assert schedule.rate(25) == 0.101
    for update in range(25):
        assert schedule.rate(update) == pytest.approx(0.001 + 0.1 * update / 25)
    for update in range(25, 100):
        assert schedule.rate(update) == pytest.approx(0.101 - 0.1 * (update - 25) / 75)
    assert OneCycle(0.0, 1.0, 10, 0.0).rate(0) == 1.0
    assert OneCycle(0.0, 1.0, 10, 1.0).rate(9) == 0.9


@given(one_cycles)
def test_one_cycle_stays_in_bounds(schedule):
    rates = [schedule.rate(update) for update in range(schedule.total_updates)]
    top = schedule.top
    assert all(schedule.eta_min <= rate <= schedule.eta_max for rate in rates)
    assert rates[:top] == sorted(rates[:top])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    if top < len(rates):
        assert rates[top] == schedule.eta_max
    if top:
        assert rates[0] == schedule.eta_min
    assert schedule.rate_in(0, top) == schedule.eta_max
    assert schedule.rate_in(0, len(rates)) == (
        schedule.eta_min if top < len(rates) else schedule.eta_max
    )
    assert {schedule.cycle(update) for update in range(len(rates))} == {0}


# Of these, low + (high - low) is one rounding below high.
ROUNDED = [(0.2, 0.9), (0.0003, 0.0008), (1e-5, 3e-5), (7e-5, 0.0004), (0.1, 0.1 + 2**-55)]


@pytest.mark.parametrize(("low", "high"), ROUNDED)
def test_a_top_is_the_highest_rate_and_not_its_rounding(low, high):
    assert OneCycle(low, high, 1, 0.0).rate(0) == high
    assert OneCycle(low, high, 7, 0.0).rate(0) == high
    assert OneCycle(low, high, 1).rate(0) == high  # a climb of 0.3 updates is none
    assert OneCycle(low, high, 10, 0.3).rate(3) == high
    assert OneCycle(low, high, 10, 0.3).rate_in(0, 10) == low
    assert OneCycle(low, high, 10, 1.0).rate_in(0, 10) == high
    for growth in (0.1, 1.0, 1.5, 10.0):
        schedule = Cyclical(low, high, 3, 4, growth)
        for start, half in zip(schedule.boundaries, schedule.half_cycles, strict=False):
            assert schedule.rate(start) == low
            assert schedule.rate(start + half) == high
    decayed = Cyclical(low, high, 3, 4, decay=0.7)
    for i, start in enumerate(decayed.boundaries[:-1]):
        assert decayed.rate(start + 3) == max(low, high * 0.7**i)


@given(st.one_of(cyclicals, one_cycles))
def test_between_the_ends_rates_are_what_runs_that_exist_were_trained_with(schedule):
    low, tops = schedule.eta_min, getattr(schedule, "tops", [schedule.eta_max])
    for cycle, (length, top) in enumerate(zip(schedule.lengths, tops, strict=True)):
        climb = schedule.bends_in(cycle)[0]
        for since in range(length):
            way = since / climb if since < climb else (length - since) / (length - climb)
            if way < 1:
                rate = min(top, low + (top - low) * way)
                assert schedule.rate_in(cycle, since) == rate


@given(schedules)
def test_rates_do_not_depend_on_what_was_asked_before(schedule):
    updates = range(schedule.total_updates)
    backwards = [schedule.rate(update) for update in reversed(updates)][::-1]
    assert backwards == [schedule.rate(update) for update in updates]


@given(schedules, st.integers(2, 40))
def test_curve_holds_the_corners_and_both_ends(schedule, points):
    updates, rates = curve(schedule, points)
    assert updates[0] == 0
    assert updates[-1] == schedule.total_updates - 1
    assert updates == sorted(set(updates))
    assert set(schedule.corners) <= set(updates)
    assert len(updates) <= points + len(schedule.corners)
    assert rates == [schedule.rate(update) for update in updates]


@given(schedules)
def test_updates_outside_are_refused(schedule):
    for update in (-1, schedule.total_updates):
        with pytest.raises(ValueError, match="is not from 0 to"):
            schedule.rate(update)
        with pytest.raises(ValueError, match="is not from 0 to"):
            schedule.cycle(update)


def test_constant():
    schedule = Constant(0.3, (4, 3))
    assert schedule.total_updates == 7
    assert schedule.boundaries == (0, 4, 7)
    assert [schedule.cycle(u) for u in range(7)] == [0] * 4 + [1] * 3
    assert {schedule.rate(u) for u in range(7)} == {0.3}


@pytest.mark.parametrize(
    "build",
    [
        lambda: Cyclical(1e-5, 0.1, 0, 3),
        lambda: Cyclical(1e-5, 0.1, 800, 0),
        lambda: Cyclical(0.2, 0.1, 800, 3),
        lambda: Cyclical(-0.1, 0.1, 800, 3),
        lambda: Cyclical(1e-5, 0.1, 800, 3, growth=0.0),
        lambda: Cyclical(1e-5, 0.1, 800, 3, decay=-1.0),
        lambda: OneCycle(1e-5, 0.1, 0),
        lambda: OneCycle(0.2, 0.1, 10),
        lambda: OneCycle(-0.1, 0.1, 10),
        lambda: OneCycle(1e-5, 0.1, 10, 1.5),
        lambda: OneCycle(1e-5, 0.1, 10, -0.1),
        lambda: Constant(0.1, ()),
        lambda: Constant(0.1, (3, 0)),
    ],
)
def test_what_makes_no_schedule_is_refused(build):
    with pytest.raises(ValueError, match=r"."):
        build()

"""Tests of the schedules that fall, with PyTorch's as the judge."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.optim.falling import Cosine, Step
from core.optim.schedule import curve
from tests.nn.harness import torch_module

cosines = st.builds(
    lambda low, more, *rest: Cosine(low, low + more, *rest),
    st.floats(0, 0.1),
    st.floats(0, 1),
    st.integers(1, 200),
    st.sampled_from([0.0, 1.0]) | st.floats(0, 1),
)
steps = st.builds(
    lambda low, more, lengths, decay: Step(low + more, tuple(lengths), low, decay),
    st.floats(0, 0.1),
    st.floats(0, 1),
    st.lists(st.integers(1, 30), min_size=1, max_size=5),
    st.sampled_from([0.1, 0.5, 1.0]),
)


def rates(schedule):
    return [schedule.rate(update) for update in range(schedule.total_updates)]


def theirs(scheduler_of, top, count):
    torch = torch_module()
    optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=top)
    scheduler, found = scheduler_of(torch.optim.lr_scheduler, optimiser), []
    for _ in range(count):
        found.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        scheduler.step()
    return found


@pytest.mark.parametrize("low", [0.0, 0.01])
def test_the_fall_is_pytorchs_cosine(low):
    found = rates(Cosine(low, 0.3, 40, 0.0))
    expected = theirs(lambda of, sgd: of.CosineAnnealingLR(sgd, 40, low), 0.3, 40)
    assert found == pytest.approx(expected, rel=1e-10, abs=1e-15)


def test_a_rise_before_the_cosine_is_linear():
    schedule = Cosine(0.0, 0.2, 50, 0.2)
    found = rates(schedule)
    assert found[:11] == pytest.approx([0.02 * update for update in range(11)])
    fall = theirs(lambda of, sgd: of.CosineAnnealingLR(sgd, 40), 0.2, 40)
    assert found[10:] == pytest.approx(fall, rel=1e-10, abs=1e-15)
    assert found[30] == pytest.approx(0.1)  # half of the fall is half of the way down


@given(cosines)
def test_a_cosine_stays_in_bounds_and_meets_its_ends(schedule):
    found, top = rates(schedule), schedule.top
    assert all(schedule.eta_min <= rate <= schedule.eta_max for rate in found)
    assert found[:top] == sorted(found[:top])
    assert found[top:] == sorted(found[top:], reverse=True)
    if top < len(found):
        assert found[top] == schedule.eta_max
        assert schedule.rate_in(0, len(found)) == schedule.eta_min


@given(cosines)
def test_straight_lines_between_the_corners_look_like_the_cosine(schedule):
    for start, end in pairwise(schedule.corners):
        for update in range(start, end):
            low, high = schedule.rate(start), schedule.rate(end)
            line = low + (high - low) * (update - start) / (end - start)
            assert abs(schedule.rate(update) - line) <= 0.02 * schedule.eta_max


def test_steps_are_pytorchs():
    found = rates(Step(0.3, (7, 7, 7, 7), 0.0, 0.1))
    expected = theirs(lambda of, sgd: of.StepLR(sgd, 7, 0.1), 0.3, 28)
    assert found == pytest.approx(expected, rel=1e-12)


@given(steps)
def test_each_cycle_has_one_rate(schedule):
    found = rates(schedule)
    for cycle, (start, end) in enumerate(pairwise(schedule.boundaries)):
        expected = max(schedule.eta_min, schedule.eta * schedule.decay**cycle)
        assert set(found[start:end]) == {expected}
        assert {start, end - 1} <= set(schedule.corners)
        assert {schedule.cycle(update) for update in range(start, end)} == {cycle}


@pytest.mark.parametrize(
    "build",
    [
        lambda: Cosine(1e-5, 0.1, 0),
        lambda: Cosine(0.2, 0.1, 10),
        lambda: Cosine(1e-5, 0.1, 10, 1.5),
        lambda: Step(0.1, ()),
        lambda: Step(0.1, (3, 0)),
        lambda: Step(0.1, (3,), 0.2),
        lambda: Step(0.1, (3,), -0.1),
        lambda: Step(0.1, (3,), decay=0.0),
    ],
)
def test_what_makes_no_schedule_is_refused(build):
    with pytest.raises(ValueError, match=r"."):
        build()


def test_a_curve_shows_both_sides_of_a_step():
    updates, found = curve(Step(0.4, (5, 5), decay=0.5), 2)
    assert list(zip(updates, found, strict=True)) == [(0, 0.4), (4, 0.4), (5, 0.2), (9, 0.2)]

"""What is read off a chart is the data: the nearest point, whatever the width and the axis."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import plan as planning
from core.config import presets
from tui.widgets import axis, rates
from tui.widgets.legend import readout
from tui.widgets.picture import Curve, Picture
from tui.widgets.reading import Reader

UPDATES = np.arange(1.0, 1301)
LOSS = Curve("training", UPDATES, 2.0 - UPDATES / 1300)
TESTED = Curve("validation", UPDATES[99::100], UPDATES[99::100] / 1000, "validation")
WIDTHS = st.integers(20, 200)


def reader(*curves: Curve, last: float = 2400, width: int = 60) -> Reader:
    picture = Picture(curves, last)
    return Reader(picture, axis.along(last, width, "updates"), width)


@given(WIDTHS, st.sampled_from([1300, 2400, 4800, 100_000]))
def test_each_column_has_the_value_of_a_point_in_it(width, last):
    read = reader(LOSS, TESTED, last=last, width=width)
    shown = 0
    for column in range(width):
        x = read.under(column)
        if x is None:
            continue
        shown += 1
        reading = read.at(x)
        assert reading is not None
        training, validation = reading.values
        assert training is not None
        assert (training.x, training.y) == (x, 2.0 - x / 1300)
        assert read.column(x) == column
        if validation is not None:
            assert validation.y == validation.x / 1000
            nearest = TESTED.x[np.argmin(np.abs(TESTED.x - x))]
            assert abs(validation.x - x) == abs(nearest - x)
            assert validation.aside == (read.column(validation.x) != column)
    along = axis.along(last, width, "updates")
    assert shown == along.cell(1300, width) - along.cell(1, width) + 1


@given(WIDTHS)
def test_every_evaluation_among_many_updates_can_be_reached(width):
    read = reader(LOSS, TESTED, last=1300, width=width)
    reached = {x for column in range(width) if (x := read.under(column)) is not None}
    columns = {read.column(x) for x in TESTED.x}
    assert len(reached & set(TESTED.x)) == len(columns)


@given(WIDTHS, st.sampled_from([1, -1, 10, -10]))
def test_steps_go_through_the_curve_to_its_end_and_leave_it(width, step):
    read = reader(TESTED, last=2400, width=width)
    first, last = TESTED.x[[0, -1]] if step > 0 else TESTED.x[[-1, 0]]
    x, passed = read.moved(None, step), []
    while x is not None:
        passed.append(x)
        assert len(passed) <= len(TESTED.x)
        x = read.moved(x, step)
    columns = [read.column(x) for x in passed]
    assert columns[0] == read.column(first)
    assert columns[-1] == read.column(last)
    assert passed == sorted(passed, reverse=step < 0)
    if abs(step) == 1:
        assert set(columns) == {read.column(x) for x in TESTED.x}


def test_a_curve_that_begins_later_or_has_ended_has_no_value():
    late = Curve("late", np.array([600.0, 700.0]), np.array([1.0, 2.0]))
    read = reader(LOSS, late)
    values = [read.at(x).values[1] for x in (100.0, 660.0, 1200.0)]
    assert values[0] is values[2] is None
    assert (values[1].x, values[1].y, values[1].aside) == (700.0, 2.0, True)
    assert read.at(2000.0) is None


def test_points_that_are_not_finite_are_not_read():
    x, y = np.array([1.0, 2.0, 3.0, np.nan, 500.0]), np.array([1.0, np.nan, np.inf, 2.0, 5.0])
    read = reader(Curve("loss", x, y))
    assert [read.at(x).values[0].y for x in (2.0, 3.0, 499.0)] == [1.0, 1.0, 5.0]
    assert reader(Curve("none", x[1:3], y[1:3])).moved(None, 1) is None


def test_rates_of_a_logarithmic_axis_are_read_where_they_are_nearest():
    x = np.array([1e-5, 1e-3, 1e-1])
    picture = Picture((Curve("loss", x, np.array([3.0, 2.0, 1.0])),), 1.0, first=1e-5)
    read = Reader(picture, axis.powers(1e-5, 1.0, 50), 50)
    assert [read.under(column) for column in (0, 9, 14, 20)] == [1e-5, 1e-5, 1e-3, 1e-3]
    assert read.under(49) is None
    assert read.moved(1e-5, 1) == 1e-3


@pytest.mark.parametrize("changes", [{}, {"schedule": "cosine"}, {"growth": 2.0, "decay": 0.5}])
def test_the_rate_of_every_update_is_that_of_the_schedule(changes):
    experiment = presets.load("arch-2").changed(**changes)
    schedule, total = planning.schedule(experiment), experiment.total_updates
    read = reader(rates.curve(schedule, total, "rate"), last=total, width=70)
    columns = range(read.column(1), read.column(total) + 1)
    assert len(columns) > 50
    for column in columns:
        x = read.under(column)
        assert x == round(x)
        value = read.at(x).values[0]
        assert (value.x, value.y) == (x, schedule.rate(int(x) - 1))


def words(curves, x, width, quantity="loss", **how):
    picture = Picture(curves, 2400, **how)
    reading = Reader(picture, axis.along(2400, 60, "updates"), 60).at(x)
    return readout(reading, picture, quantity, width).plain


def test_what_does_not_fit_is_left_out_from_the_least_important_on():
    curves = (LOSS, TESTED)
    assert words(curves, 1240.0, 100, updates_per_epoch=490) == (
        "update 1,240 (epoch 2.5)   ⠒⠒⠒ training 1.046   ─◆─ validation 1.200 at 1,200"
    )
    assert words(curves, 1200.0, 60, updates_per_epoch=490) == (
        "update 1,200   ⠒⠒⠒ training 1.077   ─◆─ validation 1.200"
    )
    assert words(curves, 1240.0, 44) == "update 1,240  ⠒ 1.046  ◆ 1.200 at 1,200"
    assert words(curves, 1240.0, 26) == "1240  ⠒ 1.046  ◆ 1.200"
    for width in range(24, 120):
        assert len(words(curves, 1240.0, width, updates_per_epoch=490)) <= width - 4


def test_ten_runs_are_told_by_their_digits_and_those_that_do_not_fit_are_counted():
    curves = tuple(
        Curve("a name", UPDATES, np.full(1300, 50.0 + at), marker=str((at + 1) % 10))
        for at in range(10)
    )
    text = words(curves, 1000.0, 78, "percent")
    assert text == "1000 " + " ".join(f"{(at + 1) % 10} {50 + at}.0" for at in range(10))
    assert words(curves, 1000.0, 58, "percent") == (
        "1000 1 50.0 2 51.0 3 52.0 4 53.0 5 54.0 6 55.0 +4"
    )
    assert "1 50.0 %   2 51.0 %" in words(curves, 1000.0, 140, "percent")

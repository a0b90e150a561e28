"""Where an axis begins and ends, and what stands beside it."""

from itertools import pairwise
from math import log10

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.widgets import axis
from tui.widgets.axis import Axis
from tui.widgets.plot import MARGIN

values = st.one_of(st.floats(-1e6, 1e6), st.floats(-axis.LARGEST_MAGNITUDE, axis.LARGEST_MAGNITUDE))
heights = st.integers(2, 48)


def locked(made: Axis, low: float, high: float, count: int) -> bool:
    """Whether values lie between the first tick and the last, or no farther than in their cells."""
    cell = (made.high - made.low) / count
    slack = 1e-6 * max(abs(low), abs(high)) + 0.25 * cell
    return made.ticks[0] <= low + slack and high - slack <= made.ticks[-1]


def cells(made: Axis, count: int) -> list[float]:
    """Return where the ticks stand, in cells from the middle of the first."""
    return [(tick - made.low) / (made.high - made.low) * count - 0.5 for tick in made.ticks]


@given(values, values, heights, st.sampled_from(["loss", "percent", "rate"]))
def test_values_lie_between_the_first_tick_and_the_last(one, other, height, quantity):
    low, high = min(one, other), max(one, other)
    made = axis.values(low, high, height, quantity)
    assert locked(made, low, high, height)
    assert 2 <= len(made.ticks) == len(set(made.labels)) <= axis.MAX_STEPS + 1
    for tick, label in zip(made.ticks, made.labels, strict=True):
        assert float(label.removesuffix(" %")) == tick


@given(values, values, heights)
def test_equal_steps_take_equally_many_rows(one, other, height):
    made = axis.values(min(one, other), max(one, other), height, "loss")
    at = cells(made, height)
    assert at == pytest.approx([round(row) for row in at], abs=1e-4)
    assert at[0] == pytest.approx(0, abs=1e-4)
    assert len({round(there - here) for here, there in pairwise(at)}) == 1
    assert at[-1] <= height - 1 + 1e-4


@given(st.floats(1e-300, 1e300), st.floats(1, 1e6), heights)
def test_a_logarithmic_axis_holds_its_values_and_equal_decades(low, factor, height):
    high = min(low * factor, axis.LARGEST_MAGNITUDE)
    made = axis.values(low, high, height, "loss", log=True)
    assert locked(made, log10(low), log10(high), height)
    assert 2 <= len(made.ticks) == len(set(made.labels)) <= axis.MAX_STEPS + 1
    at = cells(made, height)
    assert at[0] == pytest.approx(0, abs=1e-4)
    assert at[-1] <= height - 1 + 1e-4
    assert min(there - here for here, there in pairwise(at)) > 1 - 1e-4
    decades = [row for tick, row in zip(made.ticks, at, strict=True) if abs(tick % 1) < 1e-9]
    if height > 3:  # in fewer rows only the ends have labels
        gaps = {round(there - here, 3) for here, there in pairwise(decades)}
        assert len(gaps) <= 1
        assert all(gap == round(gap) for gap in gaps)


def test_the_ticks_of_usual_charts():
    def labels(low, high, rows, quantity, log=False):
        return list(axis.values(low, high, rows, quantity, log).labels)

    assert labels(1.1, 2.3, 12, "loss") == ["1.0", "1.5", "2.0", "2.5"]
    assert labels(0.98, 2.65, 8, "loss") == ["1", "2", "3"]
    assert labels(10, 56, 7, "percent") == ["0 %", "20 %", "40 %", "60 %"]
    assert labels(10, 56, 16, "percent") == ["10 %", "20 %", "30 %", "40 %", "50 %", "60 %"]
    assert labels(0, 0.1, 6, "rate") == ["0.00", "0.05", "0.10"]
    assert labels(0, 1.2e-5, 8, "rate") == ["0", "5e-6", "1e-5", "1.5e-5"]
    assert labels(0.02, 2.4, 10, "loss", log=True) == ["0.01", "0.1", "1", "10"]
    assert labels(1.2, 2.4, 10, "loss", log=True) == ["1.0", "1.5", "2.0", "2.5"]


@pytest.mark.parametrize("height", range(2, 30))
@pytest.mark.parametrize("one", [0.0, 24.1, 45.5, 99.0, 100.0])
def test_one_value_stands_between_two_ticks_of_its_unit(one, height):
    around = axis.values(one, one, height, "percent")
    assert 0 <= around.ticks[0] <= one <= around.ticks[-1] <= 100
    assert around.ticks[0] < around.ticks[-1]


def text(made: Axis, width: int) -> str:
    """Return the line of labels as the plot writes it, to the frame's right side."""
    line = [" "] * (MARGIN + width + 2)
    for tick, label in zip(made.ticks, made.labels, strict=True):
        half, odd = divmod(len(label), 2)
        start = MARGIN + 1 + made.cell(tick, width) - half + (not odd)
        for at, letter in enumerate(label, start):
            if 0 <= at < len(line) and letter != " ":
                assert line[at] == " ", f"{label} is over another"
                line[at] = letter
    return "".join(line)


@given(st.integers(1, 10**7), st.integers(15, 200))
def test_the_last_update_is_always_labelled_in_full(last, width):
    made = axis.updates(last, width)
    words = text(made, width)
    wanted = f"{last:,} updates" if len(f"{last:,} updates") + 4 <= width else f"{last:,}"
    assert words.split("  ")[-1].strip().endswith(wanted)
    assert made.ticks[0] == 0
    assert made.ticks[-1] == last
    at = cells(made, width)
    assert at[:-1] == pytest.approx([round(column) for column in at[:-1]], abs=1e-4)
    assert len({round(there - here) for here, there in pairwise(at[:-1])}) <= 1
    assert at[-1] <= width - 1 + 1e-4


@given(st.floats(1e-3, 1e6), st.integers(15, 200))
def test_the_last_second_stands_where_its_label_says(last, width):
    made = axis.along(last, width, "seconds")
    end = float(made.labels[-1].split()[0].replace(",", ""))
    assert made.ticks[-1] == end
    assert abs(end - last) <= 0.5 * last / (width - 1) * (1 + 1e-9)
    text(made, width)


@given(st.floats(-9, 3), st.floats(0.01, 12), st.integers(15, 200))
def test_rates_are_labelled_from_one_end_to_the_other(low, decades, width):
    made = axis.powers(10**low, 10 ** (low + decades), width)
    assert locked(made, low, low + decades, width)
    assert len(text(made, width).split()) == len(made.ticks)

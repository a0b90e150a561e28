"""Tests of the columns of the gradient table, and of the error histogram."""

from dataclasses import replace
from math import nan

import pytest

from tests.tui.gradients.made import row, rows
from tui.gradients import columns
from tui.gradients.error_histogram import histogram_lines, span
from tui.widgets.order import Order


@pytest.mark.parametrize("width", range(8, 200))
@pytest.mark.parametrize("reference", ["torch", "central"])
def test_the_table_never_grows_wider_than_its_room(width, reference):
    found = rows(reference)
    table = columns.table(found, width, "norm", "▼")
    assert len({len(line) for line in (table.heading, *table.rows)}) == 1
    assert len(table.heading) <= width
    cut = [line for line in table.rows if line.endswith("…")]
    assert not cut or width < 30


@pytest.mark.parametrize("name", columns.COLUMNS)
def test_what_a_column_means_fits_into_a_line(name):
    column = columns.COLUMNS[name]
    assert len(f"{column.heads[0]}: {column.meaning}") <= 76


def test_what_is_not_a_number_is_worse_than_all_numbers():
    bad = row("conv1.bias")
    bad = replace(bad, comparison=replace(bad.comparison, cosine=nan, normwise=nan))
    found = [row("input"), bad, row("linear1.bias")]
    for column in ("norm", "cosine"):
        assert columns.ordered(found, Order(column))[0] is bad
        assert columns.ordered(found, Order(column, True))[-1] is bad
    assert "NaN" in columns.table(found, 120, "norm", "▼").rows[1]


def test_the_histogram_is_labelled_with_its_decades():
    found = row("conv1.weight").comparison.histogram
    low, high = span(found)
    assert high - low >= 6
    lines = histogram_lines(found, 40, 8)
    assert len(lines) == 8
    assert max(map(len, lines)) <= 40
    assert lines[-1].split()[0] == str(low)
    assert "█" in "".join(lines)


@pytest.mark.parametrize("width", [16, 20, 27, 33, 40, 90])
@pytest.mark.parametrize("error", [1e-15, 1e-12, 1e-9, 1e-4, 1.0])
def test_the_first_and_the_last_decade_are_labelled_below_their_ticks(width, error):
    found = row("linear1.weight", error=error).comparison.histogram
    low, high = span(found)
    *_, axis, labels = histogram_lines(found, width, 8)
    ticks = [at for at, sign in enumerate(axis) if sign in "└┴"]
    assert len(ticks) == high - low + 1
    powers = [int(word) for word in labels.split()]
    assert (powers[0], powers[-1]) == (low, high)
    at = 0
    for power in powers:
        at = labels.index(str(power), at)
        assert abs(at + len(str(power)) / 2 - (ticks[power - low] + 0.5)) <= 0.5
        at += len(str(power))


@pytest.mark.parametrize("width", [1, 3, 10, 20, 40, 90])
@pytest.mark.parametrize("height", [1, 2, 3, 12])
def test_a_histogram_of_any_size_can_be_drawn(width, height):
    for error in (1e-15, 1e-9, 1.0):
        for line in histogram_lines(
            row("linear1.weight", error=error).comparison.histogram, width, height
        ):
            assert len(line) <= width

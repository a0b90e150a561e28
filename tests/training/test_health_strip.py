"""Tests of what an app draws of the health record."""

import numpy as np
import pytest

from core.training.events import HealthMeasured, Started
from core.training.health_strip import QUANTITIES, output_histogram, strip
from core.training.history import History

COLUMNS = (
    "conv1.weight/ratio",
    "relu1/silent",
    "relu1/mean",
    "linear1.weight/ratio",
    "relu1/lowest",
    "relu1/highest",
    *(f"relu1/bin{number}" for number in range(1, 11)),
)


@pytest.fixture
def history() -> History:
    made = History()
    made.add(Started("synthetic", "built in", 10, 100, 7, 40, health=COLUMNS))
    for row in range(1, 11):
        values = (row / 10, 0.5 if row == 4 else 0.0, -row if row == 3 else 1.0, 2.0, 0.0, row)
        made.add(HealthMeasured(10 * row, (*values, *[0.1] * 10)))
    return made


def test_all_rows_where_there_is_room(history: History) -> None:
    found = strip(history, "ratio", 10)
    assert found.names == ("conv1.weight", "linear1.weight")
    assert found.updates.tolist() == list(range(10, 101, 10))
    np.testing.assert_array_equal(found.values, [np.arange(1, 11) / 10, np.full(10, 2.0)])


def test_what_lasted_a_moment_is_still_there_where_there_is_less(history: History) -> None:
    found = strip(history, "silent", 4)
    assert found.updates.tolist() == [30, 60, 90, 100]
    assert found.values.tolist() == [[0.0, 0.5, 0.0, 0.0]]
    assert strip(history, "mean", 2).values.tolist() == [[-3.0, 1.0]]


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_nothing_is_drawn_of_nothing(quantity: str) -> None:
    found = strip(History(), quantity, 5)  # type: ignore[arg-type]
    assert (found.names, found.updates.size, found.values.shape) == ((), 0, (0, 0))


def test_the_histogram_is_the_last_until_an_update(history: History) -> None:
    found = output_histogram(history, "relu1", 35)
    assert found is not None
    assert (found.update, found.lowest, found.highest) == (30, 0.0, 3.0)
    assert found.shares == (0.1,) * 10
    assert output_histogram(history, "relu1", 9) is None
    with pytest.raises(KeyError):
        output_histogram(history, "relu2", 35)


def test_each_value_has_its_update_and_each_update_its_column(history: History) -> None:
    found = strip(history, "silent", 4)
    assert found.at.tolist() == [[10, 40, 70, 100]]
    assert strip(history, "mean", 2).at.tolist() == [[30, 60]]
    assert [found.column(update) for update in (1, 30, 31, 60, 100, 999)] == [0, 0, 1, 1, 3, 3]


def test_what_is_not_a_number_is_not_lost(history: History) -> None:
    row = len(COLUMNS) * [0.0]
    row[COLUMNS.index("relu1/mean")] = float("nan")
    history.add(HealthMeasured(110, tuple(row)))
    found = strip(history, "mean", 3)
    assert found.at.tolist()[0][-1] == 110
    assert np.isnan(found.values[0, -1])

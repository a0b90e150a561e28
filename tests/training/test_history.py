"""Tests that a history can be read while it grows."""

import threading

import numpy as np
import pytest

from core.training.events import Evaluated, Failed, Paused, UpdateDone
from core.training.history import History, Table


def test_rows_come_back() -> None:
    table = Table("a", "b")
    assert len(table) == 0
    assert {name: column.tolist() for name, column in table.read().items()} == {"a": [], "b": []}
    assert np.isnan(table.last("b"))
    for row in range(5000):
        table.append(row, -row / 2)
    assert len(table) == 5000
    columns = table.read()
    assert columns["a"].tolist() == list(range(5000))
    assert columns["b"].tolist() == [-row / 2 for row in range(5000)]
    assert (table.last("a"), table.last("b")) == (4999, -2499.5)


def test_what_was_read_never_changes() -> None:
    table = Table("a")
    seen = []
    for row in range(3000):
        table.append(row)
        seen.append(table.read()["a"])
    for count, column in enumerate(seen, 1):
        assert len(column) == count
        assert column[-1] == count - 1
        assert column[0] == 0


def test_reading_while_another_thread_appends() -> None:
    history = History()
    total = 20_000
    finished = threading.Event()

    def write() -> None:
        for number in range(1, total + 1):
            history.add(UpdateDone(number, number * 2.0, number * 3.0, number * 4.0))
            if number % 10 == 0:
                history.add(Evaluated(number, 1.0, number / total, 1.0, number / total))
        finished.set()

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    counts = []
    while True:
        last_look = finished.is_set()
        columns = history.updates.read()
        count = len(columns["update"])
        counts.append(count)
        assert {len(column) for column in columns.values()} == {count}
        expected = np.arange(1, count + 1)
        for name, factor in (("update", 1), ("rate", 2), ("loss", 3), ("cost", 4)):
            assert np.array_equal(columns[name], expected * factor)
        best = history.best()
        if best is not None:
            assert best[0] == best[1] / total
        if last_look:
            break
    thread.join(60)
    assert counts == sorted(counts)
    assert counts[-1] == total
    assert history.best() == (1.0, total)


def test_best_is_the_first_of_equals() -> None:
    history = History()
    assert history.best() is None
    for update, accuracy in ((100, 0.3), (200, 0.5), (300, 0.5), (400, 0.4)):
        history.add(Evaluated(update, 1.0, 0.9, 1.0, accuracy))
    assert history.best() == (0.5, 200)


@pytest.mark.parametrize("event", [Paused(3), Failed(3, "because")])
def test_other_events_leave_no_row(event: Paused | Failed) -> None:
    history = History()
    history.add(event)
    assert len(history.updates) == len(history.evaluations) == 0
    assert history.result is None


def test_what_a_stop_measures_is_not_the_best_of_a_run_without_it() -> None:
    history = History()
    assert history.best_undisturbed(100, 500) is None
    history.add(Evaluated(70, 1.0, 0.9, 1.0, 0.4))
    assert history.best_undisturbed(100, 500) is None
    assert history.best_undisturbed(100, 70) == (0.4, 70)
    history.add(Evaluated(100, 1.0, 0.9, 1.0, 0.3))
    assert history.best_undisturbed(100, 500) == (0.4, 70)
    history.add(Evaluated(130, 1.0, 0.9, 1.0, 0.9))
    assert history.best_undisturbed(100, 500) == (0.4, 70)

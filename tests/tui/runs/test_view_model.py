"""Tests that the list of runs is read only when it has changed."""

import pytest

from core.runs.records import RunState
from core.runs.session import store
from core.runs.store import Store
from tests.runs.made import created, recorded
from tui.runs.view_model import RunBook


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Record the number of runs at each read of the list."""
    found: list[int] = []
    whole = Store.runs

    def runs(of: Store, **more: bool) -> list[object]:
        result = whole(of, **more)
        found.append(len(result))
        return list(result)

    monkeypatch.setattr(Store, "runs", runs)
    return found


def test_runs_are_read_anew_only_after_a_change(reads: list[int]) -> None:
    recorded(store(), 2)
    book = RunBook(store())
    assert len(book.load()) == len(book.load()) == 2
    assert reads == [2]
    first = book.load()[-1]
    # A second store stands in for another process.
    other = Store(store().root)
    for note in ("a", "b"):
        other.describe(first, note=note)
        assert book.load()[-1].note == note
    assert reads == [2, 2, 2]


def test_before_the_first_run_it_looks_every_time(reads: list[int]) -> None:
    book = RunBook(store())
    assert book.load() == book.load() == []
    recorded(store(), 1)
    assert len(book.load()) == 1


def test_a_process_that_goes_without_a_word_is_missed(reads: list[int]) -> None:
    book = RunBook(store())
    with created(store()):
        assert [run.state for run in book.load()] == [RunState.RUNNING]
    assert [run.state for run in book.load()] == [RunState.CRASHED]
    book.load()
    assert reads == [1, 1], "nothing more can come of it"

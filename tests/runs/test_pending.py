"""Which checkpoints are written when, and how many wait."""

from types import SimpleNamespace
from typing import Any

import pytest

from core.plan import KEPT_WAITING
from core.runs.pending import Kind, PendingCheckpoints


def after(updates: int) -> Any:
    return SimpleNamespace(state=SimpleNamespace(updates=updates))


def waiting(**updates: list[int]) -> PendingCheckpoints:
    pending = PendingCheckpoints()
    for kind, numbers in updates.items():
        for number in numbers:
            pending.add(kind, after(number))  # type: ignore[arg-type]
    return pending


def ready(pending: PendingCheckpoints, committed: int) -> list[tuple[Kind, int]]:
    return [(kind, each.state.updates) for kind, each in pending.ready(committed)]


def test_the_best_is_written_first_and_the_last_last() -> None:
    pending = waiting(last=[6], kept=[4, 5], best=[3])
    assert ready(pending, 6) == [("best", 3), ("kept", 4), ("kept", 5), ("last", 6)]


def test_those_whose_points_are_not_on_the_disk_wait() -> None:
    pending = waiting(best=[3], kept=[4, 8], last=[9])
    assert ready(pending, 3) == []
    assert ready(pending, 7) == [("best", 3), ("kept", 4)]


def test_the_best_alone_is_not_written() -> None:
    """A run that is resumed from an earlier checkpoint may be edited and never come to it."""
    assert ready(waiting(best=[3]), 9) == []


@pytest.mark.parametrize(("kind", "most"), [("best", 1), ("kept", KEPT_WAITING), ("last", 1)])
def test_so_many_wait(kind: Kind, most: int) -> None:
    pending = PendingCheckpoints()
    for number in range(1, most + 3):
        assert pending.full(kind) == (number > most)
        pending.add(kind, after(number))
    pending.add("last", after(20))
    left = [number for of, number in ready(pending, 30) if of == kind]
    assert left == ([20] if kind == "last" else list(range(3, most + 3)))


def test_what_is_written_is_removed_and_what_came_meanwhile_is_not() -> None:
    pending = waiting(kept=[4], last=[6])
    written = pending.ready(6)
    pending.add("last", after(7))
    for kind, each in written:
        pending.remove(kind, each)
    assert ready(pending, 7) == [("last", 7)]
    assert not pending.full("kept")

"""Tests of the alternating blocks, and of which updates are timed."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from core.benchmark import measure
from core.benchmark.measure import BLOCK, SKIPPED, Times, alternate, rounds


class Clock:
    """A clock that advances only when a test advances it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr(measure, "perf_counter", lambda: self.now)
        monkeypatch.setattr(measure, "sleep", self.pass_by)

    def pass_by(self, seconds: float) -> None:
        self.now += seconds


class Fake:
    """A contender whose first updates of a block are slow."""

    def __init__(self, name: str, log: list[str], clock: Clock, milliseconds: float) -> None:
        self.name, self.log, self.clock, self.milliseconds = name, log, clock, milliseconds
        self.numbers: list[int] = []
        self.in_block = 0

    @contextmanager
    def block(self) -> Iterator[None]:
        self.log.append(self.name)
        self.in_block = 0
        yield
        self.log.append(f"{self.name} ends")

    def update(self, number: int) -> None:
        assert not gc.isenabled()
        self.numbers.append(number)
        slow = self.in_block < SKIPPED
        self.in_block += 1
        self.clock.pass_by(1.0 if slow else self.milliseconds / 1e3)

    def loss(self) -> float:
        return 0.0

    def close(self) -> None:
        pass


def test_turns_and_what_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, log, told = Clock(monkeypatch), [], []
    contenders = {"a": Fake("a", log, clock, 2.0), "b": Fake("b", log, clock, 3.0)}
    times = alternate(contenders, 2 * BLOCK, told.append)
    assert log == ["a", "a ends", "b", "b ends"] * 2
    assert told == ["a", "b", "a", "b"]
    for name, milliseconds in (("a", 2.0), ("b", 3.0)):
        assert contenders[name].numbers == list(range(2 * (SKIPPED + BLOCK)))
        assert [len(block) for block in times[name].blocks] == [BLOCK, BLOCK]
        np.testing.assert_allclose(times[name].all, milliseconds)
        assert times[name].median == pytest.approx(milliseconds)
    assert times["b"].ratio(times["a"]) == pytest.approx((1.5, 1.5, 1.5))
    assert gc.isenabled()


@pytest.mark.parametrize("updates", [0, 3, SKIPPED, SKIPPED + BLOCK, SKIPPED + BLOCK + 5])
def test_the_end_may_come_before_any_update(monkeypatch: pytest.MonkeyPatch, updates: int) -> None:
    class StopError(Exception):
        pass

    clock, log = Clock(monkeypatch), []
    contenders = {name: Fake(name, log, clock, 1.0) for name in "abc"}

    def look() -> None:
        if sum(len(each.numbers) for each in contenders.values()) == updates:
            raise StopError

    with pytest.raises(StopError):
        alternate(contenders, BLOCK, look=look)
    assert sum(len(each.numbers) for each in contenders.values()) == updates
    assert gc.isenabled()


def test_looks_are_off_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, log = Clock(monkeypatch), []
    times = alternate({"a": Fake("a", log, clock, 2.0)}, BLOCK, look=lambda: clock.pass_by(100.0))
    np.testing.assert_allclose(times["a"].all, 2.0)


def test_spread_and_ratio() -> None:
    ours, other = (
        Times(((1.0, 2.0, 3.0), (2.0, 2.0, 2.0))),
        Times(((4.0, 4.0, 4.0), (2.0, 2.0, 8.0))),
    )
    assert (ours.median, ours.minimum, ours.quartiles) == (2.0, 1.0, (2.0, 2.0))
    value, low, high = other.ratio(ours)
    assert value == 2.0
    # Neighbouring blocks: 4 / 2 and 2 / 2.
    assert (low, high) == (1.25, 1.75)


@pytest.mark.parametrize(("updates", "blocks"), [(1, 1), (25, 1), (26, 2), (150, 6)])
def test_updates_come_in_whole_blocks(updates: int, blocks: int) -> None:
    assert rounds(updates) == blocks

"""What the tests of the training share: who works beside whom."""

import os
from collections.abc import Iterator

import pytest

from core.training import helper, lanes
from core.training.helper import Helper
from core.training.lanes import Lane, Lanes, ThreadLane


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[type]:
    """What was made to work beside the caller: a training goes on without, only slower."""
    kinds: list[type] = []
    make = lanes._lane

    def recorded(number: int, own: Lanes) -> Lane:
        lane = make(number, own)
        kinds.append(type(lane))
        return lane

    monkeypatch.setattr(lanes, "_lane", recorded)
    return kinds


@pytest.fixture
def two_cores(monkeypatch: pytest.MonkeyPatch) -> type:
    """Let there be two cores; return what the second lane of two is then. A third makes threads."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 1}, raising=False)
    return Helper if helper.available() else ThreadLane


@pytest.fixture(params=["processes", "threads"])
def kind(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, made: list[type]
) -> Iterator[str]:
    """Let all lanes be processes, or all threads, and see at the end that they were."""
    if request.param == "threads":
        monkeypatch.setattr(helper, "available", lambda: False)
    elif not helper.available():
        pytest.skip("this system forks no helpers")
    else:
        monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(64)))
    yield request.param
    assert set(made) == {Helper if request.param == "processes" else ThreadLane}

"""What the tests of the training share: who works beside whom."""

import os
from collections.abc import Iterator

import pytest

from core.training import process_worker, worker_pool
from core.training.process_worker import ProcessWorker
from core.training.worker_pool import ThreadWorker, Worker, WorkerPool


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[type]:
    """What was made to work beside the caller: a training goes on without, only slower."""
    kinds: list[type] = []
    make = worker_pool._make_worker

    def recorded(number: int, own: WorkerPool) -> Worker:
        worker = make(number, own)
        kinds.append(type(worker))
        return worker

    monkeypatch.setattr(worker_pool, "_make_worker", recorded)
    return kinds


@pytest.fixture
def two_cores(monkeypatch: pytest.MonkeyPatch) -> type:
    """Pretend that there are two cores; return the class of the second of two workers."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 1}, raising=False)
    return ProcessWorker if process_worker.available() else ThreadWorker


@pytest.fixture(params=["processes", "threads"])
def kind(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, made: list[type]
) -> Iterator[str]:
    """Let all workers be processes, or all threads, and see at the end that they were."""
    if request.param == "threads":
        monkeypatch.setattr(process_worker, "available", lambda: False)
    elif not process_worker.available():
        pytest.skip("this system forks no workers")
    else:
        monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(64)))
    yield request.param
    assert set(made) == {ProcessWorker if request.param == "processes" else ThreadWorker}

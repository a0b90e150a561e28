"""Fixtures of the training tests: the kind of workers."""

import os
from collections.abc import Iterator

import pytest

from core.training import process_worker, worker_pool
from core.training.process_worker import ProcessWorker
from core.training.worker_pool import ThreadWorker, Worker, WorkerPool


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[type]:
    """The workers created beside the caller, without which a training works too, only slower."""
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
    """Simulate two cores; return the class of the second of two workers."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 1}, raising=False)
    return ProcessWorker if process_worker.available() else ThreadWorker


@pytest.fixture(params=["processes", "threads"])
def kind(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, made: list[type]
) -> Iterator[str]:
    """Use only processes or only threads as workers, and verify that at the end."""
    if request.param == "threads":
        monkeypatch.setattr(process_worker, "available", lambda: False)
    elif not process_worker.available():
        pytest.skip("this system forks no workers")
    else:
        monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(64)))
    yield request.param
    assert set(made) == {ProcessWorker if request.param == "processes" else ThreadWorker}

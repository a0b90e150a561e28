"""Tests of the worker pool: every worker runs every job once, even if it fails."""

import gc
import os
import signal
import threading
import time

import numpy as np
import psutil
import pytest

from core.training import process_worker, shared_memory
from core.training.process_worker import ProcessWorker, WorkerError
from core.training.worker_pool import CallerWorker, ThreadWorker, WorkerPool

TIMEOUT_S = 30.0

forked = pytest.mark.skipif(not process_worker.available(), reason="this system forks no helpers")


class Record:
    """Jobs that record which worker ran them."""

    def __init__(self, count: int) -> None:
        self.done = shared_memory.zeros((count,), np.int64)
        self.processes = shared_memory.zeros((count,), np.int64)

    def work(self, worker: int) -> None:
        self.done[worker] += 1
        self.processes[worker] = os.getpid()

    def other(self, worker: int) -> None:
        self.done[worker] += 1000


def test_one_lane_is_the_caller(made: list[type]) -> None:
    record = Record(1)
    pool = WorkerPool(1, (record.work, record.other))
    pool.run(0)
    pool.run(1)
    assert record.done.tolist() == [1001]
    assert record.processes.tolist() == [os.getpid()]
    assert made == []
    pool.close()


@pytest.mark.parametrize("count", [2, 3, 7])
def test_every_lane_does_every_job(kind: str, count: int) -> None:
    record = Record(count)
    pool = WorkerPool(count, (record.work, record.other))
    for _ in range(20):
        pool.run(0)
        pool.run(1)
    assert record.done.tolist() == [20020] * count
    assert record.processes[0] == os.getpid()
    assert len(set(record.processes.tolist())) == (count if kind == "processes" else 1)
    pool.close()


def test_nothing_begins_before_it_is_needed_and_nothing_is_left(kind: str) -> None:
    threads, processes = threading.active_count(), len(psutil.Process().children())
    pool = WorkerPool(4, (lambda worker: None,))
    assert threading.active_count() == threads
    pool.run(0)
    assert threading.active_count() == threads + 3
    if kind == "processes":
        assert len(psutil.Process().children()) == processes + 3
    pool.close()
    assert threading.active_count() == threads
    assert len(psutil.Process().children()) == processes


def test_renew_and_close_may_come_at_any_time_and_often(kind: str) -> None:
    record = Record(2)
    pool = WorkerPool(2, (record.work,))
    pool.stop_workers()
    pool.run(0)
    pool.stop_workers()
    pool.stop_workers()
    pool.run(0)
    assert record.done.tolist() == [2, 2]
    pool.close()
    pool.close()
    pool.run(0)
    assert record.done.tolist() == [3, 2]


@pytest.mark.parametrize("broken", [(0,), (1,), (2,), (1, 2), (0, 2)])
def test_the_first_error_comes_out_when_all_are_done(kind: str, broken: tuple[int, ...]) -> None:
    done = shared_memory.zeros((3,), np.int64)

    def work(worker: int) -> None:
        if worker in broken:
            raise ZeroDivisionError(f"in worker {worker}")
        done[worker] += 1

    pool = WorkerPool(3, (work, lambda worker: None))
    for _ in range(2):
        with pytest.raises((ZeroDivisionError, WorkerError), match=f"in worker {broken[0]}"):
            pool.run(0)
    assert done.tolist() == [0 if worker in broken else 2 for worker in range(3)]
    pool.run(1)
    pool.close()


def test_want_of_memory_is_told_as_such(kind: str) -> None:
    def work(worker: int) -> None:
        if worker:
            raise MemoryError

    pool = WorkerPool(2, (work,))
    with pytest.raises(MemoryError):
        pool.run(0)
    pool.close()


@forked
def test_a_helper_sees_what_was_there_when_it_was_forked_and_shared_memory() -> None:
    private, both = np.zeros(1), shared_memory.zeros((2,), np.float64)

    def work(worker: int) -> None:
        both[worker] = private[0] + 10 * both[0]

    made = ProcessWorker(1, (work,))
    private[0], both[0] = 5, 7
    made.start(0)
    made.finish()
    assert both.tolist() == [7, 70]
    made.close()


@forked
def test_a_helper_that_has_slept_works_again() -> None:
    record = Record(2)
    made = ProcessWorker(1, (record.work,))
    process = psutil.Process(made.process)
    for _ in range(5):
        deadline = time.monotonic() + TIMEOUT_S
        while process.status() != psutil.STATUS_SLEEPING and time.monotonic() < deadline:
            time.sleep(0.001)
        assert process.status() == psutil.STATUS_SLEEPING
        made.start(0)
        made.finish()
    assert record.done[1] == 5
    made.close()


@forked
def test_nobody_waits_for_a_helper_that_was_killed() -> None:
    both = shared_memory.zeros((1,), np.int64)

    def work(worker: int) -> None:
        both[0] = 1
        while worker and both[0] < 2:
            time.sleep(0.001)

    made = ProcessWorker(1, (work,))
    made.start(0)
    deadline = time.monotonic() + TIMEOUT_S
    while not both[0] and time.monotonic() < deadline:
        time.sleep(0.001)
    assert both[0]
    os.kill(made.process, signal.SIGKILL)
    with pytest.raises(WorkerError, match="was killed"):
        made.finish()
    assert not made.alive
    made.close()


@forked
def test_a_killed_helper_is_replaced_before_the_next_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(64)))
    record = Record(2)
    pool = WorkerPool(2, (record.work,))
    pool.run(0)
    first = int(record.processes[1])
    os.kill(first, signal.SIGKILL)
    deadline = time.monotonic() + TIMEOUT_S
    while pool.all_alive and time.monotonic() < deadline:
        time.sleep(0.001)
    assert not pool.all_alive
    pool.run(0)
    assert record.done.tolist() == [2, 2]
    assert record.processes[1] not in (first, os.getpid())
    pool.close()


@forked
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGWINCH"])
def test_signals_are_for_the_parent(name: str) -> None:
    record = Record(2)
    made = ProcessWorker(1, (record.work,))
    os.kill(made.process, getattr(signal, name))
    made.start(0)
    made.finish()
    assert record.done[1] == 1
    made.close()
    assert not signal.pthread_sigmask(signal.SIG_BLOCK, [])


@forked
def test_a_helper_that_nobody_wants_any_more_ends() -> None:
    made = ProcessWorker(1, (lambda worker: None,))
    process = psutil.Process(made.process)
    del made
    gc.collect()
    process.wait(TIMEOUT_S)  # raises if it is still running
    assert not process.is_running()


@forked
def test_a_helper_ends_with_the_process_that_made_it() -> None:
    number = shared_memory.zeros((1,), np.int64)
    child = os.fork()
    if not child:
        made = ProcessWorker(1, (lambda worker: time.sleep(TIMEOUT_S),))
        number[0] = made.process
        made.start(0)
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    deadline = time.monotonic() + TIMEOUT_S / 2
    while psutil.pid_exists(int(number[0])) and time.monotonic() < deadline:
        # There may be no process to reap it.
        if psutil.Process(int(number[0])).status() == psutil.STATUS_ZOMBIE:
            return
        time.sleep(0.001)
    assert not psutil.pid_exists(int(number[0]))


class Clocks:
    """A wall clock and a CPU clock that a test sets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall = self.used = 0.0
        monkeypatch.setattr(process_worker, "perf_counter", lambda: self.wall)
        monkeypatch.setattr(process_worker, "thread_time", lambda: self.used)
        self.cells = np.zeros(4, np.int64)
        self.monitor = process_worker.ContentionMonitor(self.cells)

    def jobs(self, looks: int, share: float, slept: float = 0.0) -> bool:
        """Run jobs until the clocks have been sampled so often; return the result."""
        for _ in range(looks * process_worker.SAMPLE_EVERY):
            self.wall += 0.001 + slept
            self.used += 0.001 * share
            self.monitor.sample(slept)
        return bool(self.cells[process_worker.CONTENDED])


def test_others_are_noticed_when_they_have_the_core_for_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clocks = Clocks(monkeypatch)
    assert not clocks.jobs(50, 0.99)
    assert not clocks.jobs(process_worker.MAX_MISSES - 1, 0.6)
    # A single disturbance does not count.
    assert not clocks.jobs(1, 0.99)
    assert not clocks.jobs(process_worker.MAX_MISSES - 1, 0.6)
    assert clocks.jobs(1, 0.6)
    # And remembered for a while.
    assert clocks.jobs(2, 0.99)
    assert not clocks.jobs(
        1 + int(1000 * process_worker.COOLDOWN_S / process_worker.SAMPLE_EVERY), 0.99
    )


def test_sleep_is_not_the_work_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    clocks = Clocks(monkeypatch)
    assert not clocks.jobs(20, 1.0, slept=0.05)
    assert not clocks.jobs(20, 0.6, slept=0.05)


@forked
def test_whoever_leaves_a_core_may_come_back_later() -> None:
    before = os.sched_getaffinity(0)
    process_worker._leave(min(before))
    assert os.sched_getaffinity(0) == before


def test_threads_where_there_are_not_enough_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 1}, raising=False)
    pool = WorkerPool(3, (lambda worker: None,))
    pool.run(0)
    assert [type(worker) for worker in pool.others] == [ThreadWorker] * 2
    pool.close()


def test_threads_where_no_process_can_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", refuse, raising=False)
    record = Record(2)
    pool = WorkerPool(2, (record.work,))
    pool.run(0)
    assert record.done.tolist() == [1, 1]
    assert [type(worker) for worker in pool.others] == [ThreadWorker]
    pool.close()


def no_thread(*_: object) -> None:
    raise RuntimeError("can't start new thread")


def test_whoever_asks_does_everything_where_nobody_else_can(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(process_worker, "available", lambda: False)
    monkeypatch.setattr(threading.Thread, "start", no_thread)
    record = Record(3)
    pool = WorkerPool(3, (record.work, record.other))
    for _ in range(2):
        pool.run(0)
        pool.run(1)
    assert all(isinstance(worker, CallerWorker) for worker in pool.others)
    assert record.done.tolist() == [2002] * 3
    pool.close()


@forked
def test_a_helper_that_nobody_could_watch_is_not_left_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = psutil.Process().children()
    monkeypatch.setattr(threading.Thread, "start", no_thread)
    with pytest.raises(BlockingIOError):
        ProcessWorker(1, (lambda worker: None,))
    assert psutil.Process().children() == before

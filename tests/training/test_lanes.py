"""What works side by side: every lane does every job once, whatever becomes of it."""

import gc
import os
import signal
import threading
import time

import numpy as np
import psutil
import pytest

from core.training import helper, shared
from core.training.helper import Helper, HelperError
from core.training.lanes import Lanes, SameLane, ThreadLane

PATIENCE = 30.0

forked = pytest.mark.skipif(not helper.available(), reason="this system forks no helpers")


class Record:
    """Jobs that write down who did them."""

    def __init__(self, count: int) -> None:
        self.done = shared.zeros((count,), np.int64)
        self.processes = shared.zeros((count,), np.int64)

    def work(self, lane: int) -> None:
        self.done[lane] += 1
        self.processes[lane] = os.getpid()

    def other(self, lane: int) -> None:
        self.done[lane] += 1000


def test_one_lane_is_the_caller(made: list[type]) -> None:
    record = Record(1)
    lanes = Lanes(1, (record.work, record.other))
    lanes.run(0)
    lanes.run(1)
    assert record.done.tolist() == [1001]
    assert record.processes.tolist() == [os.getpid()]
    assert made == []
    lanes.close()


@pytest.mark.parametrize("count", [2, 3, 7])
def test_every_lane_does_every_job(kind: str, count: int) -> None:
    record = Record(count)
    lanes = Lanes(count, (record.work, record.other))
    for _ in range(20):
        lanes.run(0)
        lanes.run(1)
    assert record.done.tolist() == [20020] * count
    assert record.processes[0] == os.getpid()
    assert len(set(record.processes.tolist())) == (count if kind == "processes" else 1)
    lanes.close()


def test_nothing_begins_before_it_is_needed_and_nothing_is_left(kind: str) -> None:
    threads, processes = threading.active_count(), len(psutil.Process().children())
    lanes = Lanes(4, (lambda lane: None,))
    assert threading.active_count() == threads
    lanes.run(0)
    assert threading.active_count() == threads + 3
    if kind == "processes":
        assert len(psutil.Process().children()) == processes + 3
    lanes.close()
    assert threading.active_count() == threads
    assert len(psutil.Process().children()) == processes


def test_renew_and_close_may_come_at_any_time_and_often(kind: str) -> None:
    record = Record(2)
    lanes = Lanes(2, (record.work,))
    lanes.renew()
    lanes.run(0)
    lanes.renew()
    lanes.renew()
    lanes.run(0)
    assert record.done.tolist() == [2, 2]
    lanes.close()
    lanes.close()
    lanes.run(0)
    assert record.done.tolist() == [3, 2]


@pytest.mark.parametrize("broken", [(0,), (1,), (2,), (1, 2), (0, 2)])
def test_the_first_error_comes_out_when_all_are_done(kind: str, broken: tuple[int, ...]) -> None:
    done = shared.zeros((3,), np.int64)

    def work(lane: int) -> None:
        if lane in broken:
            raise ZeroDivisionError(f"in lane {lane}")
        done[lane] += 1

    lanes = Lanes(3, (work, lambda lane: None))
    for _ in range(2):
        with pytest.raises((ZeroDivisionError, HelperError), match=f"in lane {broken[0]}"):
            lanes.run(0)
    assert done.tolist() == [0 if lane in broken else 2 for lane in range(3)]
    lanes.run(1)
    lanes.close()


def test_want_of_memory_is_told_as_such(kind: str) -> None:
    def work(lane: int) -> None:
        if lane:
            raise MemoryError

    lanes = Lanes(2, (work,))
    with pytest.raises(MemoryError):
        lanes.run(0)
    lanes.close()


@forked
def test_a_helper_sees_what_was_there_when_it_was_forked_and_shared_memory() -> None:
    private, both = np.zeros(1), shared.zeros((2,), np.float64)

    def work(lane: int) -> None:
        both[lane] = private[0] + 10 * both[0]

    made = Helper(1, (work,))
    private[0], both[0] = 5, 7
    made.start(0)
    made.finish()
    assert both.tolist() == [7, 70]
    made.close()


@forked
def test_a_helper_that_has_slept_works_again() -> None:
    record = Record(2)
    made = Helper(1, (record.work,))
    process = psutil.Process(made.process)
    for _ in range(5):
        deadline = time.monotonic() + PATIENCE
        while process.status() != psutil.STATUS_SLEEPING and time.monotonic() < deadline:
            time.sleep(0.001)
        assert process.status() == psutil.STATUS_SLEEPING
        made.start(0)
        made.finish()
    assert record.done[1] == 5
    made.close()


@forked
def test_nobody_waits_for_a_helper_that_was_killed() -> None:
    both = shared.zeros((1,), np.int64)

    def work(lane: int) -> None:
        both[0] = 1
        while lane and both[0] < 2:
            time.sleep(0.001)

    made = Helper(1, (work,))
    made.start(0)
    deadline = time.monotonic() + PATIENCE
    while not both[0] and time.monotonic() < deadline:
        time.sleep(0.001)
    assert both[0]
    os.kill(made.process, signal.SIGKILL)
    with pytest.raises(HelperError, match="was killed"):
        made.finish()
    assert not made.alive
    made.close()


@forked
def test_a_killed_helper_is_replaced_before_the_next_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(64)))
    record = Record(2)
    lanes = Lanes(2, (record.work,))
    lanes.run(0)
    first = int(record.processes[1])
    os.kill(first, signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE
    while lanes.whole and time.monotonic() < deadline:
        time.sleep(0.001)
    assert not lanes.whole
    lanes.run(0)
    assert record.done.tolist() == [2, 2]
    assert record.processes[1] not in (first, os.getpid())
    lanes.close()


@forked
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGWINCH"])
def test_signals_are_for_the_parent(name: str) -> None:
    record = Record(2)
    made = Helper(1, (record.work,))
    os.kill(made.process, getattr(signal, name))
    made.start(0)
    made.finish()
    assert record.done[1] == 1
    made.close()
    assert not signal.pthread_sigmask(signal.SIG_BLOCK, [])


@forked
def test_a_helper_that_nobody_wants_any_more_ends() -> None:
    made = Helper(1, (lambda lane: None,))
    process = psutil.Process(made.process)
    del made
    gc.collect()
    process.wait(PATIENCE)  # raises where it goes on
    assert not process.is_running()


@forked
def test_a_helper_ends_with_the_process_that_made_it() -> None:
    number = shared.zeros((1,), np.int64)
    child = os.fork()
    if not child:
        made = Helper(1, (lambda lane: time.sleep(PATIENCE),))
        number[0] = made.process
        made.start(0)
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    deadline = time.monotonic() + PATIENCE / 2
    while psutil.pid_exists(int(number[0])) and time.monotonic() < deadline:
        # Nobody may be there to reap it.
        if psutil.Process(int(number[0])).status() == psutil.STATUS_ZOMBIE:
            return
        time.sleep(0.001)
    assert not psutil.pid_exists(int(number[0]))


class Clocks:
    """A wall and a processor's clock that a test sets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall = self.used = 0.0
        monkeypatch.setattr(helper, "perf_counter", lambda: self.wall)
        monkeypatch.setattr(helper, "thread_time", lambda: self.used)
        self.cells = np.zeros(4, np.int64)
        self.crowd = helper.Crowd(self.cells)

    def jobs(self, looks: int, share: float, slept: float = 0.0) -> bool:
        """Let jobs pass until the clocks are looked at so often; return what is told then."""
        for _ in range(looks * helper.SOME):
            self.wall += 0.001 + slept
            self.used += 0.001 * share
            self.crowd.look(slept)
        return bool(self.cells[helper.CROWDED])


def test_others_are_noticed_when_they_have_the_core_for_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clocks = Clocks(monkeypatch)
    assert not clocks.jobs(50, 0.99)
    assert not clocks.jobs(helper.TIMES - 1, 0.6)
    # One disturbance is none.
    assert not clocks.jobs(1, 0.99)
    assert not clocks.jobs(helper.TIMES - 1, 0.6)
    assert clocks.jobs(1, 0.6)
    # And remembered for a spell.
    assert clocks.jobs(2, 0.99)
    assert not clocks.jobs(1 + int(1000 * helper.SPELL / helper.SOME), 0.99)


def test_sleep_is_not_the_work_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    clocks = Clocks(monkeypatch)
    assert not clocks.jobs(20, 1.0, slept=0.05)
    assert not clocks.jobs(20, 0.6, slept=0.05)


@forked
def test_whoever_leaves_a_core_may_come_back_later() -> None:
    before = os.sched_getaffinity(0)
    helper._leave(min(before))
    assert os.sched_getaffinity(0) == before


def test_threads_where_there_are_not_enough_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 1}, raising=False)
    lanes = Lanes(3, (lambda lane: None,))
    lanes.run(0)
    assert [type(lane) for lane in lanes.others] == [ThreadLane] * 2
    lanes.close()


def test_threads_where_no_process_can_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", refuse, raising=False)
    record = Record(2)
    lanes = Lanes(2, (record.work,))
    lanes.run(0)
    assert record.done.tolist() == [1, 1]
    assert [type(lane) for lane in lanes.others] == [ThreadLane]
    lanes.close()


def no_thread(*_: object) -> None:
    raise RuntimeError("can't start new thread")


def test_whoever_asks_does_everything_where_nobody_else_can(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(helper, "available", lambda: False)
    monkeypatch.setattr(threading.Thread, "start", no_thread)
    record = Record(3)
    lanes = Lanes(3, (record.work, record.other))
    for _ in range(2):
        lanes.run(0)
        lanes.run(1)
    assert all(isinstance(lane, SameLane) for lane in lanes.others)
    assert record.done.tolist() == [2002] * 3
    lanes.close()


@forked
def test_a_helper_that_nobody_could_watch_is_not_left_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = psutil.Process().children()
    monkeypatch.setattr(threading.Thread, "start", no_thread)
    with pytest.raises(BlockingIOError):
        Helper(1, (lambda lane: None,))
    assert psutil.Process().children() == before

"""Tests of work on two workers of this machine: results, errors, losses, data."""

import os
import signal
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from core.cluster import caller, mapped
from core.cluster.cluster import Cluster
from core.cluster.errors import WorkerLostError
from core.cluster.shipping import KEPT, Shipped
from core.cluster.workers import IDLE, WORKING
from core.errors import StoreError
from tests.cluster import calls
from tests.cluster.waiting import TIMEOUT_S, ended


def two_idle(cluster: Cluster) -> None:
    """Wait until both workers are there and free, after what a test before has done to them."""
    deadline = time.monotonic() + TIMEOUT_S
    while [worker.doing for worker in cluster.workers()] != [IDLE, IDLE]:
        cluster.wait(0.1)
        assert time.monotonic() < deadline, cluster.workers()


@pytest.fixture
def two(pair: Cluster) -> Cluster:
    two_idle(pair)
    return pair


def test_calls_return_what_they_return_each_once(two: Cluster) -> None:
    # Words that mean something to Dask, if it looks into arguments at all.
    values = [{"a": (len, [1])}, "convsole", ("tuple", 1), [np.arange(3)]]
    works = [two.submit(calls.echo, value, key="same") for value in values]
    assert two.unfinished == 4
    found = ended(two, 4)
    assert set(found) == set(works)
    assert two.wait(0.1) == []
    for work, value in zip(works, values, strict=True):
        returned, threads, _ = work.result()
        assert repr(returned) == repr(value)
        assert threads == 1
        assert work.done()
    assert {work.worker for work in works} == {"0", "1"}
    assert len({work.result()[2] for work in works}) == 2


def test_an_error_is_that_of_the_function_and_the_worker_stays(two: Cluster) -> None:
    before = [worker.address for worker in two.workers()]
    for error in (StoreError("no space"), TimeoutError("late"), MemoryError("too much")):
        work = two.submit(calls.fail, error, key="fails")
        ended(two)
        with pytest.raises(type(error), match=str(error)):
            work.result()
    assert [worker.address for worker in two.workers()] == before


def test_a_worker_has_one_call_at_a_time_and_says_which(two: Cluster) -> None:
    works = [two.submit(calls.sleep, 0.3, key=f"call {number}") for number in range(4)]
    two.wait(0)
    assert [worker.doing for worker in two.workers()] == [WORKING, WORKING]
    assert {worker.work for worker in two.workers()} == {"call 0", "call 1"}
    assert works[2].worker == ""
    with pytest.raises(ValueError, match="call 2 has no result"):
        works[2].result()
    ended(two, 4)
    assert all(work.worker for work in works)


def test_the_preferred_worker_is_taken_if_it_is_free(two: Cluster) -> None:
    for name in ("1", "0", "1"):
        work = two.submit(calls.sleep, 0, key="prefers", prefer=name)
        ended(two)
        assert work.worker == name
    busy = two.submit(calls.sleep, 1, key="busy", prefer="0")
    other = two.submit(calls.sleep, 0, key="other", prefer="0")
    ended(two, 2)
    assert (busy.worker, other.worker) == ("0", "1")


def test_cancelled_work_is_never_returned(two: Cluster) -> None:
    works = [two.submit(calls.sleep, 0.5, key=f"{number}") for number in range(3)]
    two.wait(0)
    works[0].cancel()  # is out
    works[2].cancel()  # waits
    assert two.unfinished == 1
    assert ended(two) == [works[1]]
    two_idle(two)
    assert two.wait(0.1) == []
    with pytest.raises(ValueError, match="has no result"):
        works[2].result()


def test_workers_do_not_take_more_threads_than_they_have(two: Cluster) -> None:
    work = two.submit(calls.environment, key="environment")
    ended(two)
    found = work.result()
    assert found["blas"] == {1}
    assert found["env"]["OMP_NUM_THREADS"] == "1"
    # Ctrl+C in the terminal is not for them.
    assert found["session"] != os.getsid(0)


def test_a_killed_worker_ends_its_call_alone_and_is_replaced(two: Cluster) -> None:
    killed = two.submit(calls.sleep, 600, key="killed", prefer="0")
    other = two.submit(calls.sleep, 1.0, key="other", prefer="1")
    two.wait(0)
    address = next(worker.address for worker in two.workers() if worker.work == "killed")
    port = int(address.rpartition(":")[2])
    victim = next(
        child.pid
        for child in psutil.Process().children(recursive=True)
        if any(one.laddr.port == port for one in child.net_connections())
    )
    os.kill(victim, signal.SIGKILL)
    found = ended(two, 2)
    assert set(found) == {killed, other}
    with pytest.raises(WorkerLostError, match=rf"^worker 0 at {address} is gone: its process"):
        killed.result()
    assert isinstance(other.result(), int)
    two_idle(two)
    assert address not in [worker.address for worker in two.workers()]
    again = two.submit(calls.sleep, 0, key="again", prefer="0")
    ended(two)
    assert again.result() != victim


def test_a_call_that_kills_its_worker_is_not_run_again(two: Cluster) -> None:
    work = two.submit(calls.die, key="deadly")
    assert ended(two) == [work]
    assert isinstance(work.error, WorkerLostError)
    two_idle(two)
    assert two.wait(1.0) == []


def test_data_are_sent_once_to_each_worker_and_again_to_a_new_one(two: Cluster) -> None:
    data = Shipped("one", np.arange(10_000))
    before = len(two.sent)

    def sums(number: int) -> list[tuple[int, int, int]]:
        works = [
            two.submit(calls.total, factor, key="sum", data=data, prefer=str(factor % 2))
            for factor in range(number)
        ]
        ended(two, number)
        for factor, work in enumerate(works):
            assert work.result()[0] == 49_995_000 * factor
        return [work.result() for work in works]

    # Until both have had work.
    deadline = time.monotonic() + TIMEOUT_S
    found = sums(4)
    while len({process for _, _, process in found}) < 2:
        found += sums(4)
        assert time.monotonic() < deadline
    found += sums(4)
    sent = two.sent[before:]
    assert len({one.worker for one in sent}) == len(sent) == 2
    assert all(one.hash == "one" and 80_000 <= one.size < 81_000 for one in sent)
    # All calls in a process get the very same object.
    assert len({(address, process) for _, address, process in found}) == 2
    two.submit(calls.die, key="deadly", prefer="0")
    ended(two)
    two_idle(two)
    while len(two.sent) < before + 3:
        sums(4)
        assert time.monotonic() < deadline
    assert two.sent[-1].worker not in {one.worker for one in sent}


def test_data_that_a_worker_has_forgotten_are_sent_again(two: Cluster) -> None:
    for number in [*range(KEPT + 1), 0]:
        data = Shipped(f"data {number}", np.full(10, number))
        work = two.submit(calls.total, 1, key="sum", data=data, prefer="0")
        ended(two)
        assert work.result()[0] == 10 * number


def test_workers_of_this_machine_share_one_copy_in_memory(two: Cluster) -> None:
    data = Shipped("shared", np.arange(50_000))
    for number in range(2):
        work = two.submit(calls.mapped_from, key="file", data=data, prefer=str(number))
        ended(two)
        assert work.result() == (False, False)


def test_without_room_for_a_file_data_go_by_the_connection(
    two: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(value: object, path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(mapped, "write", full)
    work = two.submit(calls.total, 2, key="sum", data=Shipped("no room", np.full(10, 3)))
    ended(two)
    assert work.result()[0] == 60


def test_nothing_is_written_where_the_command_runs(two: Cluster, tmp_path: Path) -> None:
    work = two.submit(calls.environment, key="environment")
    ended(two)
    assert "dask-scratch-space" not in work.result()["cwd"]


class Late:
    """A future of which the result is lost, or comes late."""

    def __init__(self, calls: int, status: str = "finished") -> None:
        self.left, self.status = calls, status
        self.waited: list[float] = []

    def result(self, timeout: float) -> str:
        self.waited.append(timeout)
        self.left -= 1
        if self.left:
            raise TimeoutError
        return "there"


def test_a_result_that_takes_long_is_waited_for_in_longer_and_longer_parts() -> None:
    late = Late(4)
    assert caller.result(late, 120.0) == "there"
    assert late.waited == [2, 4, 8, 16]


def test_a_result_that_was_lost_with_its_worker_is_not_waited_for() -> None:
    late = Late(9, "lost")
    with pytest.raises(TimeoutError):
        caller.result(late, 120.0)
    assert late.waited == [2]


def test_no_result_is_waited_for_beyond_its_time() -> None:
    late = Late(99)
    with pytest.raises(TimeoutError):
        caller.result(late, 10.0)
    assert late.waited == [2, 4, 4]

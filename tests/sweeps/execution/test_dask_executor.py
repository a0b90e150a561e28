"""Pieces on a cluster: what is handed to it, and what its answers mean for a study."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from core.cluster.errors import WorkerLostError
from core.cluster.work import Work
from core.cluster.workers import REFUSED, WORKING, WorkerInfo
from core.data.dataset import Dataset
from core.sweeps.execution.crew import Crew
from core.sweeps.execution.dask_executor import OnCluster
from core.sweeps.execution.executor import Job
from core.training.piece import train_piece
from core.training.process_worker import WorkerKilledError
from core.training.timeline import Timeline
from tests.runs.made import EXPERIMENT


class Fake:
    """A cluster that ends work as it is told to."""

    def __init__(self) -> None:
        self.submitted: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] = []
        self.works: list[Work] = []
        self.ended: list[Work] = []
        self.infos: list[WorkerInfo] = []
        self.notes = ["unlike processors"]
        self.waits: list[float] = []

    def submit(self, function: Any, *args: Any, **named: Any) -> Work:
        self.submitted.append((function, args, named))
        self.works.append(Work(named["key"], None, named["data"], None))  # type: ignore[arg-type]
        return self.works[-1]

    def wait(self, timeout: float) -> list[Work]:
        self.waits.append(timeout)
        ended, self.ended = self.ended, []
        return ended

    def workers(self) -> list[WorkerInfo]:
        return self.infos

    def end(self, work: Work, value: Any = None, error: BaseException | None = None) -> None:
        work.worker, work._ended, work._value, work._error = "0", True, value, error
        self.ended.append(work)


def job(number: int = 0) -> Job:
    return Job((number, 1), Timeline(EXPERIMENT), None, 8, 3.0, True, 0.25, "0")


def info(name: str, doing: str, work: str = "") -> WorkerInfo:
    return WorkerInfo(name, f"tcp://{name}", "host", 2, "cpu", doing, work, "")


@pytest.fixture
def fake() -> Fake:
    return Fake()


@pytest.fixture
def executor(fake: Fake, small: Dataset) -> OnCluster:
    return OnCluster(fake, small.without_test())  # type: ignore[arg-type]


def test_a_piece_is_handed_over_at_once_with_all_that_it_depends_on(
    fake: Fake, executor: OnCluster, small: Dataset
) -> None:
    given = job()
    executor.submit(given)
    ((function, args, named),) = fake.submitted
    assert function is train_piece
    assert args == (given.timeline, None, 8)
    data = named.pop("data")
    assert named == {
        "key": "trial 0, seed 1", "prefer": "0", "seconds": 3.0, "evaluated": True, "best": 0.25,
        "threads": None,
    }  # fmt: skip
    assert len(data.value.test) == 0
    # Two studies may take different numbers of images for validation from one data set.
    assert data.hash == f"{small.hash}-{len(small.validation)}"
    assert fake.waits == [0]


def test_results_losses_and_errors_are_told_apart(fake: Fake, executor: OnCluster) -> None:
    for number in range(4):
        executor.submit(job(number))
    fake.end(fake.works[2], "piece")
    fake.end(fake.works[3], error=WorkerKilledError("a worker process of the training was killed"))
    fake.end(fake.works[0], error=WorkerLostError("0", "it died"))
    fake.end(fake.works[1], error=MemoryError())
    ended = executor.wait(1.0)
    assert [(each.key, each.piece, each.lost) for each in ended] == [
        ((2, 1), "piece", False),
        ((3, 1), None, True),
        ((0, 1), None, True),
        ((1, 1), None, False),
    ]
    assert isinstance(ended[3].error, MemoryError)
    assert executor.wait(1.0) == []


def test_what_ends_while_another_is_handed_over_is_not_lost(
    fake: Fake, executor: OnCluster
) -> None:
    executor.submit(job(0))
    fake.end(fake.works[0], "piece")
    executor.submit(job(1))
    assert [each.key for each in executor.wait(1.0)] == [(0, 1)]


def test_what_was_given_up_does_not_come_back(fake: Fake, executor: OnCluster) -> None:
    executor.submit(job())
    executor.abandon()
    assert fake.works[0]._cancelled
    fake.end(fake.works[0], "piece")
    assert executor.wait(1.0) == []


def test_there_is_a_place_for_every_worker_that_may_work(fake: Fake, executor: OnCluster) -> None:
    assert executor.slots == 1
    executor.submit(job(7))
    fake.infos = [info("0", WORKING, "trial 7, seed 1"), info("1", "idle"), info("2", REFUSED)]
    assert executor.slots == 2
    first, second, _ = executor.workers()
    assert (first.worker, first.doing, first.key) == ("0", "trial 7, seed 1", (7, 1))
    assert (second.doing, second.key, second.threads) == ("idle", None, 2)


def test_remarks_are_told_once(executor: OnCluster) -> None:
    assert executor.notes() == ["unlike processors"]
    assert executor.notes() == []


class TestCores:
    """Pieces of all workers share the cores of this machine."""

    @pytest.fixture
    def executor(self, fake: Fake, small: Dataset) -> OnCluster:
        fake.infos = [info(str(number), "idle") for number in range(2)]
        return OnCluster(fake, small.without_test(), Crew(2))  # type: ignore[arg-type]

    def threads(self, fake: Fake) -> list[int]:
        return [named["threads"] for _, _, named in fake.submitted]

    def test_each_has_one_thread_where_there_are_enough(
        self, fake: Fake, executor: OnCluster
    ) -> None:
        for number in range(3):
            executor.submit(replace(job(number), beside=3))
        assert self.threads(fake) == [1, 1]
        fake.end(fake.works[0], ended(updates=2, seconds=0.1))
        assert len(executor.wait(1.0)) == 1
        assert self.threads(fake) == [1, 1, 1]

    def test_the_last_one_has_all_when_it_is_alone(self, fake: Fake, executor: OnCluster) -> None:
        executor.submit(replace(job(0), beside=2))
        executor.submit(replace(job(1), beside=2))
        fake.end(fake.works[0], ended(updates=2, seconds=0.1))
        executor.wait(1.0)
        executor.submit(replace(job(0), beside=1))
        # The other is out yet, with a core of its own.
        assert self.threads(fake) == [1, 1]
        fake.end(fake.works[1], error=WorkerLostError("1", "it died"))
        executor.wait(1.0)
        assert self.threads(fake) == [1, 1, 2]
        fake.infos = [info("0", WORKING, "trial 0, seed 1"), info("1", "idle")]
        assert [one.threads for one in executor.workers()] == [2, 2]

    def test_fewer_trials_with_more_threads_if_that_is_faster(
        self, fake: Fake, executor: OnCluster
    ) -> None:
        for number in range(2):
            executor.submit(replace(job(number), beside=9))
        for number, work in enumerate(list(fake.works)):
            fake.end(work, ended(updates=20, seconds=2.0))
            executor.wait(1.0)
            executor.submit(replace(job(number), beside=9))
        assert self.threads(fake) == [1, 1, 1]  # handed out before the other had ended
        fake.end(fake.works[2], ended(updates=20, seconds=2.0))
        executor.wait(1.0)
        assert self.threads(fake) == [1, 1, 1, 2]
        assert executor.slots == 1
        fake.end(fake.works[3], ended(updates=60, seconds=2.0))
        executor.wait(1.0)
        assert executor.notes()[-1].startswith("1 of these trials at a time, with 2 threads")

    def test_given_up_they_take_no_cores(self, fake: Fake, executor: OnCluster) -> None:
        for number in range(3):
            executor.submit(replace(job(number), beside=3))
        executor.abandon()
        executor.submit(replace(job(3), beside=3))
        assert self.threads(fake) == [1, 1, 1]
        assert executor.wait(0.0) == []


def ended(updates: int, seconds: float) -> Any:
    """Return what is looked at of a piece."""
    return SimpleNamespace(state=SimpleNamespace(updates=updates), seconds=seconds)

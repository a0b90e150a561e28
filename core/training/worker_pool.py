"""What works side by side on every update: processes where they can be, threads elsewhere."""

import os
import threading
import weakref
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from core.training import process_worker

Job = Callable[[int], object]


def weakly(method: Job) -> Job:
    """Return what calls a method, and does not keep its object, which has to be there then.

    Whoever has pool lends them its own methods: held fast, each would keep the other, and buffers
    of hundreds of megabytes, until Python next looks for cycles.
    """
    # Not a WeakMethod: that is Python too, and takes a microsecond in every job.
    owner, function = weakref.ref(method.__self__), method.__func__  # type: ignore[attr-defined]
    return lambda worker: function(owner(), worker)


class Worker(Protocol):
    """One that works beside the caller."""

    @property
    def alive(self) -> bool:
        """Whether it can be asked for anything."""

    def start(self, job: int) -> None:
        """Begin with a job."""

    def finish(self) -> None:
        """Wait until the job is done; raise what it raised."""

    def close(self) -> None:
        """End it."""


class WorkerPool:
    """The caller and `count` - 1 others, which take part in `run`.

    The others begin at the first `run`. Where they are processes they see what was there then, and
    afterwards what is in shared memory: whatever a job writes, and whatever is changed for it, has
    to lie there.

    Args:
        count: how many are at work at once, the caller among them.
        jobs: what they can be asked to do; each is called with the number of the worker. Methods of
            whoever keeps the pool are passed `weakly`.
    """

    def __init__(self, count: int, jobs: Sequence[Job]) -> None:
        self.count = count
        self.jobs = tuple(jobs)
        self.others: list[Worker] = []
        """Those beside the caller; none before the first `run`."""

    @property
    def all_alive(self) -> bool:
        """Whether all who are to take part are there."""
        return len(self.others) == self.count - 1 and all(worker.alive for worker in self.others)

    def run(self, job: int) -> None:
        """Let every worker do a job, and return when all have.

        Raises:
            BaseException: what the first worker that failed raised, once all are done; the words of
                it as a `WorkerError` where the worker is a process.
        """
        if not self.all_alive:
            self.stop_workers()
            self.others = [_make_worker(number, self) for number in range(1, self.count)]
        for other in self.others:
            other.start(job)
        error: BaseException | None = None
        for finish in (lambda: self.jobs[job](0), *(other.finish for other in self.others)):
            try:
                finish()
            except BaseException as caught:
                error = error or caught
        try:
            if error is not None:
                raise error
        finally:
            error = None  # it knows this frame, and so all that this frame knows

    def stop_workers(self) -> None:
        """End the others: those of the next `run` see what there is by then."""
        for other in self.others:
            other.close()
        self.others = []

    def close(self) -> None:
        """End the others; what is run from now on runs on the caller's thread."""
        self.stop_workers()
        self.count = 1


class ThreadWorker:
    """A thread beside the caller's, which sleeps between two jobs.

    Args:
        worker: its number.
        jobs: what it can be asked to do.
    """

    alive = True

    def __init__(self, worker: int, jobs: Sequence[Job]) -> None:
        self._desk = _Desk()
        # A daemon: a program that is told to end must not wait for work that nobody asks for.
        self._thread = threading.Thread(
            target=_work, args=(self._desk, worker, jobs), name=f"worker {worker}", daemon=True
        )
        self._thread.start()
        # When nobody wants the thread any more it ends.
        self._forget = weakref.finalize(self, self._desk.go.release)

    def start(self, job: int) -> None:
        """Begin with a job."""
        self._desk.job = job
        self._desk.go.release()

    def finish(self) -> None:
        """Wait until the job is done; raise what it raised."""
        self._desk.done.acquire()
        error, self._desk.error = self._desk.error, None
        try:
            if error is not None:
                raise error
        finally:
            error = None  # it knows this frame

    def close(self) -> None:
        """End the thread."""
        self._forget()
        self._thread.join()


@dataclass
class _Desk:
    """What passes between a worker and its thread."""

    go: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    done: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    job: int | None = None
    """None once there is no more."""
    error: BaseException | None = None


def _work(desk: _Desk, worker: int, jobs: Sequence[Job]) -> None:
    # A diverging run overflows; the loop sees the loss and says so. This is set per thread.
    np.seterr(over="ignore", invalid="ignore")
    while True:
        desk.go.acquire()
        job, desk.job = desk.job, None
        if job is None:
            return
        try:
            jobs[job](worker)
        except BaseException as error:
            desk.error = error
        desk.done.release()


class CallerWorker:
    """The caller's own thread, which does what others would have done when it is waited for.

    Args:
        worker: its number.
        jobs: what it can be asked to do.
    """

    alive = True

    def __init__(self, worker: int, jobs: Sequence[Job]) -> None:
        self._lane, self._jobs = worker, jobs
        self._job = 0

    def start(self, job: int) -> None:
        """Remember a job."""
        self._job = job

    def finish(self) -> None:
        """Do it."""
        self._jobs[self._job](self._lane)

    def close(self) -> None:
        """Nothing is there to be ended."""


def _make_worker(number: int, pool: WorkerPool) -> Worker:
    # Spinning takes a core from whoever is waited for, if there are not enough of them.
    if process_worker.available() and pool.count <= len(os.sched_getaffinity(0)):
        # Where no more processes are allowed, a thread does as well, only slower.
        with suppress(OSError):
            return process_worker.ProcessWorker(number, pool.jobs)
    with suppress(RuntimeError):
        return ThreadWorker(number, pool.jobs)
    # No more threads, either: whoever asks does everything, with the same result.
    return CallerWorker(number, pool.jobs)

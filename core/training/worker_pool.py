"""The worker pool of a training: processes where the system supports them, else threads."""

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
    """Return a function that calls a method through a weak reference to its object.

    The object must exist when the function is called. The owner of a pool passes it its own
    methods: with strong references, the cycle would keep buffers of hundreds of megabytes until the
    next garbage collection.
    """
    # Not a WeakMethod: it is written in Python and takes a microsecond per job.
    owner, function = weakref.ref(method.__self__), method.__func__  # type: ignore[attr-defined]
    return lambda worker: function(owner(), worker)


class Worker(Protocol):
    """A worker beside the caller."""

    @property
    def alive(self) -> bool:
        """Whether the worker can run jobs."""

    def start(self, job: int) -> None:
        """Start a job."""

    def finish(self) -> None:
        """Wait until the job is done; raise its exception, if any."""

    def close(self) -> None:
        """End the worker."""


class WorkerPool:
    """The caller and `count` - 1 other workers, which run jobs together.

    The first `run` starts the other workers. Process workers see the memory of the caller as it was
    then, and later changes only in shared memory: the inputs and outputs of jobs must be there.

    Args:
        count: number of workers, including the caller.
        jobs: functions that the workers can run, called with the index of the worker. The owner of
            the pool passes its methods `weakly`.
    """

    def __init__(self, count: int, jobs: Sequence[Job]) -> None:
        self.count = count
        self.jobs = tuple(jobs)
        self.others: list[Worker] = []
        """Workers beside the caller; none before the first `run`."""

    @property
    def all_alive(self) -> bool:
        """Whether all workers exist and can run jobs."""
        return len(self.others) == self.count - 1 and all(worker.alive for worker in self.others)

    def run(self, job: int, *, follows: bool = False) -> None:
        """Run a job on every worker, and return when all are done.

        Args:
            job: its index.
            follows: whether it needs what the workers have kept from the job before; then one that
                has died in between cannot be replaced.

        Raises:
            WorkerError: if a worker that cannot be replaced has died.
            BaseException: the exception of the first worker that failed, after all are done; for a
                process worker, a `WorkerError` with its text.
        """
        if not self.all_alive:
            if follows:
                raise process_worker.WorkerKilledError(
                    "a worker process of the training was killed"
                )
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
            error = None  # its traceback refers to this frame, which would be a cycle

    def stop_workers(self) -> None:
        """End the other workers; the next `run` starts new ones with the current memory."""
        for other in self.others:
            other.close()
        self.others = []

    def close(self) -> None:
        """End the other workers; later jobs run on the caller's thread."""
        self.stop_workers()
        self.count = 1


class ThreadWorker:
    """A worker in a thread, which sleeps between jobs.

    Args:
        worker: index of the worker.
        jobs: functions that the worker can run.
    """

    alive = True

    def __init__(self, worker: int, jobs: Sequence[Job]) -> None:
        self._channel = _Channel()
        # A daemon, so that the program can exit without waiting for it.
        self._thread = threading.Thread(
            target=_work, args=(self._channel, worker, jobs), name=f"worker {worker}", daemon=True
        )
        self._thread.start()
        # The thread ends when this object is garbage-collected.
        self._end = weakref.finalize(self, self._channel.go.release)

    def start(self, job: int) -> None:
        """Start a job."""
        self._channel.job = job
        self._channel.go.release()

    def finish(self) -> None:
        """Wait until the job is done; raise its exception, if any."""
        self._channel.done.acquire()
        error, self._channel.error = self._channel.error, None
        try:
            if error is not None:
                raise error
        finally:
            error = None  # its traceback refers to this frame, which would be a cycle

    def close(self) -> None:
        """End the thread."""
        self._end()
        self._thread.join()


@dataclass
class _Channel:
    """State shared by a worker and its thread."""

    go: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    done: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    job: int | None = None
    """None ends the thread."""
    error: BaseException | None = None


def _work(channel: _Channel, worker: int, jobs: Sequence[Job]) -> None:
    # A diverging run overflows; the trainer detects that in the loss. This is set per thread.
    np.seterr(over="ignore", invalid="ignore")
    while True:
        channel.go.acquire()
        job, channel.job = channel.job, None
        if job is None:
            return
        try:
            jobs[job](worker)
        except BaseException as error:
            channel.error = error
        channel.done.release()


class CallerWorker:
    """A worker on the caller's own thread, which runs its job in `finish`.

    Args:
        worker: index of the worker.
        jobs: functions that the worker can run.
    """

    alive = True

    def __init__(self, worker: int, jobs: Sequence[Job]) -> None:
        self._worker, self._jobs = worker, jobs
        self._job = 0

    def start(self, job: int) -> None:
        """Store the job for `finish`."""
        self._job = job

    def finish(self) -> None:
        """Run the job."""
        self._jobs[self._job](self._worker)

    def close(self) -> None:
        """Do nothing."""


def _make_worker(number: int, pool: WorkerPool) -> Worker:
    # With too few cores, polling would take a core from the worker that is waited for.
    if process_worker.available() and pool.count <= len(os.sched_getaffinity(0)):
        # If no more processes are allowed, a thread does the same work, only slower.
        with suppress(OSError):
            return process_worker.ProcessWorker(number, pool.jobs)
    with suppress(RuntimeError):
        return ThreadWorker(number, pool.jobs)
    # If no more threads are allowed either, the caller does all the work, with the same result.
    return CallerWorker(number, pool.jobs)

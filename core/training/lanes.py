"""What works side by side on every update: processes where they can be, threads elsewhere."""

import os
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

import numpy as np

from core.training import helper

Job = Callable[[int], object]


class Lane(Protocol):
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


class Lanes:
    """The caller and `count` - 1 others, which take part in `run`.

    The others begin at the first `run`. Where they are processes they see what was there then, and
    afterwards what is in shared memory: whatever a job writes, and whatever is changed for it, has
    to lie there.

    Args:
        count: how many are at work at once, the caller among them.
        jobs: what they can be asked to do; each is called with the number of the lane.
    """

    def __init__(self, count: int, jobs: Sequence[Job]) -> None:
        self.count = count
        self.jobs = tuple(jobs)
        self.others: list[Lane] = []
        """Those beside the caller; none before the first `run`."""

    @property
    def whole(self) -> bool:
        """Whether all who are to take part are there."""
        return len(self.others) == self.count - 1 and all(lane.alive for lane in self.others)

    def run(self, job: int) -> None:
        """Let every lane do a job, and return when all have.

        Raises:
            BaseException: what the first lane that failed raised, once all are done; the words of
                it as a `HelperError` where the lane is a process.
        """
        if not self.whole:
            self.renew()
            self.others = [_lane(number, self) for number in range(1, self.count)]
        for other in self.others:
            other.start(job)
        error: BaseException | None = None
        for finish in (lambda: self.jobs[job](0), *(other.finish for other in self.others)):
            try:
                finish()
            except BaseException as caught:
                error = error or caught
        if error is not None:
            raise error

    def renew(self) -> None:
        """End the others: those of the next `run` see what there is by then."""
        for other in self.others:
            other.close()
        self.others = []

    def close(self) -> None:
        """End the others; what is run from now on runs on the caller's thread."""
        self.renew()
        self.count = 1


class ThreadLane:
    """A thread beside the caller's, which sleeps between two jobs.

    Args:
        lane: its number.
        jobs: what it can be asked to do.
    """

    alive = True

    def __init__(self, lane: int, jobs: Sequence[Job]) -> None:
        self._go, self._done = threading.Semaphore(0), threading.Semaphore(0)
        self._job: int | None = None
        self._error: BaseException | None = None
        # A daemon: a program that is told to end must not wait for work that nobody asks for.
        self._thread = threading.Thread(
            target=self._live, args=(lane, jobs), name=f"lane {lane}", daemon=True
        )
        self._thread.start()

    def start(self, job: int) -> None:
        """Begin with a job."""
        self._job = job
        self._go.release()

    def finish(self) -> None:
        """Wait until the job is done; raise what it raised."""
        self._done.acquire()
        error, self._error = self._error, None
        if error is not None:
            raise error

    def close(self) -> None:
        """End the thread."""
        self._job = None
        self._go.release()
        self._thread.join()

    def _live(self, lane: int, jobs: Sequence[Job]) -> None:
        # A diverging run overflows; the loop sees the loss and says so. This is set per thread.
        np.seterr(over="ignore", invalid="ignore")
        while True:
            self._go.acquire()
            if self._job is None:
                return
            try:
                jobs[self._job](lane)
            except BaseException as error:
                self._error = error
            self._done.release()


class SameLane:
    """The caller's own thread, which does what others would have done when it is waited for.

    Args:
        lane: its number.
        jobs: what it can be asked to do.
    """

    alive = True

    def __init__(self, lane: int, jobs: Sequence[Job]) -> None:
        self._lane, self._jobs = lane, jobs
        self._job = 0

    def start(self, job: int) -> None:
        """Remember a job."""
        self._job = job

    def finish(self) -> None:
        """Do it."""
        self._jobs[self._job](self._lane)

    def close(self) -> None:
        """Nothing is there to be ended."""


def _lane(number: int, lanes: Lanes) -> Lane:
    # Spinning takes a core from whoever is waited for, if there are not enough of them.
    if helper.available() and lanes.count <= len(os.sched_getaffinity(0)):
        # Where no more processes are allowed, a thread does as well, only slower.
        with suppress(OSError):
            return helper.Helper(number, lanes.jobs)
    with suppress(RuntimeError):
        return ThreadLane(number, lanes.jobs)
    # No more threads, either: whoever asks does everything, with the same result.
    return SameLane(number, lanes.jobs)

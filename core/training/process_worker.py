"""A worker in a forked process.

The threads of a Python process share the global interpreter lock (GIL). An update of a small
network is some sixty NumPy calls of a few microseconds each, all of which acquire the GIL when they
return; a thread that finds it taken sleeps, and waking up costs more than most of the calls. A
forked process has its own interpreter and its own GIL. It sees the state of its parent at the time
of the fork, and later changes only in shared memory.
"""

import contextlib
import ctypes
import errno
import gc
import mmap
import os
import signal
import sys
import threading
import warnings
import weakref
from collections.abc import Callable, Sequence
from time import perf_counter, thread_time

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from core.errors import UserError
from core.text_out import visible

Job = Callable[[int], object]

SPIN_LIMIT = (20_000, 300)
"""Number of polls before a wait sleeps: normally some milliseconds, longer than a wake-up takes; a
tenth of a millisecond if other programs compete for the cores, since polling delays them."""

GO, DONE, CELLS, TEXT, SIZE = 0, 128, 256, 512, 4096
"""Offsets in the shared page: two semaphores and the cells, each in its own cache line, and the
text of an error."""

JOB, FAILED, GONE, CONTENDED = range(4)
"""Indices of the cells."""

SAMPLE_EVERY, MIN_CPU_SHARE, MAX_MISSES, COOLDOWN_S = 16, 0.9, 5, 1.0
"""Jobs between samples of the clocks; the CPU share of a process without contention; the number of
consecutive samples below it that indicate contention; and for how many seconds contention is then
assumed."""

END = -1
"""The job that ends a worker."""

DIE_WITH_PARENT = 1
"""PR_SET_PDEATHSIG of Linux's prctl."""


class WorkerError(UserError):
    """Work in a worker has failed, or the worker was killed."""


class WorkerKilledError(WorkerError):
    """A worker was killed, which says nothing of its work."""


def available() -> bool:
    """Return whether this system supports process workers; Linux does."""
    if sys.platform != "linux":
        return False
    try:
        library = ctypes.CDLL(None)
    except OSError:
        return False
    return all(hasattr(library, name) for name in ("sem_init", "sem_trywait", "prctl"))


class ProcessWorker:
    """A worker in its own process.

    Both sides wait for semaphores in shared memory, and poll for a while before they sleep: a sleep
    and a wake-up take a tenth of an update of a small network.

    Args:
        worker: index of the worker.
        jobs: functions that the worker can run. They must write to shared memory.

    Raises:
        OSError: if the system allows no more processes.
    """

    def __init__(self, worker: int, jobs: Sequence[Job]) -> None:
        page = mmap.mmap(-1, SIZE)
        self._cells = np.frombuffer(page, np.int64, 4, CELLS)
        self._text = memoryview(page)[TEXT:]
        self._go, self._done = Semaphore(page, GO), Semaphore(page, DONE)
        parent, core = os.getpid(), self._go.core()
        # Whatever takes a lock happens before the fork, such as a look for loaded libraries:
        # another thread may hold it at that moment, and the child would wait for ever.
        self._prctl = ctypes.CDLL(None).prctl
        with threadpool_limits(1, user_api="blas"):
            self.process = _fork()
            if not self.process:
                try:
                    self._serve(worker, jobs, parent, core)
                finally:
                    # The child must never return into the code of its parent.
                    os._exit(1)
        # The process ends when this object is garbage-collected.
        self._end = weakref.finalize(self, _end, self._cells, self._go)
        self._watch = threading.Thread(
            target=_watch,
            args=(self.process, self._cells, self._done),
            name=f"watch worker {worker}",
            daemon=True,
        )
        try:
            self._watch.start()
        except RuntimeError:
            self._end()
            os.waitpid(self.process, 0)
            raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN)) from None

    @property
    def alive(self) -> bool:
        """Whether the process exists."""
        return not self._cells[GONE]

    def start(self, job: int) -> None:
        """Start a job."""
        self._cells[JOB] = job
        self._go.post()

    def finish(self) -> None:
        """Wait until the job is done.

        Raises:
            WorkerError: if the job failed or the process was killed.
            MemoryError: if the job ran out of memory.
        """
        self._done.wait(SPIN_LIMIT[self._cells[CONTENDED]])
        if not self.alive:
            raise WorkerKilledError("a worker process of the training was killed")
        if self._cells[FAILED]:
            self._cells[FAILED] = 0
            text = bytes(self._text).rstrip(b"\0").decode("utf-8", "replace")
            raise MemoryError if text.startswith("MemoryError") else WorkerError(text)

    def close(self) -> None:
        """End the process."""
        self._end()
        self._watch.join()

    # In the worker process

    def _serve(self, worker: int, jobs: Sequence[Job], parent: int, core: int) -> None:
        """Run jobs until the worker is ended."""
        self._prctl(DIE_WITH_PARENT, signal.SIGKILL)
        # The child must not finalise objects of its parent.
        gc.disable()
        # A diverging run overflows; the trainer detects that in the loss.
        np.seterr(over="ignore", invalid="ignore")
        monitor = ContentionMonitor(self._cells)
        if self._go.core() == core:
            _leave(core)
        # The parent may have died before the call of prctl.
        while os.getppid() == parent:
            slept = self._go.wait(SPIN_LIMIT[self._cells[CONTENDED]])
            job = int(self._cells[JOB])
            if job == END:
                break
            try:
                jobs[job](worker)
            except BaseException as error:
                text = visible(f"{type(error).__name__}: {error}").encode()[: SIZE - TEXT]
                self._text[:] = text.ljust(SIZE - TEXT, b"\0")
                self._cells[FAILED] = 1
            self._done.post()
            monitor.sample(slept)


class ContentionMonitor:
    """Detects, in a worker process, whether other programs compete for the cores.

    Args:
        cells: the shared cells, in which both sides read the result.
    """

    def __init__(self, cells: npt.NDArray[np.int64]) -> None:
        self._cells = cells
        self._jobs, self._slept, self._lost, self._until = 0, 0.0, 0, 0.0
        self._wall, self._used = perf_counter(), thread_time()

    def sample(self, slept: float) -> None:
        """Count one more job, before which the worker slept for `slept` seconds.

        A worker that does not sleep works or polls, and so uses CPU time. If the CPU clock of the
        thread advances less, another program has had the core.
        """
        self._jobs += 1
        self._slept += slept
        if self._jobs < SAMPLE_EVERY:
            return
        wall, used = perf_counter(), thread_time()
        awake = wall - self._wall - self._slept
        if used - self._used >= MIN_CPU_SHARE * awake:
            self._lost = 0
        elif not self._slept:  # a wake-up takes time, too
            self._lost += 1
        if self._cells[CONTENDED]:
            self._cells[CONTENDED] = wall < self._until
        elif self._lost >= MAX_MISSES:
            self._cells[CONTENDED], self._until = 1, wall + COOLDOWN_S
        self._jobs, self._slept, self._wall, self._used = 0, 0.0, wall, used


class Semaphore:
    """A POSIX semaphore in shared memory, initially 0.

    Args:
        page: the shared memory.
        offset: offset of the semaphore in it.
    """

    def __init__(self, page: mmap.mmap, offset: int) -> None:
        self._address = ctypes.byref(ctypes.c_char.from_buffer(page), offset)
        self._poster = np.frombuffer(page, np.int64, 1, offset + 64)
        library, with_gil = ctypes.CDLL(None), ctypes.PyDLL(None)
        library.sem_init(self._address, 1, 0)
        # A poll takes less time than releasing the GIL does; a sleep must release it.
        self._poll, self._sleep = with_gil.sem_trywait, library.sem_wait
        self._post = with_gil.sem_post
        self.core: Callable[[], int] = with_gil.sched_getcpu

    def post(self) -> None:
        """Increment the semaphore, which wakes a waiting process."""
        self._poster[0] = self.core()
        self._post(self._address)

    def wait(self, polls: int) -> float:
        """Wait until the semaphore is posted: poll `polls` times, then sleep.

        Returns:
            Seconds of sleep.
        """
        poll, address = self._poll, self._address
        for _ in range(polls):
            if poll(address) == 0:
                return 0.0
        began = perf_counter()
        while self._sleep(address):
            pass  # interrupted by a signal, which Python has recorded
        core = self.core()
        if core == self._poster[0]:
            _leave(core)
        return perf_counter() - began


def _leave(core: int) -> None:
    """Move this process to another core.

    A woken process often starts on the core of the process that woke it, where only one of them can
    run at a time; the scheduler takes milliseconds to separate them.
    """
    cores = os.sched_getaffinity(0)
    if len(cores) > 1:
        with contextlib.suppress(OSError):
            os.sched_setaffinity(0, cores - {core})
            os.sched_setaffinity(0, cores)


def _end(cells: npt.NDArray[np.int64], go: Semaphore) -> None:
    cells[JOB] = END
    go.post()


def _watch(process: int, cells: npt.NDArray[np.int64], done: Semaphore) -> None:
    """Wait for the end of a process and mark it as gone, so that `finish` does not block."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(process, 0)
    cells[GONE] = 1
    done.post()


def _fork() -> int:
    """Fork with all signals blocked in the child: the parent handles them and ends its workers."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    process = -1
    try:
        with warnings.catch_warnings():
            # Safe: the child only computes and acquires no lock that another thread may hold.
            warnings.simplefilter("ignore", DeprecationWarning)
            process = os.fork()
    finally:
        # The child, which also executes this, keeps its signals blocked.
        if process:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return process

"""A forked process that takes part in every update.

Two threads of one Python share its global lock. An update of a small network is some sixty calls
of NumPy of a few microseconds each, all of which take that lock when they return; whoever finds it
taken sleeps, and to wake again costs more than most of the calls. A forked process has a Python,
and a lock, of its own. It sees everything that was there when it was forked, and what is in shared
memory afterwards.
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
"""Looks before whoever waits sleeps: some milliseconds, longer than anybody takes to wake up; and a
tenth of one, where other programs want the cores, which would wait for whoever only looks."""

GO, DONE, CELLS, TEXT, SIZE = 0, 128, 256, 512, 4096
"""Places in the shared page: two semaphores and the cells, each in a line of cache to itself, and
the words of an error."""

JOB, FAILED, GONE, CONTENDED = range(4)
"""The cells."""

SAMPLE_EVERY, MIN_CPU_SHARE, MAX_MISSES, COOLDOWN_S = 16, 0.9, 5, 1.0
"""Jobs between two looks at the clocks; the share of the time that a process has a core for itself
where nobody else wants it; how many looks in a row must find less; and the seconds for which that
is remembered."""

END = -1
"""The job of a worker that is to end."""

DIE_WITH_PARENT = 1
"""PR_SET_PDEATHSIG of Linux's prctl."""


class WorkerError(UserError):
    """Work in a worker has failed, or the worker was killed."""


def available() -> bool:
    """Return whether this system has what workers need: Linux does."""
    if sys.platform != "linux":
        return False
    try:
        library = ctypes.CDLL(None)
    except OSError:
        return False
    return all(hasattr(library, name) for name in ("sem_init", "sem_trywait", "prctl"))


class ProcessWorker:
    """One process beside the caller's.

    Both sides wait at semaphores in shared memory, and look for a while before they sleep: to sleep
    and be woken takes a tenth of an update of a small network.

    Args:
        worker: its number.
        jobs: what it can be asked to do. What they write must lie in shared memory.

    Raises:
        OSError: if the system allows no more processes.
    """

    def __init__(self, worker: int, jobs: Sequence[Job]) -> None:
        page = mmap.mmap(-1, SIZE)
        self._cells = np.frombuffer(page, np.int64, 4, CELLS)
        self._text = memoryview(page)[TEXT:]
        self._go, self._done = Semaphore(page, GO), Semaphore(page, DONE)
        parent, core = os.getpid(), self._go.core()
        self.process = _fork()
        if not self.process:
            try:
                self._live(worker, jobs, parent, core)
            finally:
                # Whatever happens, the child never goes on with what its parent was doing.
                os._exit(1)
        # When nobody wants the worker any more it ends.
        self._forget = weakref.finalize(self, _end, self._cells, self._go)
        self._watch = threading.Thread(
            target=_watch,
            args=(self.process, self._cells, self._done),
            name=f"watch worker {worker}",
            daemon=True,
        )
        try:
            self._watch.start()
        except RuntimeError:
            self._forget()
            os.waitpid(self.process, 0)
            raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN)) from None

    @property
    def alive(self) -> bool:
        """Whether the process is there."""
        return not self._cells[GONE]

    def start(self, job: int) -> None:
        """Begin with a job."""
        self._cells[JOB] = job
        self._go.post()

    def finish(self) -> None:
        """Wait until the job is done.

        Raises:
            WorkerError: if it failed.
            MemoryError: if it failed for want of memory.
        """
        self._done.wait(SPIN_LIMIT[self._cells[CONTENDED]])
        if not self.alive:
            raise WorkerError("a worker process of the training was killed")
        if self._cells[FAILED]:
            self._cells[FAILED] = 0
            words = bytes(self._text).rstrip(b"\0").decode("utf-8", "replace")
            raise MemoryError if words.startswith("MemoryError") else WorkerError(words)

    def close(self) -> None:
        """End the process."""
        self._forget()
        self._watch.join()

    # In the worker

    def _live(self, worker: int, jobs: Sequence[Job], parent: int, core: int) -> None:
        """Do one job after the other until there is no more."""
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
        # Nothing that belongs to the parent may be tidied up here.
        gc.disable()
        # A diverging run overflows; the loop sees the loss and says so.
        np.seterr(over="ignore", invalid="ignore")
        threadpool_limits(1, user_api="blas")
        monitor = ContentionMonitor(self._cells)
        if self._go.core() == core:
            _leave(core)
        # It may have been too late for the signal already.
        while os.getppid() == parent:
            slept = self._go.wait(SPIN_LIMIT[self._cells[CONTENDED]])
            job = int(self._cells[JOB])
            if job == END:
                break
            try:
                jobs[job](worker)
            except BaseException as error:
                words = visible(f"{type(error).__name__}: {error}").encode()[: SIZE - TEXT]
                self._text[:] = words.ljust(SIZE - TEXT, b"\0")
                self._cells[FAILED] = 1
            self._done.post()
            monitor.sample(slept)


class ContentionMonitor:
    """Notices in a worker whether other programs want the cores.

    Args:
        cells: where that is told to both sides.
    """

    def __init__(self, cells: npt.NDArray[np.int64]) -> None:
        self._cells = cells
        self._jobs, self._slept, self._lost, self._until = 0, 0.0, 0, 0.0
        self._wall, self._used = perf_counter(), thread_time()

    def sample(self, slept: float) -> None:
        """Take one more job, before which the worker slept for so many seconds.

        A worker works or looks for work all the time that it does not sleep. Where the processor's
        clock says less, somebody else has had the core.
        """
        self._jobs += 1
        self._slept += slept
        if self._jobs < SAMPLE_EVERY:
            return
        wall, used = perf_counter(), thread_time()
        awake = wall - self._wall - self._slept
        if used - self._used >= MIN_CPU_SHARE * awake:
            self._lost = 0
        elif not self._slept:  # to wake up takes time, too
            self._lost += 1
        if self._cells[CONTENDED]:
            self._cells[CONTENDED] = wall < self._until
        elif self._lost >= MAX_MISSES:
            self._cells[CONTENDED], self._until = 1, wall + COOLDOWN_S
        self._jobs, self._slept, self._wall, self._used = 0, 0.0, wall, used


class Semaphore:
    """A POSIX semaphore in shared memory, 0 at first.

    Args:
        page: the memory.
        place: where in it.
    """

    def __init__(self, page: mmap.mmap, place: int) -> None:
        self._place = ctypes.byref(ctypes.c_char.from_buffer(page), place)
        self._poster = np.frombuffer(page, np.int64, 1, place + 64)
        library, quick = ctypes.CDLL(None), ctypes.PyDLL(None)
        library.sem_init(self._place, 1, 0)
        # A look takes less time than to let go of the global lock, a sleep takes long.
        self._look, self._sleep, self._post = quick.sem_trywait, library.sem_wait, quick.sem_post
        self.core: Callable[[], int] = quick.sched_getcpu

    def post(self) -> None:
        """Let one who waits go on."""
        self._poster[0] = self.core()
        self._post(self._place)

    def wait(self, looks: int) -> float:
        """Wait until it is posted; look so many times, then sleep.

        Returns:
            Seconds of sleep.
        """
        look, place = self._look, self._place
        for _ in range(looks):
            if look(place) == 0:
                return 0.0
        began = perf_counter()
        while self._sleep(place):
            pass  # a signal came, which Python has noted
        core = self.core()
        if core == self._poster[0]:
            _leave(core)
        return perf_counter() - began


def _leave(core: int) -> None:
    """Go to another core.

    Whoever is woken often finds itself on the core of whoever woke it, where only one of them can
    work at a time; it takes the system milliseconds to notice.
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
    """Let nobody wait for a process that is no more."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(process, 0)
    cells[GONE] = 1
    done.post()


def _fork() -> int:
    """Fork with all signals blocked: whoever is asked to stop is the parent, which says so."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    process = -1
    try:
        with warnings.catch_warnings():
            # The child touches nothing that another thread may hold: it computes and nothing else.
            warnings.simplefilter("ignore", DeprecationWarning)
            process = os.fork()
    finally:
        # The child, which passes here too, keeps its signals blocked.
        if process:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return process

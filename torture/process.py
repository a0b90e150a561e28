"""Forking, killing and waiting for processes."""

import ctypes
import os
import pickle
import signal
import sys
import time
import traceback
from collections.abc import Callable
from typing import NoReturn, TypeVar

ADOPT = 36
"""PR_SET_CHILD_SUBREAPER of Linux's prctl."""

T = TypeVar("T")


class BrokenError(Exception):
    """A guarantee was violated; the message says which and how."""


def check(condition: bool, violation: str) -> None:
    """Check a guarantee.

    Raises:
        BrokenError: if `condition` is false.
    """
    if not condition:
        raise BrokenError(violation)


def become_subreaper() -> None:
    """Become the parent of every descendant whose own parent dies, so that `reap` sees it."""
    ctypes.CDLL(None).prctl(ADOPT, 1)


def fork(work: Callable[[], object]) -> int:
    """Call `work` in a forked process, and return its process id.

    It ends with 0, or with 1 and a traceback on stderr, without running any other cleanup.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    process = os.fork()
    if process:
        return process
    code = 1
    try:
        work()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def reap(seconds: float) -> float:
    """Wait for all remaining processes, including adopted ones; return the seconds that it took.

    Raises:
        BrokenError: if one does not end in time.
    """
    began = time.perf_counter()
    while True:
        try:
            process, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return time.perf_counter() - began
        if not process:
            check(time.perf_counter() - began < seconds, "a helper outlived the one it helps")
            time.sleep(0.001)


def wait_for_end(process: int, seconds: float) -> int:
    """Wait for a process to end, and return its exit code, negative for a signal.

    Raises:
        BrokenError: if it does not end in time; it is then killed.
    """
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        found, status = os.waitpid(process, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    raise BrokenError(f"a process hung for {seconds:.0f} s")


def run_isolated(work: Callable[[], T], seconds: float = 300) -> T:
    """Call `work` in its own process, which releases its threads and files, and return its result.

    Raises:
        BrokenError: if it raises an exception, dies or hangs.
    """
    reader, writer = os.pipe()

    def answer() -> None:
        os.close(reader)
        try:
            content = pickle.dumps((True, work()))
        except BrokenError as error:
            content = pickle.dumps((False, str(error)))
        except BaseException:
            content = pickle.dumps((False, traceback.format_exc()))
        with os.fdopen(writer, "wb") as file:
            file.write(content)

    process = fork(answer)
    os.close(writer)
    signal.signal(signal.SIGALRM, _too_long)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        with os.fdopen(reader, "rb") as file:
            content = file.read()
        code = wait_for_end(process, 10)
    except TimeoutError:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        raise BrokenError(f"a process hung for {seconds:.0f} s") from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    check(bool(content), f"a process died with {code}")
    good, found = pickle.loads(content)
    check(good, str(found))
    return found  # type: ignore[no-any-return]


def _too_long(*_: object) -> NoReturn:
    raise TimeoutError


def run(name: str, torture: Callable[[], str]) -> None:
    """Print the figures of a stress test on one line; exit with 1 if a guarantee is violated."""
    began = time.perf_counter()
    try:
        figures = torture()
    except BrokenError as error:
        sys.exit("; ".join([f"{name}: BROKEN: {error}", *getattr(error, "__notes__", ())]))
    print(f"{name}: {figures}, in {time.perf_counter() - began:,.0f} s", flush=True)

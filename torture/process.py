"""Processes that are forked, watched, killed and waited for."""

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
    """A promise that was not kept; the message says which and how."""


def check(kept: bool, promise: str) -> None:
    """Hold the program to a promise.

    Raises:
        BrokenError: if it was not kept.
    """
    if not kept:
        raise BrokenError(promise)


def adopt() -> None:
    """Become the parent of every process whose own parent dies, so that none is lost sight of."""
    ctypes.CDLL(None).prctl(ADOPT, 1)


def fork(work: Callable[[], object]) -> int:
    """Let a process of its own do `work`, and return its number.

    It ends with 0, or with 1 and the reason on stderr. Nothing else that this process has begun
    goes on in it.
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
    """Wait for all processes that are left, adopted ones too; return how long that took.

    Raises:
        BrokenError: if one lives on.
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


def ended(process: int, seconds: float) -> int:
    """Wait for the end of a process; return its exit code, negative for a signal.

    Raises:
        BrokenError: if it does not end; it is killed then.
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


def apart(work: Callable[[], T], seconds: float = 300) -> T:
    """Return what `work` returns in a process of its own, whose threads and files go with it.

    Raises:
        BrokenError: if it raises anything, dies or hangs.
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
        code = ended(process, 10)
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
    """Print the figures of a torture on one line; exit with 1 where a promise is broken."""
    began = time.perf_counter()
    try:
        figures = torture()
    except BrokenError as error:
        sys.exit("; ".join([f"{name}: BROKEN: {error}", *getattr(error, "__notes__", ())]))
    print(f"{name}: {figures}, in {time.perf_counter() - began:,.0f} s", flush=True)

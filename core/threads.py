"""Work on several threads that does not fail where the system allows no more of them."""

import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


def share(work: Callable[[T], object], parts: Iterable[T], threads: int) -> None:
    """Call `work` with every part, on up to `threads` threads, of which the caller's is one.

    Threads are of use only for work that releases Python's global lock, as large copies of NumPy
    do.

    Raises:
        BaseException: the first exception of a part; parts not begun by then are left out.
    """
    left = list(parts)
    errors: list[BaseException] = []

    def run() -> None:
        while not errors:
            try:
                part = left.pop()
            except IndexError:
                return
            try:
                work(part)
            except BaseException as error:
                errors.append(error)

    others = [threading.Thread(target=run, daemon=True) for _ in range(1, min(threads, len(left)))]
    begun = []
    with suppress(RuntimeError):  # a limit on threads: those that there are do all of the work
        for other in others:
            other.start()
            begun.append(other)
    run()
    for other in begun:
        other.join()
    try:
        if errors:
            raise errors[0]
    finally:
        errors.clear()  # their tracebacks refer to this frame, which would be a cycle

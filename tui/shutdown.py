"""The end of a process that has been told to end: only what must be kept is waited for.

Every wait is counted in short slices. To a process that is stopped and goes on, all the time
between is one of them.
"""

import os
import threading
from collections import Counter
from collections.abc import Callable
from typing import Final

from core.runs.session import store
from core.training.control import Control

SLICE: Final = 0.05
"""Seconds from one look to the next."""

WORK: Final = 1.0
"""Seconds for work of which nothing is kept."""

UPDATE: Final = 60.0
"""Seconds for the update that a training is in: the largest networks take some."""

DISK: Final = 15.0
"""Seconds for what is to be kept, after that update."""

LAST: Final = 1.5
"""Seconds for what is left when all is kept: a screen to close, threads to end."""

INTERRUPTED: Final = 130
"""Exit code after a signal, whichever it was."""

enforced = False
"""Whether this process is the program, and may be ended from here; not where a test calls it."""

Over = Callable[[float], bool]
"""Waits so many seconds at most, and tells whether what was waited for has come."""


def within(seconds: float, over: Over) -> bool:
    """Return whether `over` came true within so many seconds of this process being at work."""
    return any(over(SLICE) for _ in range(round(seconds / SLICE)))


def kept(over: Over, control: Control, work: float = WORK) -> bool:
    """Wait for the end of a job that has been interrupted, as long as that is worth it.

    Args:
        over: waits for that end.
        control: of the job.
        work: seconds for work of which nothing is kept.

    Returns:
        Whether it has come.
    """
    writer, waited = store().writer, Counter[float]()
    while not over(SLICE):
        limit = work if not writer.saving else DISK if control.noticed else UPDATE
        waited[limit] += 1
        if waited[limit] * SLICE >= limit:
            return False
    return True


def see_to_it(code: int, seconds: float) -> None:
    """End this process after some seconds, if it has not ended by itself; return at once."""

    def end() -> None:
        within(seconds, threading.Event().wait)
        os._exit(code)

    threading.Thread(target=end, name="end", daemon=True).start()

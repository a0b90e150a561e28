"""Shutdown of the process, with timeouts that leave time to save a run.

Every timeout is counted in short slices, so that the time for which a process is suspended counts
as one slice at most.
"""

import os
import threading
from collections import Counter
from collections.abc import Callable
from typing import Final

from core.training.control import Control

SLICE: Final = 0.05
"""Seconds between two checks."""

WORK: Final = 1.0
"""Timeout in seconds for a job that saves nothing."""

UPDATE: Final = 60.0
"""Timeout in seconds for the current update of a training; large networks take seconds."""

DISK: Final = 15.0
"""Timeout in seconds for saving the run after that update."""

LAST: Final = 1.5
"""Timeout in seconds for closing the screen and ending threads, after the run is saved."""

enforced = False
"""Whether this module may end the process; False where tests call it in their own process."""

Over = Callable[[float], bool]
"""Waits up to a number of seconds, and returns whether the awaited event has occurred."""


def within(seconds: float, over: Over) -> bool:
    """Return whether `over` becomes true within `seconds`, not counting suspended time."""
    return any(over(SLICE) for _ in range(round(seconds / SLICE)))


def job_ended(over: Over, control: Control, work: float = WORK) -> bool:
    """Wait for an interrupted job to end, with a longer timeout while a run is being saved.

    Args:
        over: waits for the end of the job.
        control: the control of the job.
        work: timeout in seconds for a job that saves nothing.

    Returns:
        Whether the job has ended.
    """
    from core.runs.session import store

    writer, slices = store().writer, Counter[float]()
    while not over(SLICE):
        limit = work if not writer.saving else DISK if control.noticed else UPDATE
        slices[limit] += 1
        if slices[limit] * SLICE >= limit:
            return False
    return True


def exit_after(code: int, seconds: float) -> None:
    """Schedule the end of this process after `seconds`, and return at once."""

    def end() -> None:
        within(seconds, threading.Event().wait)
        os._exit(code)

    threading.Thread(target=end, name="end", daemon=True).start()

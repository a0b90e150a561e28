"""When a test may look at the app.

Textual waits after each key until the whole process rests, a second at most, twice. While a
training runs in the same process it never rests, and each key takes two seconds. What a test waits
for is the thread of the screen.
"""

import asyncio
from collections.abc import Callable
from time import monotonic, thread_time

SLEEP = 0.02
"""Seconds between two looks."""

RESTING = SLEEP / 20
"""Seconds of work in that time that count as none."""


async def wait_for_idle(min_sleep: float = SLEEP, max_sleep: float = 1) -> None:
    """Wait until the calling thread does little else; stands in for `textual._wait`'s."""
    began = monotonic()
    while True:
        worked = thread_time()
        await asyncio.sleep(SLEEP)
        worked, waited = thread_time() - worked, monotonic() - began
        if waited >= max_sleep or (waited > min_sleep and worked < RESTING):
            return


def install(replace: Callable[[str, object], None]) -> None:
    """Let the app and the pilot wait for the screen alone, by means of `replace(place, value)`."""
    for module in ("app", "pilot"):
        replace(f"textual.{module}.wait_for_idle", wait_for_idle)

"""What the system refuses to this program: every user has limits, and containers do."""

import os
import threading
from contextlib import suppress

OURS = 8
"""Threads beside those of the arithmetic: keys, screen, terminal, worker, the writer of runs, what
works beside an update, and what reads for a pane."""

MOST_OF_OPENBLAS = 64
"""Threads that it starts at the most, as NumPy brings it."""

LIBRARIES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")
"""Variables that say how many threads arithmetic starts as it is imported."""


def spare_threads() -> None:
    """Keep arithmetic to one thread where the system has few left; call it before any import of it.

    Where one of its threads cannot start, OpenBLAS ends the program, as Ctrl+C would.
    """
    if are_few():
        for variable in LIBRARIES:
            os.environ[variable] = "1"


def first_cause(error: BaseException) -> str:
    """Return in a line what an import failed of: libraries put pages of advice around it."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
    return str(error).strip().partition("\n")[0] or type(error).__name__


def are_few() -> bool:
    """Return whether the system has fewer threads left than the app, or a benchmark, needs."""
    wanted = min(os.cpu_count() or 1, MOST_OF_OPENBLAS) + OURS
    return room(wanted) < wanted


def room(wanted: int) -> int:
    """Return how many threads can be started now, `wanted` at the most."""
    over = threading.Event()
    started: list[threading.Thread] = []
    with suppress(RuntimeError):
        for _ in range(wanted):
            thread = threading.Thread(target=over.wait, daemon=True)
            thread.start()
            started.append(thread)
    over.set()
    for thread in started:
        thread.join()
    return len(started)

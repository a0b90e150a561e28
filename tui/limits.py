"""Limits of the system on the number of threads, as set for a user or a container."""

import os
import threading
from contextlib import suppress

OURS = 8
"""Threads besides those of OpenBLAS: terminal input, UI, terminal output, worker, the writer of
runs, background work during an update, and reading for a pane."""

MOST_OF_OPENBLAS = 64
"""Largest number of threads that the OpenBLAS bundled with NumPy starts."""

LIBRARIES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")
"""Environment variables that set how many threads a BLAS library starts when it is imported."""


def spare_threads() -> None:
    """Limit BLAS to one thread if the system has few left; call this before NumPy is imported.

    If one of its threads cannot start, OpenBLAS ends the process with SIGINT, as Ctrl+C does.
    """
    if are_few():
        for variable in LIBRARIES:
            os.environ[variable] = "1"


def first_cause(error: BaseException) -> str:
    """Return the first line of an error's root cause; libraries wrap it in pages of advice."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
    return str(error).strip().partition("\n")[0] or type(error).__name__


def are_few() -> bool:
    """Return whether the system has fewer threads left than the app, or a benchmark, needs."""
    wanted = min(os.cpu_count() or 1, MOST_OF_OPENBLAS) + OURS
    return room(wanted) < wanted


def room(wanted: int) -> int:
    """Return how many threads can be started now, at most `wanted`."""
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

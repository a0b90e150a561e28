"""A moment in which a training waits for the screen."""

import threading
from time import monotonic

LIMIT = 0.2
"""Seconds that a training waits at most; a change of panes rarely takes as long even on a busy
machine."""


class Hold:
    """Lets the training wait between two updates while a frame is drawn that someone waits for.

    Without it the screen shares the cores with the training and all of its processes. Nothing of
    the training changes but the moment of its next update.

    Args:
        limit: seconds after which the training goes on by itself.
    """

    def __init__(self, limit: float = LIMIT) -> None:
        self._limit = limit
        self._until = 0.0
        self._free = threading.Event()
        self._free.set()

    def begin(self) -> None:
        """Have the training wait before its next update."""
        self._until = monotonic() + self._limit
        self._free.clear()

    def end(self) -> None:
        """Let the training go on."""
        self._free.set()

    def wait(self) -> None:
        """Block until the hold ends. The worker thread calls this after each update."""
        if not self._free.is_set():
            self._free.wait(max(0.0, self._until - monotonic()))

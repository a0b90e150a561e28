"""Terminal output on its own thread, so that a terminal that is not read does not block the app."""

import os
import select
import termios
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, Full, Queue
from typing import Final

PENDING: Final = 30
"""Capacity of the queue of pending writes."""

WRITE_TIMEOUT_S: Final = 0.25
"""Seconds that a write waits for room in the queue. After that, output is dropped until the
terminal has caught up and is redrawn, so that the app still reacts to keys while the terminal is
stopped."""

FINISH_TIMEOUT_S: Final = 0.5
"""Timeout in seconds for the final output."""


class Output(threading.Thread):
    """Writes text to a file descriptor.

    Args:
        fileno: file descriptor of the terminal.
        encoding: its character encoding.
        caught_up: called on this thread when the queue is empty after output was dropped.
    """

    def __init__(self, fileno: int, encoding: str, caught_up: Callable[[], None]) -> None:
        super().__init__(name="terminal-output", daemon=True)
        self._fileno, self._encoding, self._caught_up = _nonblocking(fileno), encoding, caught_up
        self._queue: Queue[str | None] = Queue(PENDING)
        self._behind = False
        self.gone = False
        """Whether output is disabled: the terminal is closed, or a caller has set this."""

    def write(self, text: str) -> None:
        """Queue text for output, or drop it if the terminal has fallen behind."""
        if self.gone or self._behind:
            return
        try:
            self._queue.put(text, timeout=WRITE_TIMEOUT_S)
        except Full:
            self._behind = True

    def finish(self, text: str) -> bool:
        """Write `text` instead of the pending output, and end; return whether that succeeded."""
        with suppress(Empty):
            while True:
                self._queue.get_nowait()
        self._behind = False
        with suppress(Full):
            self._queue.put_nowait(text)
            self._queue.put_nowait(None)
            self.join(FINISH_TIMEOUT_S)
        done = not self.is_alive() and not self.gone
        self.gone = True
        return done

    def run(self) -> None:
        """Write queued text until `finish` is called."""
        while (text := self._queue.get()) is not None:
            self._send(text.encode(self._encoding, "replace"))
            if self._behind and self._queue.empty() and not self.gone:
                self._behind = False
                self._caught_up()
        os.close(self._fileno)

    def _send(self, data: bytes) -> None:
        while data and not self.gone:
            try:
                data = data[os.write(self._fileno, data) :]
            except BlockingIOError:
                select.select([], [self._fileno], [], 0.1)
            except OSError:
                self.gone = True


def send_at_once(fileno: int, text: str) -> None:
    """Write to a terminal without waiting until it is read.

    If the terminal's buffer is full, earlier output in it is discarded.
    """
    data, own = text.encode(), _nonblocking(fileno)
    try:
        for _ in range(20):
            try:
                data = data[os.write(own, data) :]
            except BlockingIOError:
                termios.tcflush(own, termios.TCOFLUSH)
                # Another thread may be blocked in a write, of a warning to stderr for example,
                # which blocks all other writes: on Linux, a flush does not wake a blocked writer.
                termios.tcflow(own, termios.TCOOFF)
                termios.tcflow(own, termios.TCOON)
                time.sleep(0.01)
            if not data:
                return
    except (OSError, termios.error):
        return
    finally:
        os.close(own)


def _nonblocking(fileno: int) -> int:
    """Return a non-blocking descriptor of the same terminal; the original stays blocking.

    A thread blocked in a write would also block the writes of all other threads.
    """
    if os.isatty(fileno):
        for name in (os.ttyname, lambda _: "/dev/tty"):
            with suppress(OSError):
                return os.open(name(fileno), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    return os.dup(fileno)

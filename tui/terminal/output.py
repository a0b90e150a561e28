"""What goes to the terminal, on a thread of its own: one that nobody reads holds nobody up."""

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
"""Writes that wait for the terminal."""

WRITE_TIMEOUT_S: Final = 0.25
"""Seconds that a write waits for room. What comes then is left out, until the terminal has caught
up and is drawn anew: so the app goes on where a terminal is stopped, and its keys end it."""

GIVE_UP: Final = 0.5
"""Seconds for the last words."""


class Output(threading.Thread):
    """Writes text to a file descriptor.

    Args:
        fileno: of the terminal.
        encoding: of its characters.
        caught_up: called, on this thread, when all is written after some had to be left out.
    """

    def __init__(self, fileno: int, encoding: str, caught_up: Callable[[], None]) -> None:
        super().__init__(name="terminal-output", daemon=True)
        self._fileno, self._encoding, self._caught_up = _own(fileno), encoding, caught_up
        self._queue: Queue[str | None] = Queue(PENDING)
        self._behind = False
        self.gone = False
        """Whether nothing can be written any more: the terminal is closed, or somebody says so."""

    def write(self, text: str) -> None:
        """Write text soon, or leave it out."""
        if self.gone or self._behind:
            return
        try:
            self._queue.put(text, timeout=WRITE_TIMEOUT_S)
        except Full:
            self._behind = True

    def finish(self, text: str) -> bool:
        """Write the last words instead of what still waits, and end; return whether it is done."""
        with suppress(Empty):
            while True:
                self._queue.get_nowait()
        self._behind = False
        with suppress(Full):
            self._queue.put_nowait(text)
            self._queue.put_nowait(None)
            self.join(GIVE_UP)
        done = not self.is_alive() and not self.gone
        self.gone = True
        return done

    def run(self) -> None:
        """Write what comes."""
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
    """Write to a terminal without waiting for whoever reads it.

    What was written before and nobody has read is dropped where there is no room.
    """
    data, own = text.encode(), _own(fileno)
    try:
        for _ in range(20):
            try:
                data = data[os.write(own, data) :]
            except BlockingIOError:
                termios.tcflush(own, termios.TCOFLUSH)
                # Somebody may be blocked in a write, a warning to stderr as it may be, and keeps
                # all others from writing: Linux does not wake whom a flush has made room for.
                termios.tcflow(own, termios.TCOOFF)
                termios.tcflow(own, termios.TCOON)
                time.sleep(0.01)
            if not data:
                return
    except (OSError, termios.error):
        return
    finally:
        os.close(own)


def _own(fileno: int) -> int:
    """Return a descriptor of the same terminal that never blocks, and leaves others as they are.

    A thread that is blocked in a write would keep everybody else from writing, too.
    """
    if os.isatty(fileno):
        for name in (os.ttyname, lambda _: "/dev/tty"):
            with suppress(OSError):
                return os.open(name(fileno), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    return os.dup(fileno)

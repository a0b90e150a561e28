"""A program in a pseudo-terminal, with the time of its output."""

import fcntl
import os
import pty
import select
import struct
import sys
import termios
from time import perf_counter


class Terminal:
    """Runs a Python module in a pseudo-terminal of 120 x 40 characters.

    Args:
        arguments: arguments of the interpreter, such as `["-m", "tui"]`.
    """

    def __init__(self, arguments: list[str], columns: int = 120, rows: int = 40) -> None:
        self.started = perf_counter()
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
            os.execv(sys.executable, [sys.executable, *arguments])
        size = struct.pack("HHHH", rows, columns, 0, 0)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, size)
        self.shown = b""
        self.heard = self.started
        """Time of the last output."""

    def press(self, key: bytes) -> float:
        """Send a key; return the time, on a clock that all processes share."""
        os.write(self._master, key)
        return perf_counter()

    def read(self, timeout: float) -> bool:
        """Read output for `timeout` seconds; return False if the program has ended."""
        until = perf_counter() + timeout
        while (left := until - perf_counter()) > 0:
            if select.select([self._master], [], [], left)[0]:
                try:
                    data = os.read(self._master, 65536)
                except OSError:  # the program has ended
                    return False
                if not data:
                    return False
                self.shown += data
                self.heard = perf_counter()
        return True

    def wait_for(self, text: str, timeout: float) -> float | None:
        """Return the seconds from the start until `text` is in the output; None if it never is."""
        until = perf_counter() + timeout
        while perf_counter() < until:
            if text.encode() in self.shown:
                return perf_counter() - self.started
            if not self.read(0.001):
                break
        return None

    def close(self) -> None:
        """Close the terminal, and wait for the program to end."""
        os.close(self._master)
        os.waitpid(self.pid, 0)

"""The app's way to its terminal, on systems that are not Windows.

Textual's own driver starts a second thread for input where a stopped process goes on, ends the app
at a byte that it cannot decode, waits for ever for a terminal that nobody reads, and takes a whole
core for one that is gone.
"""

import os
import select
import signal
import sys
import termios
import threading
import time
import tty
from contextlib import suppress
from math import inf
from typing import Any, Final

from textual import constants
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Resize
from textual.geometry import Size
from textual.message import Message

from tui.terminal.output import Output, send_at_once
from tui.terminal.reader import Reader
from tui.terminal.size import bounded

TICK: Final = 0.1
"""Seconds between two looks at the clock while something is waited for."""

TOGETHER: Final = 0.05
"""Seconds between SIGCONT and SIGTSTP in which they may have come the other way round: where the
first is on its way to a handler when the second comes, the second is handled first."""

WITHOUT: Final = 1.0
"""Seconds from one attempt to read a terminal that cannot be read to the next."""

KITTY: Final = 0b11001
"""Keys as sequences: unambiguous, all of them, with their text."""

ENTER: Final = (
    "\x1b[?1049h"  # another screen
    "\x1b[?1000h\x1b[?1003h\x1b[?1015h\x1b[?1006h"  # the mouse
    "\x1b[?25l"  # no cursor
    "\x1b[?1004h"  # focus
    + (f"\x1b[>{KITTY}u" if not constants.DISABLE_KITTY_KEY else "")
    + "\x1b[?2048$p"  # does it tell its size among the keys?
    "\x1b[?2004h"  # brackets around what is pasted
    "\x1b[?7l"  # no wrapping of lines
)

LEAVE: Final = (
    "\x1b\\\x1b[?2026l\x1b[0m"  # whatever was being written
    "\x1b[?2004l\x1b[?7h\x1b[?2048l"
    "\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l"
    "\x1b[<u"  # before the other screen is left: each has keys of its own
    "\x1b[?1049l\x1b[?25h\x1b[?1004l"
)


class TerminalDriver(LinuxDriver):
    """Reads and writes the terminal, and gives it back as it was."""

    def __init__(
        self,
        app: App[Any],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._size = bounded(*(size or self._get_terminal_size()))
        assert self._file is not None
        self._screen, self._encoding = self._file.fileno(), self._file.encoding
        self._output: Output | None = None
        self._over = threading.Event()
        self._reader = Reader(lambda: self._app.size)
        self._active = False
        """Whether the terminal is as the app needs it, not as it was before."""
        self._continued, self._continued_at = False, -inf
        """Whether it has been let go on since it was last to stop, and when that was."""
        self._lock = threading.Lock()
        # By the loop, not where a signal interrupts: there, a lock of the queue may be held.
        self._loop.add_signal_handler(signal.SIGTSTP, self._stop)
        self._loop.add_signal_handler(signal.SIGCONT, self._went_on)
        # The loop hears of them all the same, a while later.
        signal.signal(signal.SIGTSTP, self._note_stop)
        signal.signal(signal.SIGCONT, self._note_continue)
        self._loop.add_signal_handler(signal.SIGWINCH, self._resized)

    # To the terminal

    def write(self, data: str) -> None:
        """Write text soon; where the terminal cannot follow it is left out, and all drawn anew."""
        if self._output is not None:
            self._output.write(data)

    def start_application_mode(self) -> None:
        """Make the terminal as the app needs it, and read it."""
        self._output = Output(self._screen, self._encoding, self._draw_anew)
        self._output.start()
        with suppress(termios.error):
            self.attrs_before = termios.tcgetattr(self.fileno)
        self._enter()
        self._over = threading.Event()
        self._key_thread = threading.Thread(
            target=self._listen, args=(self._over,), name="terminal-input", daemon=True
        )
        self._key_thread.start()

    def _enter(self) -> None:
        self._active = True
        if self.attrs_before is not None and self._in_front():
            raw = list(self.attrs_before)
            raw[tty.LFLAG] = self._patch_lflag(raw[tty.LFLAG])
            raw[tty.IFLAG] = self._patch_iflag(raw[tty.IFLAG])
            raw[tty.CC] = [*raw[tty.CC]]
            raw[tty.CC][termios.VMIN], raw[tty.CC][termios.VTIME] = 1, 0
            with suppress(termios.error):
                termios.tcsetattr(self.fileno, termios.TCSANOW, raw)
        self.write(ENTER)
        self._request_terminal_sync_mode_support()
        self._resized()

    def stop_application_mode(self) -> None:
        """Give the terminal back as it was."""
        self.disable_input()
        output, self._output = self._output, None
        if output is None or not self._active:
            return
        if output.finish(LEAVE):
            self._cook()
        else:
            self.give_back()

    def give_back(self) -> None:
        """Do the same from any thread, whatever the others are at, and without waiting for them."""
        with self._lock:
            if not self._active:
                return
            if self._output is not None:
                self._output.gone = True
            send_at_once(self._screen, LEAVE)
            self._cook()

    def _cook(self) -> None:
        self._active = False
        if self.attrs_before is not None and self._in_front():
            with suppress(termios.error):
                # What came for the app is not for the shell.
                termios.tcflush(self.fileno, termios.TCIFLUSH)
                termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)

    def close(self) -> None:
        """Do nothing: there is nothing left to be closed."""

    def _draw_anew(self) -> None:
        with suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self._app.call_later, self._redraw)

    def _redraw(self) -> None:
        self._app.refresh(layout=True)

    # From the terminal

    def disable_input(self) -> None:
        """Read no more."""
        self._over.set()
        thread = self._key_thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(5 * TICK)
        self._key_thread = None

    def _listen(self, over: threading.Event) -> None:
        reader, last = self._reader, time.monotonic()
        while not over.is_set():
            data = None
            try:
                if select.select([self.fileno], [], [], TICK)[0] and not over.is_set():
                    data = os.read(self.fileno, 4096)
            except BlockingIOError:
                continue
            except (OSError, ValueError):
                data = b""
            if data == b"":
                # It is gone, which somebody else sees to, or another program's for a while.
                over.wait(WITHOUT)
                continue
            try:
                if data:
                    last = time.monotonic()
                    for message in reader.feed(data):
                        self.process_message(message)
                elif reader.waits:
                    for message in reader.rest(time.monotonic() - last):
                        self.process_message(message)
            except Exception:
                # Whatever that was: what comes next is read.
                reader = self._reader = Reader(lambda: self._app.size)

    def _get_terminal_size(self) -> tuple[int, int]:
        return bounded(*super()._get_terminal_size())

    def _resized(self) -> None:
        if not self._in_band_window_resize:
            size = Size(*self._get_terminal_size())
            self.process_message(Resize(size, size))

    def process_message(self, message: Message) -> None:
        """Hand a message to the app, if it is still there."""
        with suppress(RuntimeError):  # the loop is closed
            super().process_message(message)

    # Stopped, and gone on

    def _stop(self) -> None:
        """Be stopped as SIGTSTP asks, with the terminal given back."""
        if self._continued or _leaving(self._app):
            return
        if self._active:
            self.suspend_application_mode()
        if not self._continued and not _leaving(self._app):  # it may be told so meanwhile
            os.kill(os.getpid(), signal.SIGSTOP)

    def _note_stop(self, *_: object) -> None:
        self._continued = time.monotonic() - self._continued_at < TOGETHER

    def _note_continue(self, *_: object) -> None:
        self._continued, self._continued_at = True, time.monotonic()

    def _went_on(self) -> None:
        """Take the terminal again: the shell has had it, or another program."""
        if _leaving(self._app):
            return
        if not self._in_front():
            # Of the background: it is somebody else's still.
            os.kill(os.getpid(), signal.SIGSTOP)
        elif self._output is None:
            self.start_application_mode()
            self.send_message(self.SignalResume())
            self._draw_anew()
        else:
            self.write(LEAVE)
            self._enter()
            self._draw_anew()

    def _in_front(self) -> bool:
        """Return whether the terminal is this process's to use, or nobody's to give."""
        try:
            return os.tcgetpgrp(self.fileno) == os.getpgrp()
        except OSError:
            return True


def _leaving(app: App[Any]) -> bool:
    return bool(getattr(app, "leaves_at_once", False))


def is_gone() -> bool:
    """Return whether the terminal is no longer there."""
    try:
        termios.tcgetattr(sys.__stdin__ or 0)
    except (termios.error, ValueError):
        return True
    return False

"""The terminal driver for all systems but Windows.

Textual's own driver starts a second input thread when a suspended process continues, ends the app
at a byte that it cannot decode, blocks for ever on a terminal that is not read, and uses a whole
core after the terminal is lost.
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
"""Longest time in seconds to block in one wait for input."""

REORDER_WINDOW: Final = 0.05
"""Seconds between SIGCONT and SIGTSTP within which their order is uncertain: if the second signal
arrives before the handler of the first runs, the second is handled first."""

RETRY: Final = 1.0
"""Seconds between two attempts to read a terminal that cannot be read."""

KITTY: Final = 0b11001
"""Flags of the Kitty keyboard protocol: disambiguate, report all keys, report their text."""

ENTER: Final = (
    "\x1b[?1049h"  # the alternate screen
    "\x1b[?1000h\x1b[?1003h\x1b[?1015h\x1b[?1006h"  # mouse reports
    "\x1b[?25l"  # hide the cursor
    "\x1b[?1004h"  # focus reports
    + (f"\x1b[>{KITTY}u" if not constants.DISABLE_KITTY_KEY else "")
    + "\x1b[?2048$p"  # query support for in-band resize reports
    "\x1b[?2004h"  # bracketed paste
    "\x1b[?7l"  # no line wrapping
)

LEAVE: Final = (
    "\x1b\\\x1b[?2026l\x1b[0m"  # end an unfinished string, synchronised update and style
    "\x1b[?2004l\x1b[?7h\x1b[?2048l"
    "\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l"
    "\x1b[<u"  # before the alternate screen is left: each screen has its own keyboard mode
    "\x1b[?1049l\x1b[?25h\x1b[?1004l"
)


class TerminalDriver(LinuxDriver):
    """A driver that reads and writes the terminal, and restores its state."""

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
        """Whether the terminal is in application mode."""
        self._continued, self._continued_at = False, -inf
        """Whether SIGCONT has arrived since the last SIGTSTP, and when."""
        self._lock = threading.Lock()
        # In the event loop, because an interrupted thread may hold a lock of the queue.
        self._loop.add_signal_handler(signal.SIGTSTP, self._stop)
        self._loop.add_signal_handler(signal.SIGCONT, self._went_on)
        # The event loop still calls its own handlers, a little later than these.
        signal.signal(signal.SIGTSTP, self._note_stop)
        signal.signal(signal.SIGCONT, self._note_continue)
        self._loop.add_signal_handler(signal.SIGWINCH, self._resized)

    # Output

    def write(self, data: str) -> None:
        """Queue text for output; if the terminal falls behind, drop it and redraw later."""
        if self._output is not None:
            self._output.write(data)

    def start_application_mode(self) -> None:
        """Switch the terminal to application mode, and start to read it."""
        self._output = Output(self._screen, self._encoding, self._request_redraw)
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
        """Restore the terminal."""
        self.disable_input()
        output, self._output = self._output, None
        if output is None or not self._active:
            return
        if output.finish(LEAVE):
            self._cook()
        else:
            self.give_back()

    def give_back(self) -> None:
        """Restore the terminal from any thread, without waiting for other threads."""
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
                # Discard unread input, which was meant for the app and not for the shell.
                termios.tcflush(self.fileno, termios.TCIFLUSH)
                termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)

    def close(self) -> None:
        """Do nothing: no resource is left open."""

    def _request_redraw(self) -> None:
        with suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self._app.call_later, self._redraw)

    def _redraw(self) -> None:
        self._app.refresh(layout=True)

    # Input

    def disable_input(self) -> None:
        """Stop reading input."""
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
                # The terminal is lost, which `tui.launch` handles, or in use by another process.
                over.wait(RETRY)
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
                # Discard input that cannot be parsed, and continue with a new reader.
                reader = self._reader = Reader(lambda: self._app.size)

    def _get_terminal_size(self) -> tuple[int, int]:
        return bounded(*super()._get_terminal_size())

    def _resized(self) -> None:
        if not self._in_band_window_resize:
            size = Size(*self._get_terminal_size())
            self.process_message(Resize(size, size))

    def process_message(self, message: Message) -> None:
        """Pass a message to the app, if it still runs."""
        with suppress(RuntimeError):  # the loop is closed
            super().process_message(message)

    # Job control

    def _stop(self) -> None:
        """Restore the terminal and suspend the process, as SIGTSTP requests."""
        if self._continued or _leaving(self._app):
            return
        if self._active:
            self.suspend_application_mode()
        if not self._continued and not _leaving(self._app):  # either may have changed meanwhile
            os.kill(os.getpid(), signal.SIGSTOP)

    def _note_stop(self, *_: object) -> None:
        self._continued = time.monotonic() - self._continued_at < REORDER_WINDOW

    def _note_continue(self, *_: object) -> None:
        self._continued, self._continued_at = True, time.monotonic()

    def _went_on(self) -> None:
        """Switch the terminal back to application mode after SIGCONT."""
        if _leaving(self._app):
            return
        if not self._in_front():
            # In the background: the terminal still belongs to another process.
            os.kill(os.getpid(), signal.SIGSTOP)
        elif self._output is None:
            self.start_application_mode()
            self.send_message(self.SignalResume())
            self._request_redraw()
        else:
            self.write(LEAVE)
            self._enter()
            self._request_redraw()

    def _in_front(self) -> bool:
        """Return whether this process is in the foreground, or no foreground can be determined."""
        try:
            return os.tcgetpgrp(self.fileno) == os.getpgrp()
        except OSError:
            return True


def _leaving(app: App[Any]) -> bool:
    return bool(getattr(app, "leaves_at_once", False))


def is_gone() -> bool:
    """Return whether the terminal has been lost."""
    try:
        termios.tcgetattr(sys.__stdin__ or 0)
    except (termios.error, ValueError):
        return True
    return False

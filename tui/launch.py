"""The app in its terminal, and its end, whatever becomes of the terminal or of the app."""

import gc
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue

from tui import shutdown
from tui.app import Convsole
from tui.messages import Leave

LOOK_EVERY = 0.5
"""Seconds from one look whether the terminal is still there to the next."""

TO_END = ("SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM")
"""What tells the app to end."""

NO_LONGER = ("SIGTSTP", "SIGTTIN", "SIGTTOU")
"""What would stop it on its way there."""

FAILED = 1
"""Exit code where the app has failed."""


def run(app: Convsole) -> int:
    """Run the app to its end, and return the exit code.

    A closed terminal (SIGHUP), a polite kill (SIGTERM) and the like stop a training, keep what
    there is of it without measuring it, and end the app. So does a terminal that is gone without a
    signal: the system sends that to the first program in it alone, and `make` does not hand it on.

    Raises:
        BaseException: what the app did not survive. The terminal is given back and the training
            kept before.
    """
    orders: SimpleQueue[None] = SimpleQueue()
    over = threading.Event()

    def leave() -> None:
        orders.get()
        app.runner.end()
        with suppress(Exception):  # the loop is not there yet, or no more
            app.post_message(Leave())
        if not shutdown.within(shutdown.LAST, over.wait):
            _give_back(app)
            os._exit(shutdown.INTERRUPTED)

    def take(*_: object) -> None:
        # Nothing that takes a lock: another signal may come in the midst of this.
        app.leaves_at_once = True
        _ignore(NO_LONGER)
        orders.put(None)

    def watch() -> None:
        late = 0
        while not over.wait(LOOK_EVERY):
            if _is_gone():
                app.leaves_at_once = True
                orders.put(None)
            # Somebody may still write figures, but not for ever.
            late += app.ends
            if late * LOOK_EVERY >= shutdown.DISK:
                _give_back(app)
                os._exit(app.return_code or 0)

    _is_gone = _take_terminal(app)
    threading.Thread(target=leave, name="leave", daemon=True).start()
    threading.Thread(target=watch, name="watch", daemon=True).start()
    for name in TO_END:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), take)
    # What has been imported stays: no collection need go through it, for 40 ms in mid-drawing.
    gc.freeze()
    code = FAILED
    try:
        app.run()
        code = FAILED if app.return_code is None else app.return_code
        if app.leaves_at_once:
            code = code or shutdown.INTERRUPTED
    finally:
        over.set()
        _give_back(app)
        app.runner.end()
        # It ends, and has its exit code: whoever asks once more is not to change that.
        _ignore(TO_END)
        shutdown.see_to_it(code, shutdown.LAST)
    return code


def _ignore(names: tuple[str, ...]) -> None:
    for name in names:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)


if sys.platform == "win32":

    def _take_terminal(app: Convsole) -> Callable[[], bool]:
        return lambda: False  # there, a program ends with its window

    def _give_back(app: Convsole) -> None:
        pass

else:
    from textual.drivers.linux_driver import LinuxDriver

    from tui.terminal.driver import TerminalDriver, is_gone

    def _take_terminal(app: Convsole) -> Callable[[], bool]:
        """Let the app have a driver that survives its terminal; return what tells its end."""
        if app.driver_class is LinuxDriver:
            app.driver_class = TerminalDriver
        return (lambda: False) if is_gone() else is_gone

    def _give_back(app: Convsole) -> None:
        if isinstance(app._driver, TerminalDriver):
            app._driver.give_back()

"""Start of the app, and its orderly end on signals, a lost terminal or an internal error."""

import gc
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue

from threadpoolctl import threadpool_limits

from tui import exit_codes, shutdown
from tui.app import Convsole
from tui.messages import EndNow

LOOK_EVERY = 0.5
"""Seconds between two checks of whether the terminal still exists."""

END_SIGNALS = ("SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM")
"""Signals that end the app."""

SUSPEND_SIGNALS = ("SIGTSTP", "SIGTTIN", "SIGTTOU")
"""Job-control signals that would suspend the app while it ends."""

COLLECT = 2_000, 200, 50
"""Thresholds of the garbage collector. With Python's own it scans everything several times a second
while pictures are drawn, for 30 to 50 ms each time, in which no key is answered."""


def run(app: Convsole) -> int:
    """Run the app to its end, and return the exit code.

    A closed terminal (SIGHUP), a request to terminate (SIGTERM) and the like stop a training, save
    it without evaluating the network, and end the app. So does a terminal that vanishes without a
    signal: the system sends SIGHUP only to the session leader, and `make` does not forward it.

    Raises:
        BaseException: an unhandled error of the app. It is raised after the terminal is restored
            and the training saved.
    """
    requests: SimpleQueue[None] = SimpleQueue()
    over = threading.Event()

    def leave() -> None:
        requests.get()
        app.runner.end()
        with suppress(Exception):  # the event loop does not run yet, or no longer
            app.post_message(EndNow())
        if not shutdown.within(shutdown.LAST, over.wait):
            _give_back(app)
            os._exit(exit_codes.INTERRUPTED)

    def take(*_: object) -> None:
        # This handler must not take a lock: another signal may interrupt it.
        app.leaves_at_once = True
        _ignore(SUSPEND_SIGNALS)
        requests.put(None)

    def watch() -> None:
        ticks_since_exit = 0
        while not over.wait(LOOK_EVERY):
            if _is_gone():
                app.leaves_at_once = True
                requests.put(None)
            # An export may still be writing figures, but must not block the exit for ever.
            ticks_since_exit += app.ends
            if ticks_since_exit * LOOK_EVERY >= shutdown.DISK:
                _give_back(app)
                os._exit(app.return_code or 0)

    _is_gone = _take_terminal(app)
    threading.Thread(target=leave, name="leave", daemon=True).start()
    threading.Thread(target=watch, name="watch", daemon=True).start()
    for name in END_SIGNALS:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), take)
    # Imported objects live until the end; scanning them would pause drawing for 40 ms.
    gc.freeze()
    gc.set_threshold(*COLLECT)
    code = exit_codes.FAILED
    try:
        # A training forks, and then OpenBLAS waits for its own threads with the interpreter's lock
        # held. Where another thread of ours, such as that of Explain, has just begun a product on
        # several of them, it waits for ever; so all products of the app take one thread.
        with threadpool_limits(1, user_api="blas"):
            app.run()
        code = exit_codes.FAILED if app.return_code is None else app.return_code
        if app.leaves_at_once:
            code = code or exit_codes.INTERRUPTED
    finally:
        over.set()
        _give_back(app)
        app.runner.end()
        # The exit code is known now, and a further signal must not change it.
        _ignore(END_SIGNALS)
        shutdown.exit_after(code, shutdown.LAST)
    return code


def _ignore(names: tuple[str, ...]) -> None:
    for name in names:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)


if sys.platform == "win32":

    def _take_terminal(app: Convsole) -> Callable[[], bool]:
        return lambda: False  # on Windows, closing the window ends the process

    def _give_back(app: Convsole) -> None:
        pass

else:
    from textual.drivers.linux_driver import LinuxDriver

    from tui.terminal.driver import TerminalDriver, is_gone

    def _take_terminal(app: Convsole) -> Callable[[], bool]:
        """Set a driver that survives the terminal; return a function that detects its loss."""
        if app.driver_class is LinuxDriver:
            app.driver_class = TerminalDriver
        return (lambda: False) if is_gone() else is_gone

    def _give_back(app: Convsole) -> None:
        if isinstance(app._driver, TerminalDriver):
            app._driver.give_back()

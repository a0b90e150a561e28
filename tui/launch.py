"""The app in its terminal: started, and ended whatever becomes of the terminal."""

import gc
import os
import signal
import sys
import threading

from tui.app import Convsole
from tui.messages import Leave

STOP_TIMEOUT = 15.0
"""Seconds that a stopping job is waited for when the app ends."""

EXIT_TIMEOUT = 3.0
"""Seconds that the screen has to close after a signal, when the job is over."""

LOOK_EVERY = 1.0
"""Seconds from one look whether the terminal is still there to the next."""

INTERRUPTED = 130
"""Exit code after a signal, as on the command line."""


def run(app: Convsole) -> None:
    """Run the app, then wait a bounded time for its worker.

    A closed terminal (SIGHUP) or a polite kill (SIGTERM) stops a training and keeps what there is
    of it, like the key for it, and ends the app. So does a terminal that is gone without a signal:
    the system sends that to the first program in it alone, and `make` does not hand it on.
    """
    over = threading.Event()

    def leave() -> None:
        app.bridge.close(STOP_TIMEOUT)
        app.post_message(Leave())
        # Writing to a terminal that is gone blocks Textual for good, and its input thread then
        # takes a whole core: once the run is kept, nothing is worth waiting for.
        if not over.wait(EXIT_TIMEOUT):
            os._exit(INTERRUPTED)

    def on_signal(*_: object) -> None:
        # On a thread, for the main one may be blocked just by such a write.
        threading.Thread(target=leave, daemon=True).start()

    def watch() -> None:
        while not over.wait(LOOK_EVERY):
            if _terminal_is_gone():
                leave()

    if not _terminal_is_gone():
        threading.Thread(target=watch, daemon=True).start()
    for name in ("SIGHUP", "SIGTERM"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), on_signal)
    # What has been imported stays: no collection need go through it, for 40 ms in mid-drawing.
    gc.freeze()
    app.run()
    over.set()
    app.bridge.close(STOP_TIMEOUT)


if sys.platform == "win32":

    def _terminal_is_gone() -> bool:
        return False  # there, a program ends with its window

else:
    import termios

    def _terminal_is_gone() -> bool:
        try:
            termios.tcgetattr(sys.__stdin__ or 0)
        except (termios.error, ValueError):
            return True
        return False

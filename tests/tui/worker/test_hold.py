"""Tests of the moment in which a training waits for the screen."""

import math
import threading

from tui.worker.hold import Hold

SAFETY = 60.0


def waiting(hold: Hold) -> threading.Thread:
    """Wait on a thread, as the worker does."""
    thread = threading.Thread(target=hold.wait, daemon=True)
    thread.start()
    return thread


def test_without_a_hold_nothing_waits() -> None:
    Hold(math.inf).wait()


def test_a_hold_lasts_until_its_end() -> None:
    hold = Hold(threading.TIMEOUT_MAX)
    hold.begin()
    worker = waiting(hold)
    worker.join(0.05)
    assert worker.is_alive()
    hold.end()
    worker.join(SAFETY)
    assert not worker.is_alive()


def test_a_hold_without_an_end_passes_by_itself() -> None:
    hold = Hold(0.01)
    hold.begin()
    for _ in range(3):  # nor does it slow later updates
        worker = waiting(hold)
        worker.join(SAFETY)
        assert not worker.is_alive()

"""Tests of output to a terminal that is not read, for a while or for good."""

import os
import pty
import select
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tui.terminal import output
from tui.terminal.output import Output, send_at_once

TIMEOUT_S = 30.0
FULL = "x" * 200_000
"""More than the buffer of any terminal holds."""

LAST = "\x1b[?25h"


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[int, int]]:
    monkeypatch.setattr(output, "WRITE_TIMEOUT_S", 0.01)
    monkeypatch.setattr(output, "FINISH_TIMEOUT_S", 0.01)
    master, slave = pty.openpty()
    yield master, slave
    os.close(master)
    os.close(slave)


def read_until(master: int, word: bytes) -> bytes:
    seen = b""
    while word not in seen:
        assert select.select([master], [], [], TIMEOUT_S)[0], f"never came: {seen[-100:]!r}"
        seen = seen[-1000:] + os.read(master, 65536)
    return seen


def started(slave: int) -> tuple[Output, threading.Event]:
    caught_up = threading.Event()
    made = Output(slave, "utf-8", caught_up.set)
    made.start()
    return made, caught_up


def test_nobody_waits_for_a_terminal_that_nobody_reads(ends: tuple[int, int]) -> None:
    master, slave = ends
    made, caught_up = started(slave)
    for _ in range(2 * output.PENDING):
        made.write(FULL)
    assert not caught_up.is_set()
    made.write("left out")
    reader = threading.Thread(target=lambda: read_until(master, LAST.encode()), daemon=True)
    reader.start()
    # After output was dropped, the callback requests a redraw, and output resumes.
    assert caught_up.wait(TIMEOUT_S)
    made.write(LAST)
    reader.join(TIMEOUT_S)
    assert not reader.is_alive()


def test_the_last_words_are_written_instead_of_what_waits(ends: tuple[int, int]) -> None:
    master, slave = ends
    made, _ = started(slave)
    made.write("first")
    read_until(master, b"first")
    if not made.finish(LAST):
        pytest.fail("a terminal that takes them did not get the last words")
    assert read_until(master, LAST.encode()) == LAST.encode()


def test_a_terminal_that_is_full_gets_the_last_words_all_the_same(ends: tuple[int, int]) -> None:
    master, slave = ends
    made, _ = started(slave)
    made.write(FULL)
    assert select.select([master], [], [], TIMEOUT_S)[0], "nothing was written"
    assert not made.finish(LAST)
    made.join(TIMEOUT_S)
    assert not made.is_alive(), "its thread writes for ever"
    send_at_once(slave, LAST)
    assert read_until(master, LAST.encode()).endswith(LAST.encode())


def test_a_terminal_that_is_gone_takes_nothing(ends: tuple[int, int]) -> None:
    master, slave = ends
    made, _ = started(slave)
    other, hung_up = pty.openpty()
    gone = Output(hung_up, "utf-8", lambda: None)
    gone.start()
    os.close(other)
    for _ in range(3 * output.PENDING):
        gone.write("words")
    assert not gone.finish(LAST)
    send_at_once(hung_up, LAST)
    os.close(hung_up)
    made.finish(LAST)
    read_until(master, LAST.encode())


def test_characters_that_its_encoding_has_not_are_replaced(ends: tuple[int, int]) -> None:
    master, slave = ends
    made = Output(slave, "ascii", lambda: None)
    made.start()
    made.write("a─\ud800b")
    assert read_until(master, b"b") == b"a??b"
    made.finish(LAST)
    read_until(master, LAST.encode())


def test_somebody_who_is_blocked_in_a_write_keeps_nobody_from_the_last_words(
    ends: tuple[int, int],
) -> None:
    master, slave = ends
    full = os.open(os.ttyname(slave), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    with suppress(BlockingIOError):
        while True:
            os.write(full, b"x")
    os.close(full)
    blocked = threading.Thread(target=os.write, args=(slave, b"a warning"), daemon=True)
    blocked.start()
    blocked.join(0.5)
    assert blocked.is_alive(), "there was room, so nothing was tried"
    send_at_once(slave, LAST)
    read_until(master, LAST.encode())
    blocked.join(TIMEOUT_S)

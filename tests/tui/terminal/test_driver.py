"""Tests of the app in a pseudo-terminal: robustness, exit, and restored terminal state."""

import os
import select
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.runs.records import RunState
from core.runs.store import Store
from torture import signals
from torture.at_work import READY
from torture.signals import Terminal

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a terminal as Linux has it")

TIMEOUT_S = 60.0

STARTER = """
import signal, subprocess, sys
signal.signal(signal.SIGHUP, lambda *_: None)
subprocess.run([sys.executable, *sys.argv[1:]])
"""
"""Program that starts the app and, like make, does not forward SIGHUP."""

CRASHING = """
import sys
from torture.at_work import AtWork
from tui.launch import run

class Crashing(AtWork):
    def compose(self):
        if sys.argv[1] == "before the first paint":
            raise RuntimeError("as planned")
        yield from super().compose()

    def on_key(self, event):
        if sys.argv[1] == "a handler":
            raise RuntimeError("as planned")
        if sys.argv[1] == "want of memory":
            raise MemoryError("as planned")
        if sys.argv[1] == "the end":
            self.exit()
        if sys.argv[1] == "no exception":
            sys.exit("as planned")

    def on_unmount(self):
        if sys.argv[1] == "the end":
            raise RuntimeError("as planned")

sys.exit(run(Crashing("train", "training")))
"""

HOSTILE = (
    b"\x1b[M\xa0\xf0\xf1",
    b"\xe9",
    b"\x1b[99999999999999999999999u\x1b[1114112u\x1b[" + b"1" * 5000 + b"~",
    b"\x1b[<0;99999;99999M\x1b[<35;1;9" + b"9" * 20 + b"M",
    b"\x1b[?2048;1$y\x1b[48;1000000;1000000;1;1t\x1b[48;0;0;0;0t",
    b"\x1b[200~" + b"pasted\n\x00\x1b[31m" * 5000 + b"\x1b[201~",
    b"\x1b]11;rgb:0000/0000/0000",
    b"\x1b[200~",
)


@pytest.fixture
def terminals(convsole_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Terminal]]:
    monkeypatch.setattr(signals, "OPENING", TIMEOUT_S)
    opened: list[Terminal] = []
    yield opened
    for each in opened:
        each.close()
        if each.process:
            os.kill(each.process, signal.SIGKILL)
            os.waitpid(each.process, 0)


def open_app(terminals: list[Terminal], home: Path, *arguments: str) -> Terminal:
    made = Terminal.opened(home, *arguments)
    terminals.append(made)
    return made


def code_of(app: Terminal) -> int:
    try:
        return app.end()
    finally:
        app.process = 0  # killed, if it has not ended


def ends_by(app: Terminal, key: bytes) -> bool:
    """Press a key every second; return whether the app ends."""
    over = os.pidfd_open(app.process)
    try:
        for _ in range(round(TIMEOUT_S)):
            os.write(app.master, key)
            if select.select([over], [], [], 1.0)[0]:
                return True
        return False
    finally:
        os.close(over)


def stopped(app: Terminal) -> None:
    """Wait until the process is suspended."""
    until = time.monotonic() + TIMEOUT_S
    stat = Path(f"/proc/{app.process}/stat")
    while stat.read_text().rpartition(")")[2].split()[0] != "T":
        assert time.monotonic() < until, f"it was not stopped: {app.seen[-400:]!r}"
        app.read(0.01)


@pytest.mark.parametrize(
    "end", ["the terminal is closed", "the terminal of a program that started it", "SIGTERM"]
)
def test_the_app_ends_and_keeps_the_training(
    end: str, terminals: list[Terminal], convsole_home: Path
) -> None:
    starter = ["-c", STARTER] if end.startswith("the terminal of") else []
    app = open_app(terminals, convsole_home, *starter, "-m", "torture.at_work", "train", "training")
    app.until(READY)
    if end == "SIGTERM":
        os.kill(app.process, signal.SIGTERM)
        assert code_of(app) == 130
        app.given_back()
    else:
        over = os.pidfd_open(app.process)
        app.close()
        assert select.select([over], [], [], TIMEOUT_S)[0], "the app went on without a terminal"
        os.close(over)
        app.end()
        app.process = 0
    run = Store(convsole_home / "saved_models").find("signals-1")
    assert run.state is RunState.STOPPED
    assert run.result is None


def test_what_is_no_key_and_what_stops_it_do_not_end_the_app(
    terminals: list[Terminal], convsole_home: Path
) -> None:
    app = open_app(terminals, convsole_home, "-m", "torture.at_work", "configure", "idle")
    app.until(READY)
    os.kill(app.process, signal.SIGCONT)  # although it is not suspended
    for data in HOSTILE:
        os.write(app.master, data)
        app.read(0.01)
    time.sleep(1)  # the timeout of an unterminated paste
    os.write(app.master, b"2")
    app.until(b"Start")
    os.kill(app.process, signal.SIGTSTP)
    stopped(app)
    app.given_back()
    os.kill(app.process, signal.SIGCONT)
    app.until(b"Quit")  # the whole screen is redrawn
    os.kill(app.process, signal.SIGSTOP)
    stopped(app)
    os.kill(app.process, signal.SIGCONT)
    app.until(b"Quit")
    os.write(app.master, b"q")
    assert code_of(app) == 0
    app.given_back()


def test_a_terminal_that_nobody_reads_is_left_all_the_same(
    terminals: list[Terminal], convsole_home: Path
) -> None:
    app = open_app(terminals, convsole_home, "-m", "torture.at_work", "train", "training")
    app.until(READY)
    for _ in range(40):  # more output than the terminal's buffer holds
        os.write(app.master, b"12")
        time.sleep(0.01)
    os.write(app.master, b"q")
    # The output is not read, so the test cannot wait for the question that `y` answers.
    assert ends_by(app, b"y"), "the app waits for a reader"
    assert code_of(app) == 0
    app.given_back()


def test_what_lets_it_go_on_may_come_before_it_has_stopped(
    terminals: list[Terminal], convsole_home: Path
) -> None:
    app = open_app(terminals, convsole_home, "-m", "torture.at_work", "configure", "idle")
    app.until(READY)
    for gap in (0.0, 0.0, 0.001, 0.01, 0.03, 0.1):
        os.kill(app.process, signal.SIGTSTP)
        time.sleep(gap)
        os.kill(app.process, signal.SIGCONT)
        app.until(b"Quit")  # the whole screen is redrawn
    # Keys pressed while the terminal is being restored do not reach the app.
    assert ends_by(app, b"q"), f"it was left stopped: {app.seen[-400:]!r}"
    assert code_of(app) == 0
    app.given_back()


def test_once_told_to_end_it_does_not_stop(terminals: list[Terminal], convsole_home: Path) -> None:
    app = open_app(terminals, convsole_home, "-m", "torture.at_work", "train", "training")
    app.until(READY)
    os.kill(app.process, signal.SIGTERM)
    os.kill(app.process, signal.SIGTSTP)
    assert code_of(app) == 130
    app.given_back()


@pytest.mark.parametrize(
    "where", ["before the first paint", "a handler", "want of memory", "the end", "no exception"]
)
def test_a_crash_gives_the_terminal_back_and_keeps_the_training(
    where: str, terminals: list[Terminal], convsole_home: Path
) -> None:
    app = open_app(terminals, convsole_home, "-c", CRASHING, where)
    if where != "before the first paint":
        app.until(READY)
        os.write(app.master, b"z")
    assert code_of(app) == 1
    app.given_back()
    assert b"as planned" in app.seen
    if where != "before the first paint":
        run = Store(convsole_home / "saved_models").find("signals-1")
        assert run.state is RunState.STOPPED

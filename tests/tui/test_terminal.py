"""The app in a terminal that goes away."""

import os
import pty
import select
import signal
import sys
from pathlib import Path

import pytest

from core.runs.records import RunState
from core.runs.store import Store

CODE = """
from core import presets
from tui.app import Convsole
from tui.launch import run
run(Convsole(experiment=presets.load("arch-2").changed(dataset="synthetic", half_cycle=1_000_000)))
"""


STARTER = """
import signal, subprocess, sys
signal.signal(signal.SIGHUP, lambda *_: None)
subprocess.run([sys.executable, "-c", sys.argv[1]])
"""
"""Starts the app and, like make, does not hand on that the terminal is gone."""


def read_until(master: int, word: bytes, seen: bytes = b"") -> bytes:
    while word not in seen:
        assert select.select([master], [], [], 60)[0], f"{word!r} was never shown, but {seen!r}"
        seen += os.read(master, 65536)
    return seen


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="waits for a process by its descriptor")
@pytest.mark.parametrize(
    "end", ["the terminal is closed", "the terminal of a program that started it", "SIGTERM"]
)
def test_the_app_ends_and_keeps_the_training(end: str, convsole_home: Path) -> None:
    process, master = pty.fork()
    if process == 0:
        os.environ["TERM"] = "xterm-256color"
        starts = [STARTER, CODE] if end.startswith("the terminal of") else [CODE]
        os.execv(sys.executable, [sys.executable, "-c", *starts])
    over = os.pidfd_open(process)
    try:
        read_until(master, b"Quit")
        os.write(master, b"s")
        read_until(master, b"updates/s")
        if end == "SIGTERM":
            os.kill(process, signal.SIGTERM)
        else:
            os.close(master)
        assert select.select([over], [], [], 60)[0], "the app went on without a terminal"
    finally:
        signal.pidfd_send_signal(over, signal.SIGKILL)
        os.close(over)
        os.waitpid(process, 0)
    assert Store(convsole_home / "saved_models").find("arch-2-1").state is RunState.STOPPED

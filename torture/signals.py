"""Signals to the app, two or three at a time, in every pane and job: `python -m torture.signals`.

Each round starts the app in a pseudo-terminal, in a pane and with a job, and sends two or three of
the signals that stop, continue or end it, at random moments. It may also press the keys to quit,
close the terminal, or read no output. In every case the process must end and leave no other
process, the terminal must be restored, and a training must be saved and resumable.
"""

import argparse
import fcntl
import os
import pty
import random
import re
import select
import signal
import struct
import sys
import tempfile
import termios
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from core.runs.folder import RunFolder
from core.runs.records import Run, RunState
from core.runs.session import Session
from core.runs.store import Store
from core.training.events import Event, UpdateDone
from torture.at_work import JOBS, READY, TRAIN
from torture.process import BrokenError, become_subreaper, check, reap, run, wait_for_end
from tui import exit_codes, shutdown
from tui.app import PANES

END = ("SIGTERM", "SIGHUP", "SIGINT")
STOP, GO_ON = "SIGSTOP", "SIGCONT"
SIGNALS = (*END, STOP, GO_ON)

CLOSED, UNREAD, KEYS = 0.35, 0.2, 0.3
"""Probabilities that the terminal is closed, that its output is not read from the first signal on,
and that the keys to quit are pressed."""

MOMENTS = 1.5
"""Seconds over which the signals are spread."""

LIMIT = 2.0
"""Maximum seconds until the app ends after it was told to, on an otherwise idle machine."""

OPENING = 600.0
"""Seconds to wait for the app to start and its job to begin."""

MODES = (b"1049", b"1000", b"1003", b"1006", b"1004", b"2004")
"""Terminal modes that the app sets and must reset."""


@dataclass
class Terminal:
    """The app in a pseudo-terminal."""

    process: int
    master: int
    seen: bytes = b""
    before: list[object] = field(default_factory=list)

    @classmethod
    def opened(cls, home: Path, *arguments: str) -> "Terminal":
        """Start Python in a new pseudo-terminal."""
        process, master = pty.fork()
        if process == 0:
            os.environ |= {"TERM": "xterm-256color", "CONVSOLE_HOME": str(home)}
            os.execv(sys.executable, [sys.executable, *arguments])
        fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 130, 0, 0))
        return cls(process, master, before=termios.tcgetattr(master))

    def until(self, word: bytes) -> None:
        """Read until `word` is in the new output.

        Raises:
            BrokenError: if it does not appear in time.
        """
        begin, until = len(self.seen), time.monotonic() + OPENING
        while word not in self.seen[begin:]:
            there = time.monotonic() < until and self.read(0.1)
            check(there, f"{word!r} never came: {self.seen[-400:]!r}")

    def end(self) -> int:
        """Read until the process ends, and return its exit code.

        Raises:
            BrokenError: if it does not end.
        """
        until = time.monotonic() + OPENING
        while time.monotonic() < until:
            self.read(0.01)
            found, status = os.waitpid(self.process, os.WNOHANG)
            if found:
                return os.waitstatus_to_exitcode(status)
        wait_for_end(self.process, 0.0)
        raise BrokenError(f"it does not end: {self.seen[-400:]!r}")

    def read(self, seconds: float) -> bool:
        """Read available output, waiting at most `seconds`; return whether there may be more."""
        if self.master >= 0 and select.select([self.master], [], [], seconds)[0]:
            try:
                self.seen += os.read(self.master, 65536)
            except OSError:
                return False
        elif self.master < 0:
            time.sleep(seconds)
        return True

    def close(self) -> None:
        """Close the terminal if it is open."""
        if self.master >= 0:
            os.close(self.master)
            self.master = -1

    def given_back(self) -> None:
        """Check that the app has restored the terminal.

        Raises:
            BrokenError: if it has not.
        """
        while select.select([self.master], [], [], 0)[0] and self.read(0):
            pass
        check(termios.tcgetattr(self.master) == self.before, "the terminal is left in another mode")
        for mode in MODES:
            last = re.findall(rb"\x1b\[\?" + mode + rb"([hl])", self.seen)[-1:]
            check(last == [b"l"], f"mode {mode.decode()} of the terminal is left on")
        check(re.findall(rb"\x1b\[\?25([hl])", self.seen)[-1:] == [b"h"], "no cursor is left")


@dataclass
class Figures:
    """The figures so far."""

    sent: Counter[str] = field(default_factory=Counter)
    closed: int = 0
    unread: int = 0
    keys: int = 0
    trained: int = 0
    took: list[float] = field(default_factory=list)
    """Seconds until each end, corrected for the load of the machine."""


def slowness() -> float:
    """Return the factor by which a process is currently slowed down by the load of the machine."""
    wall, used = time.perf_counter(), time.process_time()
    while time.process_time() - used < 0.02:
        pass
    return max(1.0, (time.perf_counter() - wall) / 0.02)


def plan(rng: random.Random) -> list[tuple[float, str]]:
    """Return random actions with their times, which make the app end and leave it able to."""
    sent = rng.choices(SIGNALS, k=rng.choice((2, 3)))
    steps = sorted((rng.uniform(0, MOMENTS), name) for name in sent)
    if rng.random() < CLOSED:
        steps.append((rng.uniform(0, MOMENTS), "closed"))
    elif not set(sent) & set(END) or rng.random() < KEYS:
        steps.append((rng.uniform(0, MOMENTS), "keys"))
    steps.sort()
    # Only SIGCONT continues a stopped process.
    stops = [moment for moment, name in steps if name == STOP]
    if stops and not any(name == GO_ON and moment > stops[-1] for moment, name in steps):
        steps.append((stops[-1] + rng.uniform(0, MOMENTS), GO_ON))
        steps.sort()
    return steps


def one_round(home: Path, number: int, rng: random.Random, figures: Figures) -> None:
    """Start the app, perform the planned actions, and check the result.

    Raises:
        BrokenError: if a guarantee is violated.
    """
    panes, jobs = list(PANES), list(JOBS)
    pane, job = panes[number % len(panes)], rng.choice(jobs)
    steps, unread = plan(rng), rng.random() < UNREAD
    what = f"{job} in {pane}{', unread' if unread else ''}: " + ", ".join(
        f"{name} at {moment:.2f}" for moment, name in steps
    )
    try:
        app = Terminal.opened(home, "-m", "torture.at_work", pane, job)
        app.until(READY)
    except BrokenError as error:
        error.add_note(what)
        raise
    try:
        try:
            slow = slowness()
            code, took = disturb(app, steps, unread, figures)
            took /= max(slow, slowness())
            stays = app.master >= 0
            if stays:
                app.given_back()
        finally:
            app.close()
        reap(10)
        names = {name for _, name in steps}
        by_signal = bool(names & {*END, "closed"})
        codes = {exit_codes.INTERRUPTED} if by_signal else {0}
        check(code in codes or ("keys" in names and code == 0), f"it ended with {code}")
        check(took < LIMIT, f"it ended after {took:.1f} s")
        if job in TRAIN:
            check_saved(Store(home / "saved_models"), measured=not by_signal or "keys" in names)
            figures.trained += 1
    except BrokenError as error:
        words = app.seen.rpartition(b"\x1b[?1049l")[2].decode("utf-8", "replace")
        for note in (what, f"its last words: {words[-2000:]!r}"):
            error.add_note(note)
        raise
    figures.took.append(took)
    figures.closed += not stays
    figures.unread += unread
    figures.keys += "keys" in names
    figures.sent.update(name for _, name in steps if name in SIGNALS)


def disturb(
    app: Terminal, steps: list[tuple[float, str]], unread: bool, figures: Figures
) -> tuple[int, float]:
    """Perform the planned actions; return the exit code, and the seconds from the last to the end.

    Raises:
        BrokenError: if it does not end.
    """
    begins = time.monotonic()
    for moment, name in steps:
        while (left := begins + moment - time.monotonic()) > 0:
            if unread:
                time.sleep(left)
            else:
                app.read(left)
        if name == "closed":
            app.close()
        elif name == "keys":
            leave(app)
        else:
            os.kill(app.process, getattr(signal, name))
    last = time.monotonic()
    deadline = last + 4 * shutdown.DISK
    while time.monotonic() < deadline:
        if not unread:
            app.read(0.01)
        else:
            time.sleep(0.01)
        found, status = os.waitpid(app.process, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status), time.monotonic() - last
    tasks = Path(f"/proc/{app.process}/task")
    threads = sorted((task / "comm").read_text().strip() for task in tasks.iterdir())
    with_it = f"threads {threads}"
    wait_for_end(app.process, 0.0)
    raise BrokenError(f"it does not end: {with_it}")


def leave(app: Terminal) -> None:
    """Press the key that quits, and the one that confirms it."""
    if app.master >= 0:
        os.write(app.master, b"q")
        time.sleep(0.2)
        os.write(app.master, b"y")


def check_saved(store: Store, measured: bool) -> None:
    """Check that the newest run, which was ended, is saved and can be resumed.

    Raises:
        BrokenError: if it is not saved, or cannot be resumed.
    """
    found = store.runs()[0]
    check(found.state is RunState.STOPPED, f"{found.id} is {found.state.value}")
    check(measured or found.result is None, f"{found.id} was measured at its end")
    newest = next((point for _, point in RunFolder(store.folder(found)).load_checkpoints()), None)
    done = getattr(getattr(newest, "state", None), "updates", None)
    check(done == found.updates, f"the checkpoint of {found.id} is of update {done}")
    check(resume(store, found) == found.updates + 1, f"{found.id} does not go on")


def resume(store: Store, found: Run) -> int:
    """Resume a run for one update, and return its number of updates."""
    session = Session.resume(found, store=store)

    def listen(event: Event) -> None:
        if isinstance(event, UpdateDone):
            session.control.interrupt()

    session.run(listen)
    return len(session.history.updates)


def torture(rounds: int, seed: int, jobs: list[str]) -> str:
    """Run the stress test, and return its figures."""
    become_subreaper()
    for name in [name for name in JOBS if name not in jobs]:
        del JOBS[name]
    rng, figures = random.Random(seed), Figures()
    with tempfile.TemporaryDirectory(prefix="torture-") as place:
        for number in range(rounds):
            home = Path(place) / f"round-{number}"
            try:
                one_round(home, number, rng, figures)
            except BrokenError as error:
                error.add_note(f"round {number} of seed {seed}")
                raise
    sent = ", ".join(f"{figures.sent[name]} {name}" for name in SIGNALS)
    return (
        f"{rounds} rounds in {min(rounds, len(PANES))} panes and {len(JOBS)} jobs, {sent}; "
        f"the terminal closed {figures.closed} times, unread {figures.unread} times, left by keys "
        f"{figures.keys} times: all ended, the last after {max(figures.took):.1f} s, nobody left, "
        f"all terminals given back, {figures.trained} trainings kept and gone on with; seed {seed}"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--jobs", nargs="*", default=list(JOBS), choices=list(JOBS))
    given = parser.parse_args()
    run("signals", lambda: torture(given.rounds, given.seed, given.jobs))


if __name__ == "__main__":
    main()

"""Full disks and disk errors: `python -m torture.disk`."""

import argparse
import errno
import mmap
import os
import random
import sqlite3
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from core.errors import StoreError
from core.runs import database, folder, recorder
from core.runs.records import RunState
from core.runs.session import Session
from core.runs.store import Store
from core.training.events import Event, Started, UpdateDone
from core.training.timeline import Edit
from torture import runs
from torture.process import (
    BrokenError,
    become_subreaper,
    check,
    fork,
    run,
    run_isolated,
    wait_for_end,
)
from torture.refusals import Refusals, sqlite_can_be_refused
from torture.runs import SMALL, Outcome

SHORT = SMALL.changed(half_cycle=4, cycles=1)
EDITS = (Edit(3, {"eta_max": 0.05}), Edit(5, {"weight_decay": 0.01}))
LONG = SMALL.changed(half_cycle=2500, cycles=1, evaluate_every=50)
CODES = (errno.ENOSPC, errno.EIO)
TIMEOUT_S = 0.3
"""Seconds to retry writing the end of a run, instead of `END_TIMEOUT_S`."""
SIZE = 2_000_000
"""Size of the small disk in bytes; a run of `LONG` takes half a million."""


Known = dict[tuple[int, ...], Outcome]
"""Expected outcomes, by the updates at which the run is edited."""


@dataclass
class Report:
    """The report of a process with a failing disk."""

    calls: int
    refused: int
    words: str | None = None
    """Message of the `StoreError`; None if the run ended normally."""
    started: bool = False
    updates: int = 0
    trouble: str | None = None
    """The last `session.trouble`."""


def attempt(root: Path, where: str, refusals: Refusals) -> Report:
    """Run `SHORT` while disk calls fail. Called in its own process."""
    recorder.END_TIMEOUT_S = folder.LOCK_TIMEOUT_S = database.BUSY_TIMEOUT_S = TIMEOUT_S
    getattr(refusals, f"of_{where}")()
    report = Report(0, 0)

    def listen(session: Session, event: Event) -> None:
        if isinstance(event, Started):
            report.started = True
        if isinstance(event, UpdateDone):
            report.updates = event.update
            if event.update % 3 == 2:
                with suppress(StoreError):
                    session.store.writer.flush()
                report.trouble = session.trouble or report.trouble

    try:
        runs.train(root, SHORT, EDITS, listen, every=0)
    except StoreError as error:
        report.words = str(error)
    report.calls, report.refused = refusals.calls, refusals.refused
    return report


def sound(root: Path) -> None:
    """Check the integrity of the database."""
    with closing(sqlite3.connect(root / database.NAME)) as connection:
        found = connection.execute("PRAGMA integrity_check").fetchall()
    check(found == [("ok",)], f"the database is not sound: {found[:3]}")


def by_edits(place: Path) -> Known:
    """Return the outcome for every subset of the edits, because a refused edit has no effect."""
    choices = [made for count in range(3) for made in combinations(EDITS, count)]
    return {
        _updates(made): runs.undisturbed(place / str(number), SHORT, made)
        for number, made in enumerate(choices)
    }


def _updates(edits: tuple[Edit, ...]) -> tuple[int, ...]:
    return tuple(edit.update for edit in edits)


def settled(root: Path, known: Known) -> str:
    """Resume the run that a failing disk has left, and compare it with the undisturbed run.

    Returns:
        The state of the run before it was resumed.
    """
    store = Store(root)
    sound(root)
    earlier, *later = reversed(store.runs())
    check(earlier.state is RunState.FINISHED, "the earlier run is not finished")
    check(known[_updates(EDITS)].same(runs.outcome(store, earlier)), "the earlier run was harmed")
    if not later:
        return "never begun"
    (kept,) = later
    stood = kept.state.value
    if kept.state is not RunState.FINISHED:
        made = store.edits(kept)
        session = Session.resume(kept, threads=1, store=store)
        session.run(load=runs.load)
        check(store.edits(kept) == made, "edits have changed")
        kept = store.get(kept.number)
    found = runs.outcome(store, kept)
    edits = tuple(edit for edit in EDITS if edit in found.edits)
    check(edits == found.edits, f"edits came out as {found.edits}")
    check(known[_updates(edits)].same(found), f"the run ({stood}) came out otherwise")
    return stood


def refused(place: Path, where: str, every: int) -> tuple[int, Counter[str]]:
    """Let each call of `core.files` or SQLite fail, once and from it on; return their number."""
    known = by_edits(place / where)
    base = place / f"{where}-base"
    runs.undisturbed(base, SHORT, EDITS)
    counts: Counter[str] = Counter()

    def one(root: Path, first: int, forever: bool, code: int) -> Report:
        subprocess.run(["cp", "-r", str(base), str(root)], check=True)
        refusals = Refusals(first, forever, code)
        return run_isolated(lambda: _second(root, where, refusals), 60)

    calls = one(place / f"{where}-0", 0, False, 0).calls
    for first in range(1, calls + 1, every):
        for forever in (False, True):
            root = place / f"{where}-{first}-{forever}"
            code = CODES[(first // every) % len(CODES)]
            try:
                report = one(root, first, forever, code)
                if report.words is not None:
                    check(report.words.isprintable(), f"the complaint is {report.words!r}")
                    counts["said at the end"] += 1
                if forever and report.started:
                    check(report.updates >= SHORT.total_updates, "the training did not go on")
                stood = run_isolated(lambda root=root: settled(root, known), 60)  # type: ignore[misc]
                said = bool(report.words or report.trouble) or stood == RunState.FINISHED.value
                check(said or not forever, "nobody said that nothing is kept")
                counts[stood] += 1
            except BrokenError as error:
                error.add_note(f"call {first} of {where}, forever {forever}, error {code}")
                raise
            subprocess.run(["rm", "-rf", str(root)], check=True)
    return calls, counts


def _second(root: Path, where: str, refusals: Refusals) -> Report:
    """Begin a second run instead of resuming the first."""
    store_runs = Store.runs
    Store.runs = lambda self, **what: []  # type: ignore[method-assign, assignment]
    try:
        return attempt(root, where, refusals)
    finally:
        Store.runs = store_runs  # type: ignore[method-assign]


# A disk that is full


@contextmanager
def small_disk(place: Path) -> Iterator[Path | None]:
    """Yield a separate file system; None if the user is not permitted to mount one."""
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "torture", str(place)]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except OSError:
        yield None
        return
    if done.returncode:
        yield None
        return
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def fill(disk: Path) -> None:
    """Fill the disk completely."""
    with (disk / "ballast").open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))


def full(disk: Path, expected: Outcome, stays: bool, rng: random.Random) -> tuple[int, int]:
    """Fill the disk at random moments during a training.

    Args:
        disk: the small disk.
        expected: the expected outcome of the run.
        stays: whether the disk stays full.
        rng: generator of the moments.

    Returns:
        How often the disk was filled, and how often the training reported it.
    """
    root, ballast = disk / "root", disk / "ballast"
    cells = mmap.mmap(-1, 8)

    def listen(session: Session, event: Event) -> None:
        if isinstance(event, UpdateDone):
            cells[0] = 1
            troubled = session.trouble is not None
            cells[1] = min(255, cells[1] + (troubled and not cells[2]))
            cells[2] = troubled

    def work() -> None:
        recorder.END_TIMEOUT_S = 0.5 if stays else 10.0
        try:
            runs.train(root, LONG, (), listen, threads=2, every=0.1)
        except StoreError as error:
            check(str(error).isprintable() and "no space left" in str(error), f"it said {error}")
            os._exit(3)

    process, fillings = fork(work), 0
    while not cells[0]:
        time.sleep(0.005)
    while True:
        time.sleep(rng.uniform(0.05, 0.5))
        if os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            break
        fill(disk)
        fillings += 1
        if stays:
            break
        time.sleep(rng.uniform(0.1, 0.9))
        ballast.unlink()
    code = wait_for_end(process, 60)
    ballast.unlink(missing_ok=True)
    check(code == 0 or (stays and code == 3), f"a training ended with {code}")
    sound(root)
    if code:
        check(Store(root).runs()[0].state is RunState.CRASHED, "a run is not known to have crashed")
        check(
            wait_for_end(fork(lambda: runs.train(root, LONG, threads=2)), 60) == 0,
            "it did not go on",
        )
    store = Store(root)
    check(expected.same(runs.outcome(store, store.runs()[0])), "a run came out otherwise")
    subprocess.run(["rm", "-rf", str(root)], check=True)
    return fillings, cells[1]


def on_small_disk(place: Path, rounds: int, rng: random.Random) -> str:
    expected = runs.undisturbed(place / "long", LONG)
    fillings = seen = stayed = 0
    with small_disk(place / "disk") as disk:
        if disk is None:
            return "no small disk could be mounted"
        for number in range(rounds):
            stays = number % 2 == 1
            filled, said = full(disk, expected, stays, rng)
            fillings, seen, stayed = fillings + filled, seen + said, stayed + stays
    check(
        seen > 0 or rounds < 4,
        f"{fillings} fillings, and no training ever said that the disk was full",
    )
    return (
        f"{rounds} trainings on a disk of {SIZE / 1e6:g} MB that was filled {fillings} times, in "
        f"{stayed} for good: {seen} times the training said so and went on, all to the bit"
    )


def torture(rounds: int, every: int, seed: int) -> str:
    """Return the figures."""
    become_subreaper()
    parts: list[str] = []
    with tempfile.TemporaryDirectory(prefix="torture-") as name:
        place = Path(name)
        parts.append(on_small_disk(place, rounds, random.Random(seed)))
        kinds: dict[str, Any] = {"files": "of whole files"}
        if sqlite_can_be_refused():
            kinds["sqlite"] = "of SQLite"
        for where, words in kinds.items():
            calls, counts = refused(place, where, every)
            stood = ", ".join(f"{counts[k]} {k}" for k in ("finished", "crashed", "never begun"))
            parts.append(
                f"{len(range(1, calls + 1, every))} of {calls} calls {words} refused, each once "
                f"and from it on ({stood}; "
                f"{counts['said at the end']} said so at the end), all to the bit"
            )
    return "; ".join(parts) + f"; seed {seed}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=16)
    parser.add_argument("--every", type=int, default=2)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    given = parser.parse_args()
    run("disk", lambda: torture(given.rounds, given.every, given.seed))


if __name__ == "__main__":
    main()

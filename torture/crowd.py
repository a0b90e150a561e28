"""Many processes on one database: `python -m torture.crowd`."""

import argparse
import multiprocessing
import tempfile
from collections.abc import Callable
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Barrier
from pathlib import Path
from threading import Thread
from time import sleep

from core.runs.records import RunState
from core.runs.session import Session
from core.runs.store import Store
from core.training.events import Event, UpdateDone
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
from torture.runs import SMALL, Outcome

WRITERS, READERS = 8, 2
UPDATES = 1500
"""Default number of updates of a run, more than the points of a chunk."""
TIMEOUT_S = 590.0


def experiment(writer: int, updates: int) -> dict[str, int]:
    """Return the settings that distinguish the runs of one writer from those of the others."""
    return {"seed": writer, "half_cycle": updates // 2, "cycles": 1, "evaluate_every": 100}


def write(root: Path, writer: int, count: int, updates: int, barrier: Barrier) -> None:
    """Start together with all writers, and write runs in turn while polling the store."""
    store = Store(root)
    barrier.wait(60)
    # As the list of runs does in an app that trains: polling must not interfere with writing.
    Thread(target=look, args=(store,), daemon=True).start()
    for number in range(count):
        session = Session(
            SMALL.changed(**experiment(writer, updates)),
            threads=1,
            store=store,
            checkpoint_every=0.2,
        )

        def listen(event: Event, session: Session = session) -> None:
            if isinstance(event, UpdateDone) and event.update % 500 == 0:
                session.store.writer.flush()

        session.run(listen, runs.load)
        check(session.trouble is None, f"a writer had trouble: {session.trouble}")
        if session.record is None:
            raise BrokenError("a run was not kept")
        store.describe(session.record, note=f"{writer} {number}")


def look(store: Store) -> None:
    """Poll the store for changes, without end."""
    while True:
        store.change_token()
        sleep(0.002)


def read(root: Path, over: "Synchronized[int]", reads: "Synchronized[int]") -> None:
    """Read everything repeatedly; runs and points must never disappear."""
    store, seen = Store(root), {}
    while not over.value:
        there = {one.id: one for one in store.runs()}
        check(seen.keys() <= there.keys(), "a run has gone from the list")
        for name, one in there.items():
            count = len(store.history(one).updates)
            check(count >= seen.get(name, 0), f"points of {name} have gone")
            check(count >= one.updates, f"{name} has fewer points than were listed")
            store.events(one)
            seen[name] = count
            with reads.get_lock():
                reads.value += 1


def run_concurrently(works: list[Callable[[], None]]) -> None:
    """Run all functions concurrently, each in its own process, and wait for them."""
    codes = [wait_for_end(process, TIMEOUT_S) for process in [fork(work) for work in works]]
    check(not any(codes), f"{sum(map(bool, codes))} of {len(codes)} programs failed")


def train_concurrently(root: Path, count: int, updates: int) -> tuple[int, int]:
    """Let all writers train while the readers read; return the numbers of runs and of reads."""
    shared = multiprocessing.get_context("fork")
    over, reads = shared.Value("i", 0), shared.Value("i", 0)
    barrier = shared.Barrier(WRITERS)
    readers = [fork(lambda: read(root, over, reads)) for _ in range(READERS)]
    try:
        run_concurrently(
            [
                lambda writer=writer: write(root, writer, count, updates, barrier)  # type: ignore[misc]
                for writer in range(WRITERS)
            ]
        )
    finally:
        over.value = 1
    for reader in readers:
        check(wait_for_end(reader, 60) == 0, "a reader failed")
    return WRITERS * count, reads.value


def inspect(root: Path, count: int, expected: list[Outcome]) -> None:
    """Check that everything that was written is there."""
    store = Store(root)
    there = store.runs()
    check(len(there) == WRITERS * count, f"{len(there)} runs are there of {WRITERS * count}")
    check(len({one.id for one in there}) == len(there), "an id was given twice")
    notes = sorted(one.note for one in there)
    wanted = sorted(f"{writer} {number}" for writer in range(WRITERS) for number in range(count))
    check(notes == wanted, "a note was lost")
    for one in there:
        check(one.state is RunState.FINISHED, f"{one.id} is {one.state.value}")
        found = runs.outcome(store, one)
        check(expected[int(one.note.split()[0])].same(found), f"{one.id} came out otherwise")


def first_moments(place: Path, count: int) -> None:
    """Let all processes create the same database at the same moment, repeatedly."""
    shared = multiprocessing.get_context("fork")
    barrier = shared.Barrier(WRITERS + READERS)
    facts = {
        **dict.fromkeys(("source",), "nowhere"),
        **{"data": None, "machine": {}, "parameters": 1, "updates_per_epoch": 1},
        **{"batch_size": 1, "total": 1},
    }

    def begin() -> None:
        for number in range(count):
            barrier.wait(60)
            _, lock = Store(place / str(number)).create(SMALL, **facts)
            lock.release()

    def look() -> None:
        for number in range(count):
            barrier.wait(60)
            store = Store(place / str(number))
            while len(store.runs()) < WRITERS:
                pass

    run_concurrently([begin] * WRITERS + [look] * READERS)
    for number in range(count):
        ids = {one.id for one in Store(place / str(number)).runs()}
        check(ids == {f"torture-{n}" for n in range(1, WRITERS + 1)}, f"the ids are {ids}")


def torture(count: int, beginnings: int, updates: int) -> str:
    """Run the stress test, and return its figures.

    Args:
        count: number of runs of each writer.
        beginnings: number of databases that all processes create at once.
        updates: number of updates of each run.
    """
    become_subreaper()
    with tempfile.TemporaryDirectory(prefix="torture-") as name:
        place = Path(name)
        first_moments(place / "first", beginnings)
        expected = [
            runs.undisturbed(
                place / f"expected-{writer}", SMALL.changed(**experiment(writer, updates))
            )
            for writer in range(WRITERS)
        ]
        written, readings = train_concurrently(place / "root", count, updates)
        run_isolated(lambda: inspect(place / "root", count, expected))
    return (
        f"{WRITERS} programs wrote {written} runs of {updates:,} updates while {READERS} read "
        f"{readings:,} times: no lock error, all finished and to the bit; {beginnings} databases "
        f"were made by {WRITERS} programs at the same moment, all ids given once"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--beginnings", type=int, default=50)
    parser.add_argument("--updates", type=int, default=UPDATES)
    given = parser.parse_args()
    run("crowd", lambda: torture(given.runs, given.beginnings, given.updates))


if __name__ == "__main__":
    main()

"""Truncated and corrupted files: `python -m torture.damage`."""

import argparse
import os
import random
import shutil
import signal
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import DamagedError, StoreError
from core.runs import checkpoint, database, recorder
from core.runs.checkpoint import load_checkpoint
from core.runs.folder import RunFolder
from core.runs.records import Run, RunState
from core.runs.session import Session
from core.runs.store import Store
from core.training.events import Event, Started, UpdateDone
from torture import runs
from torture.process import (
    BrokenError,
    become_subreaper,
    check,
    fork,
    reap,
    run,
    run_isolated,
    wait_for_end,
)
from torture.runs import EDITS, SMALL, Outcome

BATCH = 40
"""Damages tried in one process; the number is limited because each leaves a thread behind."""

Damage = tuple[str, bytes]
"""A description of the damage, and the damaged content of the file."""


@dataclass(frozen=True)
class Good:
    """The undamaged state."""

    root: Path
    found: list[Run]
    """All runs, as listed."""
    read: dict[str, Any]
    """Results of all other read operations, by name."""
    whole: Outcome
    """The expected outcome of the crashed run."""
    checkpoints: list[int]
    """Updates of the checkpoints of the crashed run, newest first."""

    @property
    def crashed(self) -> Run:
        """The run to resume."""
        return self.found[0]


def prepare(root: Path) -> Good:
    """Create three finished runs, free pages of a deleted run, and a crashed run."""

    def finished() -> None:
        store = Store(root)
        for seed in (1, 2, 9, 3):
            session = Session(
                SMALL.changed(seed=seed, half_cycle=7 if seed < 9 else 400),
                threads=1,
                store=store,
            )
            session.run(load=runs.load)
        store.purge(store.delete(next(kept for kept in store.runs() if kept.total > 100)))

    def crash() -> None:
        session = Session(SMALL, threads=1, store=Store(root), checkpoint_every=1e9)
        on_step_end = recorder.Recorder.on_step_end

        def save(of: recorder.Recorder) -> None:
            if len(session.history.updates) in (8, 16):
                of._due = 0.0
                on_step_end(of)
                session.store.writer.flush()

        def listen(event: Event) -> None:
            for edit in EDITS:
                if isinstance(event, UpdateDone) and event.update == edit.update:
                    session.control.edit(edit.changes)
            if isinstance(event, UpdateDone) and event.update == 20:
                session.store.writer.flush()
                os.kill(os.getpid(), signal.SIGKILL)

        recorder.Recorder.on_step_end = save  # type: ignore[method-assign]
        session.run(listen, runs.load)

    whole = runs.undisturbed(root / "whole", SMALL, EDITS)
    shutil.rmtree(root / "whole")
    check(wait_for_end(fork(finished), 60) == 0, "runs could not be made")
    check(wait_for_end(fork(crash), 60) == -signal.SIGKILL, "a run did not crash")
    reap(10)
    store = Store(root)
    found = store.runs()
    check(found[0].state is RunState.CRASHED, "no run crashed")
    paths = RunFolder(store.folder(found[0])).numbered()
    kept = [load_checkpoint(path).state.updates for path in paths]
    return Good(root, found, {n: read() for n, read in readings(store, found)}, whole, kept)


def readings(store: Store, found: Sequence[Run]) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Yield every read operation on saved runs, with its name."""
    for one in found:
        yield f"get {one.id}", lambda one=one: store.get(one.number)
        yield f"events of {one.id}", lambda one=one: store.events(one)
        yield f"edits of {one.id}", lambda one=one: store.edits(one)
        yield f"history of {one.id}", lambda one=one: _plain(store, one)


def _plain(store: Store, one: Run) -> dict[str, Any]:
    history = store.history(one)
    values = {name: value.tobytes() for name, value in runs.recorded(history).items()}
    values["seconds"] = history.updates.read()["seconds"].tobytes()
    return {**values, "rest": (history.edits, history.started, history.total, history.result)}


def exactly_or_refused(what: str, read: Callable[[], Any], good: Any) -> bool:
    """Return whether a read operation gave the original data; False if it raised a `StoreError`.

    Raises:
        BrokenError: if it did anything else.
    """
    try:
        found = read()
    except StoreError as error:
        sentence = str(error)
        check(bool(sentence) and sentence.isprintable(), f"{what} complains with {sentence!r}")
        return False
    except Exception as error:
        raise BrokenError(f"{what} raises {type(error).__name__}: {error}") from error
    check(found == good, f"{what} gives something else: {found}")
    return True


def look(good: Good, root: Path, alone: bool) -> Counter[str]:
    """Read everything, resume the crashed run, and count the outcomes.

    Args:
        good: the undamaged state.
        root: the damaged folder.
        alone: whether only to read.
    """
    store = Store(root)
    listed = exactly_or_refused("the list", store.runs, good.found)
    counts = Counter({"listed": int(listed)})
    whole = True
    for name, read in readings(store, good.found):
        whole = exactly_or_refused(name, read, good.read[name]) and whole
    counts["read"] = int(listed and whole)
    if alone:
        return counts
    begun: list[int] = []

    def go_on() -> bool:
        session = Session.resume(good.crashed, threads=1, store=store, checkpoint_every=1e9)

        def on_event(event: Event) -> None:
            if isinstance(event, Started):
                begun.append(event.done)

        session.run(on_event, runs.load)
        return good.whole.same(runs.outcome(store, store.get(good.crashed.number)))

    if exactly_or_refused("going on", go_on, True):
        counts["resumed"] += 1
        counts[f"from {begun[0]}"] += 1
        # The other runs must be unchanged, or reported as damaged.
        for name, read in readings(store, good.found[1:]):
            exactly_or_refused(f"{name}, after going on,", read, good.read[name])
    else:
        counts["refused"] += 1
    return counts


def try_all(good: Good, name: str, damages: Sequence[Damage], alone: bool = False) -> Counter[str]:
    """Apply each damage to a copy of everything, and examine the copy."""
    total: Counter[str] = Counter()
    for start in range(0, len(damages), BATCH):

        def batch(part: Sequence[Damage] = damages[start : start + BATCH]) -> Counter[str]:
            recorder.END_TIMEOUT_S = 0.0
            counts: Counter[str] = Counter()
            for label, content in part:
                root = good.root.with_name("copy")
                shutil.copytree(good.root, root)
                (root / name).write_bytes(content)
                try:
                    # Before the run is resumed, which may write this checkpoint again.
                    if name.endswith(checkpoint.SUFFIX):
                        _read_alone(root / name)
                    counts += look(good, root, alone)
                except BrokenError as error:
                    raise BrokenError(f"{Path(name).name}, {label}: {error}") from error
                finally:
                    shutil.rmtree(root, ignore_errors=True)
            return counts

        total += run_isolated(batch)
    return total


def _read_alone(path: Path) -> None:
    try:
        load_checkpoint(path)
    except DamagedError as error:
        check(str(error).isprintable(), f"the complaint is {error}")
    except Exception as error:
        raise BrokenError(f"reading raises {type(error).__name__}: {error}") from error
    else:
        raise BrokenError("damage was not noticed")


def cuts(content: bytes, header: int, tail: int, between: int) -> list[Damage]:
    """Truncate a file at every byte of its header and tail, and at some places between."""
    size = len(content)
    places = {*range(header), *range(size - tail, size)}
    places |= {int(place) for place in np.linspace(header, size - 1, between)}
    return [(f"cut at {place}", content[:place]) for place in sorted(places)]


def flips(content: bytes, count: int, rng: random.Random) -> list[Damage]:
    """Return `count` copies of a file with one random bit changed."""
    made = []
    for _ in range(count):
        place, bit = rng.randrange(len(content)), rng.randrange(8)
        spoiled = bytearray(content)
        spoiled[place] ^= 1 << bit
        made.append((f"bit {bit} of byte {place} changed", bytes(spoiled)))
    return made


def blocks(content: bytes, count: int, rng: random.Random) -> list[Damage]:
    """Change a file as a failing disk does: sectors of zeros, swapped pages."""
    made, page = [], int.from_bytes(content[16:18], "big")
    for _ in range(count):
        place = 512 * rng.randrange(len(content) // 512)
        zeros = content[:place] + bytes(512) + content[place + 512 :]
        made.append((f"zeros from {place}", zeros))
        one, other = rng.sample(range(len(content) // page), 2)
        pages = [content[at : at + page] for at in range(0, len(content), page)]
        pages[one], pages[other] = pages[other], pages[one]
        made.append((f"pages {one} and {other} swapped", b"".join(pages)))
    return made


def indexes(path: Path) -> list[Damage]:
    """Change every bit of every index, which may then return valid rows of another key."""
    content, made = path.read_bytes(), []
    page = int.from_bytes(content[16:18], "big")
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("SELECT rootpage FROM sqlite_schema WHERE type = 'index'")
        places = [place for (root,) in found for place in range((root - 1) * page, root * page)]
    for place in places:
        for bit in range(8) if content[place] else ():  # zeros are mostly free space
            spoiled = bytearray(content)
            spoiled[place] ^= 1 << bit
            made.append((f"bit {bit} of byte {place} of an index changed", bytes(spoiled)))
    return made


def torture(bits: int, places: int, step: int, seed: int) -> str:
    """Run the stress test, and return its figures.

    Args:
        bits: number of bits to change, one at a time, in each file.
        places: number of truncations between header and tail.
        step: 1 to truncate at every byte of headers and tails; larger values skip some.
        seed: seed of the random damages.
    """
    become_subreaper()
    rng = random.Random(seed)
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as place:
        good = prepare(Path(place) / "good")
        name = f"{good.crashed.id}/checkpoint-{good.checkpoints[0]:08}{checkpoint.SUFFIX}"
        file = (good.root / name).read_bytes()
        header = 8 + int.from_bytes(file[:8], "little")
        base = (good.root / database.NAME).read_bytes()
        cut = cuts(file, header, 512, places)[::step]
        some = cut + flips(file, bits, rng)
        kept = try_all(good, name, some)
        check(kept["read"] == len(some), "a damaged checkpoint keeps a run from being read")
        check(kept[f"from {good.checkpoints[1]}"] == len(some), "the one before was not used")
        ends = cuts(base, 112, 512, places)[::step]
        others = ends + flips(base, bits, rng) + blocks(base, bits // 10, rng)
        found = try_all(good, database.NAME, others)
        keys = indexes(good.root / database.NAME)[::step]
        try_all(good, database.NAME, keys, alone=True)
    return (
        f"a checkpoint cut at {len(cut):,} places and spoiled by {bits:,} bits: every damage "
        f"noticed, the one before used, all {kept['resumed']:,} runs to the bit; "
        f"a database cut at {len(ends):,} places and spoiled by {bits:,} bits, "
        f"{bits // 10} sectors of zeros and {bits // 10} swapped pages: {found['read']:,} times "
        f"all was read as it had been, {len(others) - found['read']:,} times a sentence said what "
        f"is damaged, {found['resumed']:,} runs went on to the bit, {found['refused']:,} were "
        f"refused; every one of {len(keys):,} bits of its indexes changed; no wrong value; "
        f"seed {seed}"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--bits", type=int, default=1000)
    parser.add_argument("--places", type=int, default=200)
    parser.add_argument("--step", type=int, default=1)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    given = parser.parse_args()
    run("damage", lambda: torture(given.bits, given.places, given.step, given.seed))


if __name__ == "__main__":
    main()

"""Malicious files, fed to every reader: `python -m torture.hostile`."""

import argparse
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.benchmark import saved_results
from core.benchmark.results import BenchmarkError
from core.config.experiment import Experiment
from core.data import archive, cifar10, home, pickles, unpack
from core.data.dataset import DataError
from core.errors import DamagedError, StoreError
from core.runs import recorder
from core.runs.checkpoint import Checkpoint, load_checkpoint
from core.runs.session import Session
from core.runs.store import Store
from core.settings import SettingError
from core.training.trainer import Trainer
from torture import hostile_files as files
from torture import runs
from torture.process import become_subreaper, check, run, run_isolated
from torture.runs import SMALL

MEMORY = 200.0
"""Maximum growth of a process, in MB, while it reads all files of a reader."""
SECONDS = 20.0
"""Maximum processor time for one file."""
ERRORS = (DataError, SettingError, BenchmarkError, StoreError, DamagedError)
DANGEROUS = ("os.system", "os.exec", "os.posix_spawn", "subprocess.Popen", "os.fork", "pty.spawn")

Try = Callable[[], object]


@dataclass
class Found:
    """The results for all files of one reader."""

    files: int = 0
    refused: int = 0
    megabytes: float = 0.0


@dataclass(frozen=True)
class Place:
    """The folders of a test: nothing outside `inside` may change."""

    inside: Path
    outside: Path

    @property
    def mark(self) -> Path:
        """A file that exists if code was executed."""
        return self.outside / "mark"

    def prepare(self) -> None:
        """Create the folders, and a file that must not change."""
        self.inside.mkdir()
        self.outside.mkdir()
        (self.outside / "victim").write_text("precious")

    def harmed(self) -> bool:
        """Return whether anything outside `inside` has changed."""
        there = [path.name for path in self.outside.iterdir()]
        beside = list(self.inside.parent.iterdir())
        return (
            there != ["victim"]
            or (self.outside / "victim").read_text() != "precious"
            or sorted(beside) != sorted([self.inside, self.outside])
        )


def watch(place: Place, violations: list[str]) -> None:
    """Record executed commands and files opened for writing elsewhere, from now on."""

    def hook(event: str, what: tuple[Any, ...]) -> None:
        if event in DANGEROUS:
            violations.append(event)
        if event == "open" and isinstance(what[0], str | bytes | os.PathLike):
            path, flags = os.fsdecode(what[0]), what[2]
            writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            if writes and not Path(path).absolute().is_relative_to(place.inside):
                violations.append(f"open {path}")

    sys.addaudithook(hook)


def loader(place: Place, tries: Callable[[Place], Iterator[Try]]) -> Found:
    """Try every file of one reader. Called in its own process.

    Raises:
        BrokenError: if a file did harm, or was refused with a bad message.
    """
    place.prepare()
    found, violations = Found(), list[str]()
    prepared = tries(place)
    first = next(prepared)
    before = _megabytes()
    watch(place, violations)
    signal.signal(signal.SIGVTALRM, _too_slow)
    for attempt in _with_first(first, prepared):
        signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
        found.files += 1
        sentence = None
        violations.clear()
        try:
            attempt()
        except ERRORS as error:
            sentence = str(error)
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        if sentence is not None:
            found.refused += 1
            check(bool(sentence) and sentence.isprintable(), f"it complains with {sentence!r}")
            check(len(sentence) < 2000, f"it complains at length: {sentence[:200]}")
        found.megabytes = _megabytes() - before
        check(not violations, f"file {found.files} did {violations}")
        check(not place.harmed(), f"file {found.files} did harm")
    check(found.megabytes < MEMORY, f"they took {found.megabytes:.0f} MB")
    return found


def _with_first(first: Try, rest: Iterator[Try]) -> Iterator[Try]:
    yield first
    yield from rest


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _too_slow(*_: object) -> None:
    raise TimeoutError("a file takes too long")


# The readers


def of_pickles(count: int, rng: random.Random) -> Callable[[Place], Iterator[Try]]:
    def tries(place: Place) -> Iterator[Try]:
        for blob in files.pickles(place.mark, count, rng):
            yield lambda blob=blob: pickles.read_batch(blob, files.IMAGES, "a batch")  # type: ignore[misc]

    return tries


def of_archives(count: int, rng: random.Random) -> Callable[[Place], Iterator[Try]]:
    def tries(place: Place) -> Iterator[Try]:
        path, folder = place.inside / "some.tar.gz", place.inside / "unpacked"
        folder.mkdir()
        for blob in files.archives(place.outside / "written", count, rng):
            path.write_bytes(blob)
            yield lambda: [len(content) for _, _, content in archive.members(path, (files.BINARY,))]
            yield lambda: unpack.unpack(path, folder, files.BINARY)
            yield lambda: cifar10.load(path, 4, (files.BINARY,))

    return tries


def of_folders(count: int, rng: random.Random) -> Callable[[Place], Iterator[Try]]:
    def tries(place: Place) -> Iterator[Try]:
        def load() -> object:
            return cifar10.load(place.inside, 4, (files.BINARY, files.PYTHON))

        good = files.fakes.write_folder(place.inside, files.PYTHON)
        first = good / "data_batch_1"
        content = first.read_bytes()
        for blob in files.pickles(place.mark, count, rng):
            first.write_bytes(blob)
            yield load
        for size in (0, 1, files.LARGE):
            os.truncate(first, size)
            yield load
        first.unlink()
        for make in (first.mkdir, lambda: os.mkfifo(first), lambda: first.symlink_to("/dev/zero")):
            make()
            yield load
            first.rmdir() if first.is_dir() else first.unlink()
        first.write_bytes(content)
        yield load

    return tries


def of_checkpoints(count: int, rng: random.Random) -> Callable[[Place], Iterator[Try]]:
    trainer = Trainer(SMALL, runs.dataset(), 1)
    normaliser = trainer.loader.normaliser
    good = Checkpoint("x", trainer.timeline, trainer.state(), normaliser.mean, normaliser.deviation)

    def tries(place: Place) -> Iterator[Try]:
        path = place.inside / "file"
        for blob in files.checkpoints(good, count, rng):
            path.write_bytes(blob)
            yield lambda: load_checkpoint(path)
        for length in (8, 100, 2**20, 2**31):
            path.write_bytes(length.to_bytes(8, "little"))
            os.truncate(path, files.LARGE)
            yield lambda: load_checkpoint(path)

    return tries


def of_settings(count: int, rng: random.Random) -> Callable[[Place], Iterator[Try]]:
    def tries(place: Place) -> Iterator[Try]:
        path = place.inside / "file.toml"
        for blob in files.tables(SMALL, count, rng):
            path.write_bytes(blob)
            yield lambda: Experiment.read(path)
        os.truncate(path, files.LARGE)
        yield lambda: Experiment.read(path)
        yield lambda: Experiment.read(Path("/dev/zero"))
        yield lambda: Experiment.read(place.inside)

    return tries


def of_benchmarks(count: int, rng: random.Random) -> Callable[[Place], Iterator[Try]]:
    def tries(place: Place) -> Iterator[Try]:
        path = place.inside / "file.json"
        for blob in files.benchmarks(count, rng):
            path.write_bytes(blob)
            yield lambda: saved_results.read(path)
        os.truncate(path, files.LARGE)
        yield lambda: saved_results.read(path)
        yield lambda: saved_results.read(place.inside)

    return tries


def of_databases(count: int, rng: random.Random) -> Callable[[Place], Iterator[Try]]:
    del count

    def tries(place: Place) -> Iterator[Try]:
        recorder.END_TIMEOUT_S = 0.0
        base, root = place.inside / "base", place.inside / "root"
        for seed in (0, 1):
            session = Session(
                SMALL.changed(seed=seed), threads=1, store=Store(base), checkpoint_every=1e9
            )
            if seed:
                session.control.edits.append({"eta_max": 0.05})
                session.control.stop()
            session.run(load=runs.load)
        there = Store(base).runs()

        def read() -> None:
            store = Store(root)
            for one in there:
                for ask in (store.history, store.edits, store.events):
                    with suppress(StoreError):
                        ask(one)
            for one in store.runs():
                store.history(one)
                one.experiment()

        def write() -> None:
            store = Store(root)
            try:
                with suppress(StoreError):
                    store.describe(there[0], note="x")
                with suppress(StoreError):
                    store.purge(store.delete(there[1]))
                Session.resume(there[0], threads=1, store=store).run(load=runs.load)
            finally:
                # Hundreds of writer threads would be counted as memory of the files.
                store.writer._jobs.put(sys.exit)

        for harm in files.databases(place.outside, rng):
            for ask in (read, write):
                shutil.rmtree(root, ignore_errors=True)
                shutil.copytree(base, root)
                # Isolated, because the memory for creating the file must not be counted.
                run_isolated(lambda harm=harm: bool(harm(root)))  # type: ignore[misc]
                yield ask

    return tries


READERS: dict[str, Callable[[int, random.Random], Callable[[Place], Iterator[Try]]]] = {
    "pickles": of_pickles,
    "archives": of_archives,
    "folders": of_folders,
    "checkpoints": of_checkpoints,
    "settings": of_settings,
    "benchmarks": of_benchmarks,
    "databases": of_databases,
}


def torture(count: int, seed: int, readers: list[str]) -> str:
    """Run the stress test, and return its figures.

    Args:
        count: number of randomly corrupted files for each reader.
        seed: seed of the corruption.
        readers: names of the readers.
    """
    become_subreaper()
    parts = []
    for name in readers:
        rng = random.Random(seed)
        with tempfile.TemporaryDirectory(prefix="torture-") as folder:
            os.environ[home.HOME_VARIABLE] = folder
            place = Place(Path(folder) / "inside", Path(folder) / "outside")
            tries = READERS[name](count, rng)
            try:
                found = run_isolated(lambda place=place, tries=tries: loader(place, tries), 590)  # type: ignore[misc]
            except Exception as error:
                error.add_note(f"{name}, seed {seed}")
                raise
        parts.append(
            f"{name} {found.files:,} files, {found.refused:,} refused, "
            f"at most {found.megabytes:.0f} MB more"
        )
    return "; ".join(parts) + f"; 0 executed, 0 written outside, one sentence each; seed {seed}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--readers", nargs="*", default=list(READERS))
    given = parser.parse_args()
    run("hostile", lambda: torture(given.count, given.seed, given.readers))


if __name__ == "__main__":
    main()

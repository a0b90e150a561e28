"""The one thread of a process that writes to the database of runs.

Training never waits for a disk: its points are fetched from the history, twice a second, and
committed here. A caller waits only for what must be on the disk before something else happens.
"""

import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Protocol, TypeVar

from core.errors import NO_THREAD, StoreError, reason, writing_to
from core.runs import database

INTERVAL = 0.5
"""Seconds from one commit of points to the next: half of what may be lost at most."""

T = TypeVar("T")
Job = Callable[[sqlite3.Connection], T]


class Source(Protocol):
    """Something whose points are to be written at intervals."""

    def write_points(self, connection: sqlite3.Connection, anew: bool) -> None:
        """Write what is new, within a transaction.

        Args:
            connection: to write to.
            anew: whether this database is not the one that was written to before.
        """

    def on_committed(self) -> None:
        """Note that what `write_points` has written is on the disk."""

    def save_checkpoints(self) -> None:
        """Write the checkpoints whose points are on the disk."""


class Writer:
    """Writes to the database under `root`; the thread starts with the first thing to write."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.trouble: str | None = None
        """Why points cannot be written just now, in a sentence; None while they can."""
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._sources: list[Source] = []
        self._connection: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        self._anew: set[int] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    @property
    def keeping(self) -> bool:
        """Whether points of a source are still being written."""
        return bool(self._sources)

    def do(self, job: Job[T], on_end: Callable[[bool], None] = lambda committed: None) -> T:
        """Run `job` in a transaction of its own; return what it returns when that is on the disk.

        Args:
            job: what to do.
            on_end: called with whether it is on the disk, before anything else is written.

        Raises:
            StoreError: if it cannot be written; nothing of it is, then.
        """

        def work() -> T:
            committed = False
            try:
                self._catch_up()
                found = self._transact(job)
                committed = True
            finally:
                on_end(committed)
            return found

        return self._wait(work)

    def flush(self) -> None:
        """Wait until all points so far, and the files that belong to them, are on the disk.

        Raises:
            StoreError: if they cannot be written.
        """
        self._wait(self._fetch)

    def add(self, source: Source) -> None:
        """Write the points of `source` from now on."""
        self._wait(lambda: self._sources.append(source))

    def remove(self, source: Source) -> None:
        """Write nothing more of `source`."""
        self._wait(lambda: self._sources.remove(source))

    def close(self) -> None:
        """End the thread when all that was asked for is done; what is asked then starts another."""
        with self._lock:
            if self._thread is not None:
                self._jobs.put(None)
                self._thread.join()
                self._thread = None

    def _wait(self, work: Callable[[], T]) -> T:
        future: Future[T] = Future()

        def job() -> None:
            try:
                future.set_result(work())
            except BaseException as error:
                future.set_exception(error)

        with self._lock:
            if self._thread is None:
                thread = threading.Thread(target=self._work, name="convsole-writer", daemon=True)
                try:
                    thread.start()
                except RuntimeError:
                    raise StoreError(NO_THREAD) from None
                self._thread = thread
            self._jobs.put(job)
        return future.result()

    # On the thread

    def _work(self) -> None:
        fetched = time.monotonic()
        while self._do_next():
            if self._sources and time.monotonic() - fetched >= INTERVAL:
                try:
                    self._fetch()
                except StoreError:
                    pass  # `trouble` has it; the next round tries again
                except Exception as error:
                    # Whatever it is, such as no memory: the thread must go on to serve others.
                    self.trouble = f"cannot write to {self.root}: {type(error).__name__}"
                fetched = time.monotonic()
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _do_next(self) -> bool:
        """Do what is asked next, within the interval; return whether there may be more.

        The job is released with this frame: it refers to a run, and to all that trains it.
        """
        with suppress(Empty):
            job = self._jobs.get(timeout=INTERVAL if self._sources else None)
            if job is None:
                return False
            job()
        return True

    def _catch_up(self) -> None:
        """Write everything again where the database is another file than before."""
        with suppress(StoreError):  # the next statement will fail with it
            self._connected()
            if self._anew:
                self._commit()

    def _commit(self) -> None:
        self._transact(self._write)
        self._anew.clear()
        for source in self._sources:
            source.on_committed()

    def _fetch(self) -> None:
        """Write the new points and checkpoints of all sources."""
        try:
            self._commit()
            with database.faults(self.root):
                for source in self._sources:
                    source.save_checkpoints()
        except OSError as error:
            self.trouble = f"cannot write to {self.root}: {reason(error)}"
            raise StoreError(self.trouble) from None
        except StoreError as error:
            self.trouble = str(error)
            raise
        self.trouble = None

    def _write(self, connection: sqlite3.Connection) -> None:
        for source in self._sources:
            source.write_points(connection, id(source) in self._anew)

    def _transact(self, job: Job[T]) -> T:
        try:
            with writing_to(self.root):
                connection = self._connected()
                with database.faults(self.root), database.writing(connection):
                    return job(connection)
        except LookupError as error:
            raise StoreError(str(error.args[0])) from None

    def _connected(self) -> sqlite3.Connection:
        """Return a connection to the present file.

        The folder may have been deleted: what SQLite wrote to the old file would be lost.
        """
        path = self.root / database.NAME
        with suppress(OSError):
            now = path.stat()
            if self._connection is not None and self._file == (now.st_dev, now.st_ino):
                return self._connection
        if self._connection is not None:
            self._connection.close()
            self._connection = None
            self._anew = {id(source) for source in self._sources}
        # A run in training must be saved, whatever has happened to the database.
        self._connection = database.connect(self.root, create=True, anew=bool(self._sources))
        now = path.stat()
        self._file = now.st_dev, now.st_ino
        return self._connection

"""The writer thread, the only thread of a process that writes to the database of runs.

Training never waits for the disk: the writer fetches new points from the history twice a second and
commits them. A caller waits only for changes that must be on the disk before it continues.
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

from core.errors import NO_THREAD, NotWrittenError, StoreError, reason, writing_to
from core.runs import database

INTERVAL = 0.5
"""Seconds between two commits of points. A crash loses the points of at most twice this time."""

T = TypeVar("T")
Job = Callable[[sqlite3.Connection], T]


class Source(Protocol):
    """A producer of points that are written at regular intervals, such as a recorder."""

    def write_points(self, connection: sqlite3.Connection, anew: bool) -> None:
        """Write the new points, within a transaction.

        Args:
            connection: the connection to write to.
            anew: whether everything must be written, because the database file was replaced.
        """

    def on_committed(self) -> None:
        """Note that the points written by `write_points` are on the disk."""

    def save_checkpoints(self) -> None:
        """Write the checkpoints whose points are on the disk."""


class Writer:
    """Writes to the database under `root` on a thread, which starts with the first write."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.trouble: str | None = None
        """Why points currently cannot be written, in a sentence; None if they can."""
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._sources: list[Source] = []
        self._connection: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        self._anew: set[int] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    @property
    def saving(self) -> bool:
        """Whether the points of a source are being written at intervals."""
        return bool(self._sources)

    def do(self, job: Job[T], on_end: Callable[[bool], None] = lambda committed: None) -> T:
        """Run `job` in its own transaction; return its result once the transaction is committed.

        Args:
            job: called with the connection.
            on_end: called with whether the transaction was committed, before any other write.

        Raises:
            StoreError: if it cannot be written; the transaction is then rolled back.
        """

        def work() -> T:
            committed = False
            try:
                self._rewrite_if_replaced()
                result = self._transact(job)
                committed = True
            finally:
                on_end(committed)
            return result

        return self._wait(work)

    def flush(self) -> None:
        """Wait until all points so far, and their checkpoints, are on the disk.

        Raises:
            StoreError: if they cannot be written.
        """
        self._wait(self._fetch)

    def add(self, source: Source) -> None:
        """Start to write the points of `source` at intervals."""
        self._wait(lambda: self._sources.append(source))

    def remove(self, source: Source) -> None:
        """Stop writing the points of `source`."""
        self._wait(lambda: self._sources.remove(source))

    def close(self) -> None:
        """End the thread after all pending jobs; a later job starts a new thread."""
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

    # On the writer thread

    def _work(self) -> None:
        fetched = time.monotonic()
        while self._do_next():
            if self._sources and time.monotonic() - fetched >= INTERVAL:
                try:
                    self._fetch()
                except StoreError:
                    pass  # recorded in `trouble`; the next round tries again
                except Exception as error:
                    # Any error, such as a lack of memory: the thread must continue to serve jobs.
                    self.trouble = f"cannot write to {self.root}: {type(error).__name__}"
                fetched = time.monotonic()
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _do_next(self) -> bool:
        """Wait up to the interval for a job and run it; return False if the thread should end.

        A separate function, so that its frame does not keep a reference to the job, and thus to the
        run and its trainer.
        """
        with suppress(Empty):
            job = self._jobs.get(timeout=INTERVAL if self._sources else None)
            if job is None:
                return False
            job()
        return True

    def _rewrite_if_replaced(self) -> None:
        """Write everything again if the database file has been replaced."""
        with suppress(StoreError):  # the job that follows will raise it
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
            raise NotWrittenError(self.trouble) from None
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
        """Return a connection to the current database file.

        The folder may have been deleted: anything SQLite wrote to the old file would be lost.
        """
        path = self.root / database.NAME
        with suppress(OSError):
            status = path.stat()
            if self._connection is not None and self._file == (status.st_dev, status.st_ino):
                return self._connection
        if self._connection is not None:
            self._connection.close()
            self._connection = None
            self._anew = {id(source) for source in self._sources}
        # A run in training must be saved, whatever has happened to the database.
        self._connection = database.connect(self.root, create=True, anew=bool(self._sources))
        status = path.stat()
        self._file = status.st_dev, status.st_ino
        return self._connection

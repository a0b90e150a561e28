"""Who trains the pieces of a study: this process; for a cluster see `dask_executor`."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import NamedTuple, Protocol

from core import system
from core.data.dataset import Dataset
from core.training.control import Control
from core.training.piece import PieceResult, release, train_piece
from core.training.process_worker import WorkerKilledError
from core.training.state import State
from core.training.timeline import Timeline

Key = tuple[int, int]
"""Number of a trial and its seed."""

HERE = "this process"
"""What the worker is called where there is no other."""


@dataclass(frozen=True)
class Job:
    """A piece to train; the arguments of `core.training.piece.train_piece`."""

    key: Key
    timeline: Timeline
    state: State | None
    until: int
    seconds: float
    evaluated: bool
    best: float
    prefer: str
    """The worker that trained the piece before and may still have the network; may be empty."""
    beside: int = 1
    """Number of trials that can be trained now, this one among them, if there are so many places.
    """

    @property
    def title(self) -> str:
        """The trial, for display."""
        number, seed = self.key
        return f"trial {number}, seed {seed}"


class Ended(NamedTuple):
    """What has become of a piece."""

    key: Key
    worker: str
    piece: PieceResult | None
    """None if there is an error."""
    error: Exception | None
    lost: bool
    """Whether the error is that its worker is gone, or one of the processes that help it, which
    says nothing of the piece."""


class AtWork(NamedTuple):
    """A worker, for display."""

    worker: str
    """Its name."""
    host: str
    doing: str
    """The trial that it trains, or what else it does."""
    key: Key | None = None
    """The same trial; None if it trains none."""
    threads: int = 1
    cpu: str = ""
    """Its processor; empty if that is not known."""


class Executor(Protocol):
    """Trains pieces, each wherever it likes."""

    @property
    def slots(self) -> int:
        """Number of pieces that can be out at a time; it may change."""

    def submit(self, job: Job) -> None:
        """Take a piece."""

    def wait(self, timeout: float) -> list[Ended]:
        """Return what has ended since the last call; wait for it if nothing has.

        Args:
            timeout: seconds after which to return an empty list.

        Raises:
            UserError: if nothing can be trained any more, such as without a scheduler.
        """

    def hurry(self) -> None:
        """End the pieces that are out, if possible before their time."""

    def abandon(self) -> None:
        """Give up the pieces that are out; `wait` will not return them."""

    def workers(self) -> Sequence[AtWork]:
        """Return who is there."""

    def notes(self) -> list[str]:
        """Return remarks for the user since they were last taken, one sentence each."""


class InProcess:
    """Trains on a thread of this process, one piece at a time.

    Args:
        dataset: the images, usually without those of the test.
        threads: maximum number of threads of a training.
    """

    slots = 1

    def __init__(self, dataset: Dataset, threads: int = 1) -> None:
        self._dataset, self._threads = dataset, threads
        self._jobs: SimpleQueue[tuple[Job, Control] | None] = SimpleQueue()
        self._ended: SimpleQueue[tuple[Ended, Control]] = SimpleQueue()
        self._out: list[tuple[Job, Control]] = []
        # No daemon: a process that exits in the middle of a piece would leave its workers.
        self._thread = threading.Thread(target=self._work, name="convsole-pieces")
        self._thread.start()

    def submit(self, job: Job) -> None:
        """Take a piece, to be trained after those before it."""
        self._out.append((job, Control()))
        self._jobs.put(self._out[-1])

    def wait(self, timeout: float) -> list[Ended]:
        """Return the piece that has ended, if any, within `timeout` seconds."""
        try:
            ended, control = self._ended.get(timeout=max(timeout, 0.0))
        except Empty:
            return []
        known = [each for each in self._out if each[1] is control]
        self._out = [each for each in self._out if each[1] is not control]
        return [ended] if known else []

    def hurry(self) -> None:
        """End the piece that is trained before its next update."""
        for _, control in self._out:
            control.suspend()

    def abandon(self) -> None:
        """Give up what is out; a training ends within its update."""
        for _, control in self._out:
            control.interrupt()
        self._out.clear()

    def workers(self) -> Sequence[AtWork]:
        """Return this process."""
        job = self._out[0][0] if self._out else None
        doing, key = (job.title, job.key) if job else ("idle", None)
        return [AtWork(HERE, "", doing, key, self._threads, system.describe().cpu)]

    def notes(self) -> list[str]:
        """Return nothing."""
        return []

    def close(self) -> None:
        """End the thread, after the piece that it trains."""
        self.abandon()
        self._jobs.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (given := self._jobs.get()) is not None:
            job, control = given
            piece: PieceResult | None = None
            error: Exception | None = None
            try:
                piece = self._train(job, control)
            except Exception as raised:
                error = raised
            lost = isinstance(error, WorkerKilledError)
            self._ended.put((Ended(job.key, HERE, piece, error, lost), control))
        release()

    def _train(self, job: Job, control: Control) -> PieceResult:
        return train_piece(
            self._dataset,
            job.timeline,
            job.state,
            job.until,
            seconds=job.seconds,
            evaluated=job.evaluated,
            best=job.best,
            threads=self._threads,
            control=control,
        )

"""The pieces of a study on a cluster; how work comes to its workers is the cluster's business."""

from collections import deque
from collections.abc import Iterable, Sequence

from core.cluster.cluster import Cluster
from core.cluster.errors import WorkerLostError
from core.cluster.shipping import Shipped
from core.cluster.work import Work
from core.cluster.workers import REFUSED
from core.data.dataset import Dataset
from core.sweeps.execution.crew import Crew
from core.sweeps.execution.executor import AtWork, Ended, Job
from core.training.piece import PieceResult, train_piece
from core.training.process_worker import WorkerKilledError


class OnCluster:
    """Trains on the workers of a cluster, one piece at a time on each.

    Args:
        cluster: the cluster, open.
        dataset: the images, without those of the test, which no worker gets.
        crew: decides how many pieces are out, and their threads, if all workers share the cores of
            this machine; None gives every worker one with the threads that it was started with.
    """

    def __init__(self, cluster: Cluster, dataset: Dataset, crew: Crew | None = None) -> None:
        self._cluster, self._crew = cluster, crew
        # The hash of a data set does not cover which of the images are for validation.
        self._data = Shipped(f"{dataset.hash}-{len(dataset.validation)}", dataset)
        self._queue: deque[Job] = deque()
        """Pieces for which no core is free."""
        self._out: dict[Work, Job] = {}
        self._ended: list[Work] = []

    @property
    def slots(self) -> int:
        """Number of workers; 1 if there is none just now, for whom work then waits."""
        there = max(1, sum(worker.doing != REFUSED for worker in self._cluster.workers()))
        return there if self._crew is None else min(there, self._crew.places)

    def submit(self, job: Job) -> None:
        """Hand a piece to a worker that is free, or to the next."""
        self._queue.append(job)
        self._place()

    def _place(self) -> None:
        """Hand over the pieces for which there are cores."""
        while self._queue:
            threads = self._crew.take(self._queue[0]) if self._crew else None
            if self._crew and threads is None:
                return
            self._hand_over(self._queue.popleft(), threads)

    def _hand_over(self, job: Job, threads: int | None) -> None:
        work = self._cluster.submit(
            train_piece,
            job.timeline,
            job.state,
            job.until,
            key=job.title,
            data=self._data,
            prefer=job.prefer or None,
            threads=threads,
            seconds=job.seconds,
            evaluated=job.evaluated,
            best=job.best,
        )
        self._out[work] = job
        # It is placed in there, at once: the caller may be busy before it waits.
        self._ended += self._cluster.wait(0)

    def wait(self, timeout: float) -> list[Ended]:
        """Return what has ended since the last call; wait for it if nothing has."""
        works, self._ended = self._ended or self._cluster.wait(timeout), []
        taken = list(self._taken(works))
        self._place()
        return taken

    def hurry(self) -> None:
        """Do nothing: a piece on another machine ends when it ends, which is soon."""

    def abandon(self) -> None:
        """Give up the pieces that are out; their workers are free when these return."""
        for work in self._out:
            work.cancel()
        self._out.clear()
        self._queue.clear()
        if self._crew:
            self._crew.give_up()
        self._ended.clear()

    def workers(self) -> Sequence[AtWork]:
        """Return the workers, and what each does."""
        keys = {job.title: job.key for job in self._out.values()}
        found = []
        for one in self._cluster.workers():
            key = keys.get(one.work)
            given = self._crew.taken(key) if self._crew and key else None
            threads = given or one.threads
            found.append(AtWork(one.name, one.host, one.work or one.doing, key, threads, one.cpu))
        return found

    def notes(self) -> list[str]:
        """Return the remarks of the cluster since they were last taken."""
        notes, self._cluster.notes = self._cluster.notes, []
        if self._crew:
            more, self._crew.notes = self._crew.notes, []
            notes += more
        return notes

    def _taken(self, works: Iterable[Work]) -> Iterable[Ended]:
        for work in works:
            job = self._out.pop(work, None)
            if job is None:  # given up
                continue
            error = work.error
            piece: PieceResult | None = work.result() if error is None else None
            if self._crew:
                self._crew.release(job, piece)
            if error is None:
                yield Ended(job.key, work.worker, piece, None, False)
            elif isinstance(error, Exception):
                lost = isinstance(error, WorkerLostError | WorkerKilledError)
                yield Ended(job.key, work.worker, None, error, lost)
            else:
                raise error

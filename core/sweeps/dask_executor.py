"""The pieces of a study on a cluster; how work comes to its workers is the cluster's business."""

from collections.abc import Iterable, Sequence

from core.cluster.cluster import Cluster
from core.cluster.errors import WorkerLostError
from core.cluster.shipping import Shipped
from core.cluster.work import Work
from core.cluster.workers import REFUSED
from core.data.dataset import Dataset
from core.sweeps.executor import AtWork, Ended, Job
from core.training.piece import train_piece


class OnCluster:
    """Trains on the workers of a cluster, one piece at a time on each.

    Args:
        cluster: the cluster, open.
        dataset: the images, without those of the test, which no worker gets.
    """

    def __init__(self, cluster: Cluster, dataset: Dataset) -> None:
        self._cluster = cluster
        # The hash of a data set does not cover which of the images are for validation.
        self._data = Shipped(f"{dataset.hash}-{len(dataset.validation)}", dataset)
        self._out: dict[Work, Job] = {}
        self._ended: list[Work] = []

    @property
    def slots(self) -> int:
        """Number of workers; 1 if there is none just now, for whom work then waits."""
        return max(1, sum(worker.doing != REFUSED for worker in self._cluster.workers()))

    def submit(self, job: Job) -> None:
        """Hand a piece to a worker that is free, or to the next."""
        work = self._cluster.submit(
            train_piece,
            job.timeline,
            job.state,
            job.until,
            key=job.title,
            data=self._data,
            prefer=job.prefer or None,
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
        return list(self._taken(works))

    def hurry(self) -> None:
        """Do nothing: a piece on another machine ends when it ends, which is soon."""

    def abandon(self) -> None:
        """Give up the pieces that are out; their workers are free when these return."""
        for work in self._out:
            work.cancel()
        self._out.clear()
        self._ended.clear()

    def workers(self) -> Sequence[AtWork]:
        """Return the workers, and what each does."""
        keys = {job.title: job.key for job in self._out.values()}
        return [
            AtWork(
                one.name, one.host, one.work or one.doing, keys.get(one.work), one.threads, one.cpu
            )
            for one in self._cluster.workers()
        ]

    def notes(self) -> list[str]:
        """Return the remarks of the cluster since they were last taken."""
        notes, self._cluster.notes = self._cluster.notes, []
        return notes

    def _taken(self, works: Iterable[Work]) -> Iterable[Ended]:
        for work in works:
            job = self._out.pop(work, None)
            if job is None:  # given up
                continue
            error = work.error
            if error is None:
                yield Ended(job.key, work.worker, work.result(), None, False)
            elif isinstance(error, Exception):
                lost = isinstance(error, WorkerLostError)
                yield Ended(job.key, work.worker, None, error, lost)
            else:
                raise error

"""Who is there: the workers that the scheduler knows, and what they have said of themselves."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from core.cluster.caller import Caller, result
from core.cluster.versions import versions
from core.cluster.workers import Worker

ANSWER_S = 30.0
"""Seconds within which the scheduler has to answer, and a worker to hand over its versions."""

ATTEMPTS = 3
"""Times that data are sent to a worker that fails to receive them."""


class Roster:
    """The workers of a cluster, as of the last look.

    Args:
        client: Dask's client, connected.
        caller: asks workers for their versions.
        note: takes a remark for the user, one sentence: unlike processors, refused workers.

    Attributes:
        looked: time of `time.monotonic` at the last look.
    """

    def __init__(self, client: Any, caller: Caller, note: Callable[[str], None]) -> None:
        self.looked = float("-inf")
        self._client, self._caller, self._note = client, caller, note
        self._workers: dict[str, Worker] = {}

    def __iter__(self) -> Iterator[Worker]:
        """Iterate over the workers that are there."""
        return iter(tuple(self._workers.values()))

    def __len__(self) -> int:
        """Return the number of workers that are there."""
        return len(self._workers)

    def __contains__(self, worker: Worker) -> bool:
        """Return whether this very worker is there, not one that took its address."""
        return self._workers.get(worker.address) is worker

    def remove(self, worker: Worker) -> None:
        """Take a worker off that has died."""
        self._workers.pop(worker.address, None)

    def look(self) -> list[Worker]:
        """Ask the scheduler who is there; return those that are not any more.

        Raises:
            SchedulerLostError: if it does not answer.
        """
        self.looked = time.monotonic()
        with self._caller.answers():
            known = self._client.sync(
                self._client.scheduler.identity, n_workers=-1, callback_timeout=ANSWER_S
            )["workers"]
        gone = [worker for worker in self if worker.address not in known]
        for worker in gone:
            self.remove(worker)
        for address, facts in known.items():
            if address not in self._workers:
                worker = Worker.of(address, facts, None)
                worker.asked = self._caller.send(worker, versions)
                self._workers[address] = worker
        for worker in self:
            self._listen(worker)
        return gone

    def _listen(self, worker: Worker) -> None:
        """Take what a worker has said of its versions, and whether it has received data."""
        if worker.asked is not None and worker.asked.done():
            self._hear(worker)
        if worker.receives is not None and worker.receives.done():
            failure, worker.receives = worker.receives.exception(), None
            worker.failures += failure is not None
            if worker.failures == ATTEMPTS:
                self._refuse(
                    worker,
                    f"worker {worker.title} does not receive the data "
                    f"({type(failure).__name__}: {failure}); it gets no work",
                )

    def _hear(self, worker: Worker) -> None:
        asked, worker.asked = worker.asked, None
        if asked.status == "cancelled":
            raise self._caller.lost_scheduler()
        try:
            theirs = result(asked, ANSWER_S)
        except TimeoutError:
            # It has died with its answer, which the next look will show, or another loses it.
            worker.asked = self._caller.send(worker, versions)
            return
        except Exception as error:
            self._refuse(
                worker,
                f"worker {worker.title} cannot run this Convsole; install the same on client, "
                f"scheduler and workers ({type(error).__name__}: {error})",
            )
            return
        difference = versions().difference(theirs)
        if difference is not None:
            self._refuse(worker, f"worker {worker.title} {difference}; install the same on both")
            return
        worker.versions = theirs
        unlike = versions().unlike(theirs)
        if unlike is not None:
            self._note(f"the last digits of results of worker {worker.title} may differ: {unlike}")

    def _refuse(self, worker: Worker, why: str) -> None:
        worker.refused = why
        self._note(why)

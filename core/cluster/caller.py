"""Calls to single workers by Dask's client, and the errors of a scheduler that is gone."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any
from uuid import uuid4

from core.cluster.errors import SchedulerLostError
from core.cluster.workers import Worker

PART_S = 2.0
"""Seconds of the first part of a wait for a result, after which it is looked whether the worker has
died with it."""


class Caller:
    """Submits calls, each to one worker and once.

    Args:
        client: Dask's client, connected.

    Attributes:
        address: where the scheduler listens.
        wake: set when a call has ended.
    """

    def __init__(self, client: Any) -> None:
        self.address: str = client.scheduler.address
        self.wake = threading.Event()
        self._client = client
        self._numbers, self._id = count(), uuid4().hex[:8]

    def send(self, worker: Worker, function: Callable[..., Any], *args: Any) -> Any:
        """Submit a call to one worker; return Dask's future.

        Raises:
            SchedulerLostError: if the scheduler does not answer.
        """
        with self.answers():
            future = self._client.submit(
                function,
                *args,
                key=f"convsole-{self._id}-{next(self._numbers)}",
                workers=[worker.address],
                allow_other_workers=False,
                pure=False,
                retries=0,
            )
        future.add_done_callback(lambda _: self.wake.set())
        return future

    @contextmanager
    def answers(self) -> Iterator[None]:
        """Raise a `SchedulerLostError` if the scheduler does not answer within the context."""
        try:
            if self._client.status != "running":
                raise OSError
            yield
        except (OSError, TimeoutError):
            raise self.lost_scheduler() from None

    def lost_scheduler(self) -> SchedulerLostError:
        """Return the error of a scheduler that is gone."""
        return SchedulerLostError(
            f"the scheduler at {self.address} is gone; start one and repeat the command, "
            "which goes on from what is saved"
        )


def result(future: Any, seconds: float) -> Any:
    """Return the result of a future that is done.

    Raises:
        TimeoutError: if it does not come in time, or was lost with a worker that died just now.
        BaseException: what the call raised.
    """
    part = PART_S
    while True:
        try:
            return future.result(timeout=min(part, seconds))
        except TimeoutError:
            seconds -= part
            if seconds <= 0 or future.status != "finished":
                raise
        part *= 2  # a transfer begins anew

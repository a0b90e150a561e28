"""Brings data to the workers, on a thread of its own and to one worker at a time."""

import hashlib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.cluster import mapped, shipping
from core.cluster.errors import WorkerLostError
from core.cluster.shipping import Sent, Shipped
from core.cluster.workers import Worker

LOOK_S, ANSWER_S = 0.5, 30.0
"""Seconds between two looks whether a worker is still there, and for its answer."""


class Sender:
    """Sends each worker what it lacks.

    Workers of this machine map a file, so that there is one copy for all of them.

    Args:
        client: Dask's client.
        call: submits a call to one worker and returns Dask's future.
        there: whether a worker is still there.
        folder: a folder of this user that the workers can read; None if they are elsewhere.

    Attributes:
        sent: all transfers so far.
    """

    def __init__(
        self,
        client: Any,
        call: Callable[..., Any],
        there: Callable[[Worker], bool],
        folder: Path | None,
    ) -> None:
        self.sent: list[Sent] = []
        self._client, self._call, self._there, self._folder = client, call, there, folder
        # One at a time: what takes long is the way, which two transfers would only share.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="send data")

    def send(self, worker: Worker, data: Shipped) -> "Future[None]":
        """Begin a transfer; its future raises what prevents it."""
        return self._thread.submit(self._transfer, worker, data)

    def close(self) -> None:
        """Begin no transfer any more; one that is under way ends with the connection."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _transfer(self, worker: Worker, data: Shipped) -> None:
        from distributed import wait

        file = self._file(data)
        if file is not None:
            taken = self._call(worker, shipping.keep_file, data.hash, str(file))
        else:
            [there] = self._client.scatter(
                [data.value], workers=[worker.address], direct=self._folder is not None, hash=False
            )
            taken = self._call(worker, shipping.keep, data.hash, there)
        # If the worker dies, Dask waits for one to take its place at the same address.
        while not taken.done():
            if not self._there(worker):
                raise WorkerLostError(worker.title, "while it received data")
            with suppress(TimeoutError):
                wait([taken], timeout=LOOK_S)
        taken.result(timeout=ANSWER_S)
        self.sent.append(Sent(worker.address, data.hash, data.size))
        worker.has.add(data.hash)

    def _file(self, data: Shipped) -> Path | None:
        """Return the file of some data, written with the first call; None if there is no room."""
        if self._folder is None:
            return None
        path = self._folder / hashlib.sha256(data.hash.encode()).hexdigest()
        try:
            if not path.exists():
                mapped.write(data.value, path)
        except OSError:
            return None
        return path

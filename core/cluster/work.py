"""One call handed to a cluster, and what has become of it."""

from typing import Any

from core.cluster.remote import Call
from core.cluster.shipping import Shipped
from core.cluster.workers import Worker


class Work:
    """One call of a function, on its way to a worker, there, or ended.

    Attributes:
        key: what the caller calls it.
        worker: name of the worker that has or had it; empty before.
    """

    def __init__(self, key: str, call: Call, data: Shipped | None, prefer: str | None) -> None:
        self.key, self.worker = key, ""
        self._call, self._data, self._prefer = call, data, prefer
        self._future: Any = None
        self._on: Worker | None = None
        self._ended = self._cancelled = False
        self._value: Any = None
        self._error: BaseException | None = None

    def done(self) -> bool:
        """Return whether it has ended, with a result, an error, or because it was cancelled."""
        return self._ended

    @property
    def error(self) -> BaseException | None:
        """What the function raised, or a `WorkerLostError`; None for a result."""
        return self._error

    def result(self) -> Any:
        """Return what the function returned.

        Raises:
            WorkerLostError: if its worker died.
            BaseException: what the function raised.
            ValueError: if it has not ended, or was cancelled.
        """
        if self._error is not None:
            raise self._error
        if not self._ended or self._cancelled:
            raise ValueError(f"{self.key} has no result")
        return self._value

    def cancel(self) -> None:
        """Give up the result: `Cluster.wait` will not return this work.

        A function that runs cannot be ended. Its worker is free for other work when it returns.
        """
        if not self._ended:
            self._cancelled = True

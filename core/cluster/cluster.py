"""Work handed to the workers of a Dask cluster, with an account of what has become of each.

Dask would run lost work again by itself, on any worker and as often as it likes. Here the client
decides: every call is bound to one worker, which has one at a time, and a worker that dies ends it
with an error. So whoever hands out work knows where it is, may count the deaths, and gives the call
to a worker that has its data and perhaps more of what it needs.
"""

import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.cluster import remote
from core.cluster.caller import Caller, result
from core.cluster.errors import ClusterError, WorkerLostError
from core.cluster.roster import Roster
from core.cluster.sender import Sender
from core.cluster.shipping import MissingDataError, Sent, Shipped
from core.cluster.work import Work
from core.cluster.workers import WorkerInfo

POLL_S = 0.5
"""Seconds after which the client asks the scheduler again who is there."""

RESULT_S = 120.0
"""Seconds within which a worker has to hand over a result."""

FORGET_S = 5.0
"""Seconds within which workers of others let go of what is ours, when the cluster is closed."""


class Cluster:
    """Hands calls to workers; made by `open_cluster`.

    `submit` and `wait` belong to one thread; `workers` may be called from any.

    Args:
        client: Dask's client, connected.
        folder: a folder of this user that the workers can read; None if they are elsewhere.
    """

    def __init__(self, client: Any, folder: Path | None) -> None:
        self._caller = Caller(client)
        self.address = self._caller.address
        """Where the scheduler listens."""
        self.notes: list[str] = []
        """Remarks for the user, one sentence each: unlike processors, refused workers."""
        self._roster = Roster(client, self._caller, lambda note: self.notes.append(note))
        self._waiting: deque[Work] = deque()
        self._out: list[Work] = []
        self._shown: tuple[WorkerInfo, ...] = ()
        self._wake = self._caller.wake
        self._sender = Sender(client, self._caller.send, self._roster.__contains__, folder)

    def submit(
        self,
        function: Callable[..., Any],
        *args: Any,
        key: str,
        data: Shipped | None = None,
        prefer: str | None = None,
        threads: int | None = None,
        **named: Any,
    ) -> Work:
        """Hand in a call of `function(data, *args, threads=..., **named)`.

        It waits here until a worker is free.

        Args:
            function: a function of a module, which workers import.
            args: its arguments after the data, pickled as everything else.
            key: for people, as in `WorkerInfo.work`; need not be unique.
            data: first argument, if any; sent once to every worker.
            prefer: name of the worker to choose if several are free.
            threads: threads of the call; None for those of its worker.
            named: its arguments by name.
        """
        call = remote.Call(function, args, named, None if data is None else data.hash, threads)
        work = Work(key, call, data, prefer)
        self._waiting.append(work)
        return work

    def wait(self, timeout: float) -> list[Work]:
        """Return what has ended since the last call, in order; wait for it if nothing has.

        It is in here that work is placed and losses are noticed, so call it again and again.

        Args:
            timeout: seconds after which to return an empty list.

        Raises:
            SchedulerLostError: if the scheduler is gone; the cluster is of no use then.
        """
        deadline = time.monotonic() + timeout
        while True:
            self._wake.clear()
            # Work must not go to a worker that has just died: its end would count as its fault.
            if self._waiting or time.monotonic() >= self._roster.looked + POLL_S:
                gone = self._roster.look()
                for work in list(self._out):
                    if any(work._on is worker for worker in gone):
                        self._lose(work)
            ended = self._collect()
            self._place()
            self._shown = tuple(worker.info() for worker in self._roster)
            left = deadline - time.monotonic()
            if ended or left <= 0:
                return ended
            self._wake.wait(min(POLL_S, left))

    def workers(self) -> tuple[WorkerInfo, ...]:
        """Return who is there, as of the last `wait`."""
        return self._shown

    @property
    def sent(self) -> list[Sent]:
        """All transfers of data so far."""
        return self._sender.sent

    @property
    def unfinished(self) -> int:
        """Number of calls that wait or are out, apart from cancelled ones."""
        return sum(not work._cancelled for work in (*self._waiting, *self._out))

    def wait_for_workers(self, number: int, timeout: float) -> None:
        """Wait until so many workers have said their versions.

        Raises:
            ClusterError: if one is refused, or if they do not come in time.
        """
        deadline = time.monotonic() + timeout
        while True:
            self.wait(0)
            for worker in self._roster:
                if worker.refused:
                    raise ClusterError(worker.refused)
            there = sum(worker.versions is not None for worker in self._roster)
            late = time.monotonic() >= deadline
            # One that is busy with the work of others says its versions later.
            if there >= number and (late or there == len(self._roster)):
                return
            if late:
                raise ClusterError(
                    f"{there} of {number} workers came to {self.address} within {timeout:.0f} s; "
                    "start workers that reach it, or raise their number"
                )
            self._wake.wait(POLL_S)

    def close(self, release: Callable[[], object] | None, forget: bool) -> None:
        """Give up all work.

        Args:
            release: as in `open_cluster`.
            forget: whether the workers outlive this and must let go of what is ours.
        """
        from distributed import wait

        self._sender.close()
        # Dask answers with anything when its other end has died.
        with suppress(Exception):
            if forget:
                futures = [
                    self._caller.send(worker, remote.forget, release)
                    for worker in self._roster
                    if worker.versions is not None
                ]
                wait(futures, timeout=FORGET_S)
        for work in self._out:
            with suppress(Exception):
                work._future.release()
        self._out.clear()

    # What is out

    def _collect(self) -> list[Work]:
        """Take the results that are there; return the work that has ended."""
        for work in [work for work in self._out if not work._ended and work._future.done()]:
            self._take(work)
        ended = [work for work in self._out if work._ended]
        self._out = [work for work in self._out if not work._ended]
        return [work for work in ended if not work._cancelled]

    def _take(self, work: Work) -> None:
        """Take the result of work that Dask calls done."""
        from distributed.scheduler import KilledWorker

        future = work._future
        if future.status == "cancelled":
            # We cancel nothing in Dask: the connection was lost, and all futures with it.
            raise self._caller.lost_scheduler()
        try:
            work._value = result(future, RESULT_S)
        except TimeoutError as error:
            if future.status != "error":
                return None
            work._error = error
        except KilledWorker:
            return self._lose(work)
        except MissingDataError:
            return self._hand_in_again(work)
        except BaseException as error:
            work._error = error
        return self._end(work)

    def _hand_in_again(self, work: Work) -> None:
        """Hand in work again whose worker did not have the data after all."""
        assert work._on is not None
        work._on.has.clear()
        self._end(work)
        work._ended, work._on = False, None
        self._out.remove(work)
        self._waiting.appendleft(work)

    def _lose(self, work: Work) -> None:
        assert work._on is not None
        self._roster.remove(work._on)
        work._error = WorkerLostError(
            work._on.title, "its process ended, or its connection to the scheduler broke"
        )
        self._end(work)

    def _end(self, work: Work) -> None:
        work._ended = True
        if work._on is not None:
            work._on.work = ""
        work._future.release()
        work._future = None

    def _place(self) -> None:
        """Give work that waits to workers that are free, in order."""
        waiting = [work for work in self._waiting if not work._cancelled]
        self._waiting = deque(waiting)
        for work in waiting:
            idle = [worker for worker in self._roster if worker.idle]
            if not idle:
                return
            data = work._data
            worker = min(
                idle,
                key=lambda one: (
                    data is not None and data.hash not in one.has,
                    one.name != work._prefer,
                ),
            )
            if data is not None and data.hash not in worker.has:
                worker.receives = self._sender.send(worker, data)
                worker.receives.add_done_callback(lambda _: self._wake.set())
                continue
            self._waiting.remove(work)
            call = replace(work._call, threads=work._call.threads or worker.threads)
            work._on, work.worker, worker.work = worker, worker.name, work.key
            work._future = self._caller.send(worker, remote.run, call)
            self._out.append(work)

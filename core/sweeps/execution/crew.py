"""How the cores of this machine are shared out among the trials of a study.

One thread for each trial is the beginning, and mostly the best. But trials side by side share
caches and memory, so fewer of them with more threads each can be faster, and where few trials are
left, cores would have nothing to do. As the number of threads never changes a result, this is tried
out with pieces of the trials themselves: nothing is trained for the measurement alone.
"""

from statistics import median

from core.sweeps.execution.executor import Job, Key
from core.training.piece import PieceResult

SHORTEST_S = 1.0
"""Seconds of a piece whose speed counts; in a shorter one it is how it began that is measured."""

GAIN = 1.02
"""How much faster all cores together must become, for more threads to be worth their memory."""

MAX_ROUNDS = 4
"""Pieces on every place, after which more threads are given up if nothing could be compared."""


class Crew:
    """Decides how many trials are trained side by side, and with how many threads each.

    Args:
        cores: the cores that they share.

    Attributes:
        places: number of trials that are trained side by side.
        notes: remarks for the user, one sentence each.
    """

    def __init__(self, cores: int) -> None:
        self.cores = self.places = cores
        self.notes: list[str] = []
        self._settled = False
        self._before: tuple[int, dict[Key, float]] | None = None
        """Places that were tried before, with the updates per second of the trials on them."""
        self._rates: dict[Key, float] = {}
        """Updates per second of the trials on the present places."""
        self._pieces = 0
        self._taken: dict[Key, int] = {}
        """Threads of the pieces that are out."""

    def take(self, job: Job) -> int | None:
        """Return the threads with which a piece is to be trained now; None if no core is free."""
        threads, taken = self.threads_of(job), sum(self._taken.values())
        if taken and taken + threads > self.cores:
            return None
        self._taken[job.key] = threads
        return threads

    def taken(self, key: Key) -> int | None:
        """Return the threads of a piece that is out; None if it is not."""
        return self._taken.get(key)

    def release(self, job: Job, piece: PieceResult | None) -> None:
        """Take the cores of a piece back that has ended, and learn from it.

        Args:
            job: the piece.
            piece: its result; None if it has none.
        """
        threads = self._taken.pop(job.key)
        if piece is not None:
            begun = 0 if job.state is None else job.state.updates
            rate = (piece.state.updates - begun) / max(piece.seconds, 1e-3)
            self.add(job, threads, rate, piece.seconds)

    def give_up(self) -> None:
        """Take all cores back: nothing that is out comes back."""
        self._taken.clear()

    def threads_of(self, job: Job) -> int:
        """Return with how many threads a piece is to be trained."""
        return self._threads(min(job.beside, self.places), job)

    def add(self, job: Job, threads: int, rate: float, seconds: float) -> None:
        """Learn from a piece that has ended.

        Args:
            job: the piece.
            threads: the threads that it had.
            rate: its updates per second.
            seconds: its duration.
        """
        full = threads == self._threads(self.places, job) and job.beside >= self.places
        if self._settled or not full or seconds < SHORTEST_S:
            return
        self._pieces += 1
        self._rates[job.key] = rate
        if self._before is None:
            if len(self._rates) >= self.places:
                self._try_fewer(job)
            return
        places, before = self._before
        gains = [
            self._rates[key] * self.places / (before[key] * places)
            for key in self._rates.keys() & before.keys()
        ]
        if len(gains) >= self.places and median(gains) >= GAIN:
            self.notes.append(
                f"{self.places} of these trials at a time, with {threads} threads each, are "
                f"{median(gains):.2f} times as fast as {places}"
            )
            self._try_fewer(job)
        elif len(gains) >= self.places or self._pieces >= MAX_ROUNDS * self.places:
            self.places, self._settled = places, True

    def _threads(self, places: int, job: Job) -> int:
        return max(1, min(self.cores // max(1, places), job.timeline.experiment.shards))

    def _try_fewer(self, job: Job) -> None:
        """Have half as many trials side by side from now on, if they can use what becomes free."""
        fewer = self.places // 2
        if fewer == 0 or self._threads(fewer, job) == self._threads(self.places, job):
            self._settled = True
            return
        self._before = self.places, self._rates
        self.places, self._rates, self._pieces = fewer, {}, 0

"""Series of numbers, made small enough to draw."""

from collections import deque
from math import isfinite, nan

import numpy as np

from core.training.history import Column


def thinned(x: Column, y: Column, buckets: int) -> tuple[Column, Column]:
    """Return at most 2 * buckets points that draw the same line: the extremes of each bucket.

    Points that are not finite are left out. Where there are few points, all of them are kept.

    Args:
        x: rising positions.
        y: their values, as many.
        buckets: parts of equal length that the points are divided into, 1 at least.
    """
    finite = np.isfinite(y)
    if not finite.all():
        x, y = x[finite], y[finite]
    count = len(y)
    if count <= 2 * buckets:
        return x, y
    size = -(-count // buckets)
    whole = count // size * size
    starts = np.arange(0, whole, size)
    parts = y[:whole].reshape(-1, size)
    rows = [starts + parts.argmin(axis=1), starts + parts.argmax(axis=1)]
    if whole < count:
        rest = y[whole:]
        rows.append(np.array([whole + rest.argmin(), whole + rest.argmax()]))
    keep = np.unique(np.concatenate(rows))
    return x[keep], y[keep]


def smoothing_span(updates: int) -> int:
    """Return over how many updates to smooth in a run of so many: a round number."""
    return max(
        (step for step in (1, 2, 5, 10, 20, 50, 100, 200) if step * 80 <= updates), default=1
    )


class Smoother:
    """The exponential moving average of a series that grows; what is done is not done again.

    It starts without a bias towards 0 and carries on over values that are not finite.

    Args:
        span: time constant, in values; 1 smooths nothing.
    """

    def __init__(self, span: int) -> None:
        self._keep = 1.0 - 1.0 / span
        self._total = self._weight = 0.0
        self._done = np.empty(1024)
        self._count = 0

    def extend(self, values: Column) -> Column:
        """Return the average of all `values`, of which only the last may be new."""
        new = values[self._count :].tolist()
        count = self._count + len(new)
        if count > len(self._done):
            # Views that were handed out keep the old array.
            grown = np.empty(count + max(1024, count // 8))
            grown[: self._count] = self._done[: self._count]
            self._done = grown
        keep, total, weight = self._keep, self._total, self._weight
        averages = []
        for value in new:
            if isfinite(value):
                total = keep * total + (1.0 - keep) * value
                weight = keep * weight + (1.0 - keep)
            averages.append(total / weight if weight else nan)
        self._done[self._count : count] = averages
        self._total, self._weight, self._count = total, weight, count
        return self._done[:count]


class Pace:
    """How fast something is counting, over the last moments.

    Args:
        span: seconds that are looked back on.
    """

    def __init__(self, span: float = 2.0) -> None:
        self._span = span
        self._samples: deque[tuple[float, int]] = deque()

    def add(self, now: float, count: int) -> None:
        """Take note of a count."""
        self._samples.append((now, count))
        while len(self._samples) > 2 and now - self._samples[0][0] > self._span:
            self._samples.popleft()

    def clear(self) -> None:
        """Forget what was, because the counting stood still."""
        self._samples.clear()

    @property
    def per_second(self) -> float:
        """Counts per second; NaN before there is enough to tell."""
        if len(self._samples) < 2:
            return nan
        (then, before), (now, after) = self._samples[0], self._samples[-1]
        seconds = now - then
        return (after - before) / seconds if seconds >= 0.1 else nan

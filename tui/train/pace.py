"""How fast something goes."""

from collections import deque
from math import nan


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

"""Rate of a counter over a sliding window."""

from collections import deque
from math import nan


class Pace:
    """The rate of a counter over a sliding window.

    Args:
        span: length of the window in seconds.
    """

    def __init__(self, span: float = 2.0) -> None:
        self._span = span
        self._samples: deque[tuple[float, int]] = deque()

    def add(self, now: float, count: int) -> None:
        """Add a sample of the counter."""
        self._samples.append((now, count))
        while len(self._samples) > 2 and now - self._samples[0][0] > self._span:
            self._samples.popleft()

    def clear(self) -> None:
        """Drop all samples, because the counter has paused."""
        self._samples.clear()

    @property
    def per_second(self) -> float:
        """Counts per second; NaN until the samples span 0.1 s."""
        if len(self._samples) < 2:
            return nan
        (then, before), (now, after) = self._samples[0], self._samples[-1]
        seconds = now - then
        return (after - before) / seconds if seconds >= 0.1 else nan

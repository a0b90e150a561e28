"""Noisy curves made legible."""

from math import ceil, log

import numpy as np

from core.training.history import Column

SPANS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
"""Updates that a curve may be smoothed over."""

PART = 80
"""Spans that a run has at least: a curve smoothed over more would lose its bends."""

BLOCK = 64
"""Values that are averaged by one matrix product."""

TOGETHER = 32
"""Blocks in one product: BLAS wakes no second thread for so few, which would cost more than all."""

VANISHES = 2.0**-54
"""What makes no difference to 1."""


def span(updates: int) -> int:
    """Return over how many updates the loss of a run of so many in all is smoothed, wherever drawn.

    It is a round number, about a hundredth. Because it depends on nothing else, a curve does not
    change while it grows, and the screen shows the numbers that an exported figure does.
    """
    return max((step for step in SPANS if step * PART <= updates), default=1)


def kept(span: float) -> float:
    """Return the weight of what was before, for a time constant of so many values."""
    return 1.0 - 1.0 / span


class Smoother:
    """The exponential moving average of a series that grows; what is done is not done again.

    s_n = (1 - keep) * sum_k keep^(n-k) x_k / (1 - keep^n), which has no bias towards 0 at its
    beginning. It carries on over values that are not finite, and is NaN before the first that is.

    Args:
        keep: weight of what was before, less than 1; 0 leaves all values as they are.
    """

    def __init__(self, keep: float) -> None:
        self._keep = keep
        steps = np.arange(BLOCK)
        # What a value contributes to those after it in its block, and to those of later blocks.
        within = keep ** np.clip(steps[:, None] - steps, 0, None)
        self._inside = np.tril(within).T * (1.0 - keep)
        self._fading = keep ** (steps + 1.0)
        self._carried, self._averaged = 0.0, 0
        self._done, self._count = np.empty(1024), 0

    def extend(self, values: Column) -> Column:
        """Return the average of all `values`, (n,), of which only the last may be new."""
        if not self._keep:
            return values
        count = len(values)
        if count > len(self._done):
            # Views that were handed out keep the old array.
            grown = np.empty(count + max(1024, count // 8))
            grown[: self._count] = self._done[: self._count]
            self._done = grown
        new, latest = values[self._count :], self._done[self._count - 1] if self._count else np.nan
        finite = np.isfinite(new)
        averages = np.concatenate(([latest], self._continued(new[finite])))
        self._done[self._count : count] = averages[np.cumsum(finite)]
        self._count = count
        return self._done[:count]

    def _continued(self, values: Column) -> Column:
        """Return the average of finite values that follow those before."""
        count = len(values)
        padded = np.zeros(-(-count // BLOCK) * BLOCK)
        padded[:count] = values
        blocks = padded.reshape(-1, BLOCK)
        sums = np.empty_like(blocks)
        for start in range(0, len(blocks), TOGETHER):
            part = slice(start, start + TOGETHER)
            np.matmul(blocks[part], self._inside, out=sums[part])
        carried = self._carried
        for row in sums:
            row += carried * self._fading
            carried = float(row[-1])
        averages = sums.reshape(-1)[:count]
        if count:
            self._carried = float(averages[-1])
        # Further on the divisor is exactly 1, and its power of `keep` is slow to compute.
        biased = ceil(log(VANISHES) / log(self._keep))
        numbers = np.arange(self._averaged + 1.0, min(self._averaged + count, biased) + 1)
        self._averaged += count
        averages[: len(numbers)] /= 1.0 - self._keep**numbers
        return averages


def smoothed(values: Column, keep: float) -> Column:
    """Return the exponential moving average of a whole series; see `Smoother`."""
    return Smoother(keep).extend(values)

"""Smoothing of noisy curves."""

from math import ceil, log

import numpy as np

from core.training.history import Column

SPANS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
"""Spans, in updates, over which a curve may be smoothed."""

MIN_SPANS = 80
"""Minimum number of spans in a run: smoothing over longer spans would hide the curve's bends."""

BLOCK = 64
"""Number of values averaged by one matrix product."""

MAX_BLOCKS = 32
"""Blocks in one matrix product, few enough that BLAS does not start a second thread, which would
cost more than the product."""

NEGLIGIBLE = 2.0**-54
"""A number that does not change 1 when it is subtracted from it."""


def span(updates: int) -> int:
    """Return the number of updates over which the loss of a run of `updates` is smoothed.

    It is a round number, about a hundredth. It depends only on the length of the run, so a curve
    does not change while it grows, and the screen shows the same numbers as an exported figure.
    """
    return max((step for step in SPANS if step * MIN_SPANS <= updates), default=1)


def decay_factor(span: float) -> float:
    """Return the decay factor for a time constant of `span` values."""
    return 1.0 - 1.0 / span


class Smoother:
    """The exponential moving average of a growing series, computed incrementally.

    s_n = (1 - keep) * sum_k keep^(n-k) x_k / (1 - keep^n), which has no bias towards 0 at the
    start. Values that are not finite repeat the previous average; before the first finite value the
    average is NaN.

    Args:
        keep: decay factor, less than 1; 0 leaves all values unchanged.
    """

    def __init__(self, keep: float) -> None:
        self._keep = keep
        steps = np.arange(BLOCK)
        # Contribution of a value to later values of its block, and to those of later blocks.
        within = keep ** np.clip(steps[:, None] - steps, 0, None)
        self._block_weights = np.tril(within).T * (1.0 - keep)
        self._carry_weights = keep ** (steps + 1.0)
        self._carried, self._averaged = 0.0, 0
        self._averages, self._count = np.empty(1024), 0

    def extend(self, values: Column) -> Column:
        """Return the average of all `values`, (n,), which extend those of the previous call."""
        if not self._keep:
            return values
        count = len(values)
        if count > len(self._averages):
            # A new array, because callers may still use views of the old one.
            grown = np.empty(count + max(1024, count // 8))
            grown[: self._count] = self._averages[: self._count]
            self._averages = grown
        new = values[self._count :]
        latest = self._averages[self._count - 1] if self._count else np.nan
        finite = np.isfinite(new)
        averages = np.concatenate(([latest], self._continued(new[finite])))
        self._averages[self._count : count] = averages[np.cumsum(finite)]
        self._count = count
        return self._averages[:count]

    def _continued(self, values: Column) -> Column:
        """Return the average at each of `values`, which are finite and follow the earlier ones."""
        count = len(values)
        padded = np.zeros(-(-count // BLOCK) * BLOCK)
        padded[:count] = values
        blocks = padded.reshape(-1, BLOCK)
        sums = np.empty_like(blocks)
        for start in range(0, len(blocks), MAX_BLOCKS):
            part = slice(start, start + MAX_BLOCKS)
            np.matmul(blocks[part], self._block_weights, out=sums[part])
        carried = self._carried
        for row in sums:
            row += carried * self._carry_weights
            carried = float(row[-1])
        averages = sums.reshape(-1)[:count]
        if count:
            self._carried = float(averages[-1])
        # For later values the divisor is exactly 1, and the power of `keep` is slow to compute.
        biased = ceil(log(NEGLIGIBLE) / log(self._keep))
        numbers = np.arange(self._averaged + 1.0, min(self._averaged + count, biased) + 1)
        self._averaged += count
        averages[: len(numbers)] /= 1.0 - self._keep**numbers
        return averages


def smoothed(values: Column, keep: float) -> Column:
    """Return the exponential moving average of a whole series; see `Smoother`."""
    return Smoother(keep).extend(values)

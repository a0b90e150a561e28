"""Noisy curves made legible."""

from math import ceil, log

import numpy as np

from core.training.history import Column

BLOCK = 64
"""Values that are averaged by one matrix product."""

TOGETHER = 32
"""Blocks in one product: BLAS wakes no second thread for so few, which would cost more than all."""

VANISHES = 2.0**-54
"""What makes no difference to 1."""


def smoothed(values: Column, keep: float) -> Column:
    """Return the exponential moving average, without a bias towards 0 at its beginning.

    s_n = (1 - keep) * sum_k keep^(n-k) x_k / (1 - keep^n). It carries on over values that are not
    finite, and is NaN before the first that is.

    Args:
        values: (n,).
        keep: weight of what was before, from 0 to less than 1.
    """
    finite = np.isfinite(values)
    count = int(finite.sum())
    if not count or not keep:
        return values
    padded = np.zeros(-(-count // BLOCK) * BLOCK)
    padded[:count] = values[finite]
    steps = np.arange(BLOCK)
    # What a value contributes to those after it in the same block, and to those of later blocks.
    inside = np.tril(keep ** np.clip(steps[:, None] - steps, 0, None)) * (1.0 - keep)
    blocks = padded.reshape(-1, BLOCK)
    sums = np.empty_like(blocks)
    for start in range(0, len(blocks), TOGETHER):
        part = slice(start, start + TOGETHER)
        np.matmul(blocks[part], inside.T, out=sums[part])
    fading, carried = keep ** (steps + 1.0), 0.0
    for row in sums:
        row += carried * fading
        carried = float(row[-1])
    averages = sums.reshape(-1)[:count]
    # Further on the divisor is exactly 1, and its power of `keep` is slow to compute: it vanishes.
    biased = min(count, ceil(log(VANISHES) / log(keep)))
    averages[:biased] /= 1.0 - keep ** np.arange(1.0, biased + 1)
    if count == len(values):
        return averages
    latest = np.cumsum(finite) - 1
    return np.where(latest >= 0, averages[latest], np.nan)

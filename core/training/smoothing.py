"""Noisy curves made legible."""

import numpy as np

from core.training.history import Column

BLOCK = 64
"""Values that are averaged by one matrix product."""


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
    sums = padded.reshape(-1, BLOCK) @ inside.T
    fading, carried = keep ** (steps + 1.0), 0.0
    for row in sums:
        row += carried * fading
        carried = float(row[-1])
    averages = sums.reshape(-1)[:count] / (1.0 - keep ** np.arange(1.0, count + 1))
    latest = np.cumsum(finite) - 1
    return np.where(latest >= 0, averages[latest], np.nan)

"""Reduction of long curves to few points for plots."""

import numpy as np

from core.training.history import Column


def thinned(x: Column, y: Column, buckets: int) -> tuple[Column, Column]:
    """Return at most 2 * buckets + 2 points that give the same plot.

    They are the first and the last point, and the extremes of each bucket. Points that are not
    finite are left out. If there are few points, all are returned.

    Args:
        x: positions, ascending.
        y: values, as many.
        buckets: number of buckets of equal length, at least 1.
    """
    finite = np.isfinite(x) & np.isfinite(y)
    if not finite.all():
        x, y = x[finite], y[finite]
    count = len(y)
    if count <= 2 * buckets:
        return x, y
    size = -(-count // buckets)
    end = count // size * size
    starts = np.arange(0, end, size)
    parts = y[:end].reshape(-1, size)
    rows = [starts + parts.argmin(axis=1), starts + parts.argmax(axis=1), [0, count - 1]]
    if end < count:
        rest = y[end:]
        rows.append([end + rest.argmin(), end + rest.argmax()])
    keep = np.unique(np.concatenate(rows))
    return x[keep], y[keep]

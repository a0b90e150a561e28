"""Long curves made small enough to draw."""

import numpy as np

from core.training.history import Column


def thinned(x: Column, y: Column, buckets: int) -> tuple[Column, Column]:
    """Return at most 2 * buckets + 2 points that draw the same line.

    They are the first and the last point, and the extremes of each bucket. Points that are not
    finite are left out. Where there are few points, all of them are kept.

    Args:
        x: rising positions.
        y: their values, as many.
        buckets: parts of equal length that the points are divided into, 1 at least.
    """
    finite = np.isfinite(x) & np.isfinite(y)
    if not finite.all():
        x, y = x[finite], y[finite]
    count = len(y)
    if count <= 2 * buckets:
        return x, y
    size = -(-count // buckets)
    whole = count // size * size
    starts = np.arange(0, whole, size)
    parts = y[:whole].reshape(-1, size)
    rows = [starts + parts.argmin(axis=1), starts + parts.argmax(axis=1), [0, count - 1]]
    if whole < count:
        rest = y[whole:]
        rows.append([whole + rest.argmin(), whole + rest.argmax()])
    keep = np.unique(np.concatenate(rows))
    return x[keep], y[keep]

"""Sums over images and positions, one for each channel."""

import numpy as np

from core.nn.arrays import Array


def sum_per_channel(values: Array, ones: Array, row: Array, out: Array) -> Array:
    """Write the sum of every channel and return it: over images first, in long rows.

    The sum over positions is in double precision. In batch normalisation an error of the mean
    shifts a whole channel, and moves many of its values across the threshold of the ReLU that
    follows.

    Args:
        values: (N, ..., C), C-contiguous.
        ones: ones (N,).
        row: workspace for the values of one image, (D,).
        out: (C,).
    """
    np.matmul(ones, values.reshape(len(values), -1), out=row)
    places, exact = row.reshape(-1, len(out)), np.result_type(row, np.float64)
    np.copyto(out, np.add.reduce(places, axis=0, dtype=exact), casting="same_kind")
    return out

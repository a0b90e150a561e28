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
    return _over_positions(row, out)


def product_per_channel(a: Array, b: Array, row: Array, out: Array) -> Array:
    """Write the sum of a b of every channel and return it, as `sum_per_channel` sums.

    Args:
        a: (N, ..., C), C-contiguous.
        b: of the same shape.
        row: workspace for the values of one image, (D,).
        out: (C,).
    """
    # In one pass, without an array of the products.
    np.einsum("nd,nd->d", a.reshape(len(a), -1), b.reshape(len(b), -1), out=row)
    return _over_positions(row, out)


def _over_positions(row: Array, out: Array) -> Array:
    places, exact = row.reshape(-1, len(out)), np.result_type(row, np.float64)
    np.copyto(out, np.add.reduce(places, axis=0, dtype=exact), casting="same_kind")
    return out

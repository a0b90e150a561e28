"""Comparison of two arrays in all error measures of a report."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

WORST = 10
"""Number of worst entries stored in a comparison."""

LOWEST, BINS_PER_DECADE = -18, 2
"""log10 of the lower edge of the first bin, and number of bins per decade."""


@dataclass(frozen=True)
class Entry:
    """One entry of a tensor, with its two gradients and their errors."""

    index: tuple[int, ...]
    value: float
    """The hand-written gradient."""
    reference: float
    absolute: float
    relative: float


@dataclass(frozen=True)
class Histogram:
    """Histogram of the decimal logarithms of the relative errors."""

    zeros: int
    """Number of entries without any error, which have no logarithm."""
    counts: tuple[int, ...]
    """Entries per bin, from `LOWEST` to 0; the first bin includes all smaller errors."""

    @staticmethod
    def edges() -> tuple[float, ...]:
        """Return the edges of the bins: one more than there are bins."""
        bins = -LOWEST * BINS_PER_DECADE
        return tuple(LOWEST + edge / BINS_PER_DECADE for edge in range(bins + 1))


@dataclass(frozen=True)
class Comparison:
    """The comparison of two gradients of one tensor."""

    compared: int
    """Number of compared entries: all, or the probed ones."""
    max_absolute: float
    """Largest |a - b|."""
    max_relative: float
    """Largest |a - b| / max(eps, |a| + |b|)."""
    normwise: float
    """||a - b|| / (||a|| + ||b||), 2-norms; 0 if both are zero."""
    cosine: float
    """a . b / (||a|| ||b||); 1 if both are zero."""
    worst: tuple[Entry, ...]
    """The entries with the largest relative errors, in descending order."""
    histogram: Histogram


def compare(ours: Array, reference: Array, eps: float, at: Array | None = None) -> Comparison:
    """Compare two gradients in double precision.

    Args:
        ours: the hand-written gradient, any shape.
        reference: the reference gradient; the shape of `ours`, or (n,) with `at`.
        eps: lower limit of the denominator of relative errors.
        at: flat indices (n,) of the entries of `ours` to compare; None compares all.

    Returns:
        The comparison. A NaN on either side makes all measures NaN. So does an empty comparison,
        which must not count as agreement.
    """
    places = np.arange(ours.size) if at is None else at
    a = ours.reshape(-1)[places].astype(np.float64)
    b = reference.reshape(-1).astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        absolute = np.abs(a - b)
        relative = absolute / np.maximum(eps, np.abs(a) + np.abs(b))
    size = float(np.linalg.norm(a)), float(np.linalg.norm(b))
    # NaN sorts last, so it counts as worst.
    order = np.argsort(relative, kind="stable")[::-1][:WORST]
    worst = tuple(
        Entry(
            tuple(int(i) for i in np.unravel_index(places[k], ours.shape)),
            float(a[k]),
            float(b[k]),
            float(absolute[k]),
            float(relative[k]),
        )
        for k in order
    )
    return Comparison(
        compared=len(a),
        max_absolute=_largest(absolute),
        max_relative=_largest(relative),
        normwise=normwise(a, b) if len(a) else float("nan"),
        cosine=float(a @ b) / (size[0] * size[1]) if all(size) else float(size[0] == size[1]),
        worst=worst,
        histogram=_histogram(relative),
    )


def normwise(a: Array, b: Array) -> float:
    """Return ||a - b|| / (||a|| + ||b||), or 0 if both are zero."""
    sizes = float(np.linalg.norm(a)) + float(np.linalg.norm(b))
    return float(np.linalg.norm(a - b)) / sizes if sizes else 0.0


def _largest(errors: Array) -> float:
    return float(errors.max()) if len(errors) else float("nan")


def _histogram(relative: Array) -> Histogram:
    finite = relative[np.isfinite(relative)]
    positive = finite[finite > 0]
    edges = Histogram.edges()
    counts, _ = np.histogram(np.clip(np.log10(positive), edges[0], edges[-1]), edges)
    return Histogram(int(finite.size - positive.size), tuple(int(count) for count in counts))

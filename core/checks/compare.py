"""How far two arrays are apart, in every measure that a report shows."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

WORST = 10
"""Entries that a comparison keeps."""

LOWEST, BINS_PER_DECADE = -18, 2
"""log10 of the smallest relative error that has a bin of its own, and bins from one to the next."""


@dataclass(frozen=True)
class Entry:
    """One entry of a tensor, and what both sides say about it."""

    index: tuple[int, ...]
    value: float
    """The hand-written gradient."""
    reference: float
    absolute: float
    relative: float


@dataclass(frozen=True)
class Histogram:
    """How many entries have which relative error, by its decimal logarithm."""

    zeros: int
    """Entries that agree to the bit; they have no logarithm."""
    counts: tuple[int, ...]
    """Entries per bin, the first from `LOWEST` on (with all that is smaller), up to 0."""

    @staticmethod
    def edges() -> tuple[float, ...]:
        """Return the edges of the bins: one more than there are bins."""
        bins = -LOWEST * BINS_PER_DECADE
        return tuple(LOWEST + edge / BINS_PER_DECADE for edge in range(bins + 1))


@dataclass(frozen=True)
class Comparison:
    """Two gradients of one tensor side by side."""

    compared: int
    """Entries that were compared: all, or those that were probed."""
    max_absolute: float
    """Largest |a - b|."""
    max_relative: float
    """Largest |a - b| / max(eps, |a| + |b|)."""
    normwise: float
    """||a - b|| / (||a|| + ||b||), 2-norms; 0 where both are zero."""
    cosine: float
    """a . b / (||a|| ||b||); 1 where both are zero."""
    worst: tuple[Entry, ...]
    """The entries with the largest relative errors, the worst first."""
    histogram: Histogram


def compare(ours: Array, reference: Array, eps: float, at: Array | None = None) -> Comparison:
    """Compare two gradients in double precision.

    Args:
        ours: the hand-written gradient, any shape.
        reference: the same entries by other means; the shape of `ours`, or (n,) with `at`.
        eps: floor of the denominator of relative errors.
        at: flat places (n,) in `ours` that are compared; None compares all.

    Returns:
        The comparison. A NaN on either side makes every measure NaN, and so does no entry at all:
        what has not been compared has not been found equal.
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
    """Return ||a - b|| / (||a|| + ||b||), which is 0 where both are zero."""
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

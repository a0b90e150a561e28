"""Where the line of a trial meets the axes of parallel coordinates."""

from collections.abc import Sequence
from math import nan

import numpy as np
import numpy.typing as npt

from core.sweeps.analysis.dimensions import Dimension
from core.sweeps.analysis.snapshot import Snapshot, TrialRow

ACCURACY = "best"
"""Name of the last axis, which is that of the accuracy by which trials are judged."""

Places = npt.NDArray[np.float64]


def accuracy_scale(snapshot: Snapshot) -> tuple[float, float]:
    """Return the ends of the axis of accuracies, which are never equal."""
    low, high = snapshot.accuracies or (0.0, 1.0)
    return (low, high) if high > low else (low - 0.01, high + 0.01)


def places(row: TrialRow, axes_of: Sequence[Dimension], scale: tuple[float, float]) -> list[float]:
    """Return where a trial meets each axis, from 0 to 1, the accuracy last; NaN for nowhere."""
    low, high = scale
    end = nan if row.mean is None else (row.mean - low) / (high - low)
    return [one.place(row.settings.get(one.name)) for one in axes_of] + [end]


def matrix(snapshot: Snapshot) -> Places:
    """Return the places of all trials, one for all of its seeds, in the order of the trials.

    Shape: (trials, axes), the accuracy in the last column.
    """
    axes_of, scale = snapshot.dimensions, accuracy_scale(snapshot)
    found = [places(row, axes_of, scale) for row in snapshot.trials]
    return np.array(found, float).reshape(len(found), len(axes_of) + 1)

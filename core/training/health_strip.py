"""One quantity of the health record of all tensors or layers over time, as an app draws it."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from core.training.health_columns import BINS, HISTOGRAM, column, owners
from core.training.history import History

Quantity = Literal["ratio", "gradient", "weight", "update", "silent", "mean", "deviation"]

QUANTITIES: dict[Quantity, str] = {
    "ratio": "update-to-weight ratio",
    "gradient": "gradient norm",
    "weight": "weight norm",
    "update": "update norm",
    "silent": "units that never fire",
    "mean": "mean of the outputs",
    "deviation": "deviation of the outputs",
}
"""Quantities that a strip can show, with their labels."""

assert set(QUANTITIES) == set(get_args(Quantity))


@dataclass(frozen=True, eq=False)
class Strip:
    """A quantity over time: one row for each tensor or layer, in the order of the network.

    Attributes:
        quantity: what it shows.
        names: the rows: tensors such as `conv1.weight`, or layers such as `relu1`.
        updates: int64 (columns,), the last update of each column.
        values: float64 (rows, columns); not always finite, as an update of weights that are 0.
        at: int64 (rows, columns), the update of each value.
    """

    quantity: Quantity
    names: tuple[str, ...]
    updates: npt.NDArray[np.int64]
    values: npt.NDArray[np.float64]
    at: npt.NDArray[np.int64]

    def column(self, update: int) -> int:
        """Return the column that an update is in; the last one for a later update."""
        return min(int(np.searchsorted(self.updates, update)), len(self.updates) - 1)


def strip(history: History, quantity: Quantity, columns: int) -> Strip:
    """Return a quantity in at most `columns` columns, each of as many recorded updates.

    A column shows the value that is farthest from 0, so that what lasted a moment is not lost; a
    value that is not a number is farther than any.

    Args:
        history: the history of a run, which may still grow.
        quantity: what to show.
        columns: maximum number of columns, at least 1.
    """
    table = history.health
    points = table.points()
    names = owners(table.columns, quantity)
    rows = [table.columns.index(column(name, quantity)) for name in names]
    values, updates = points[rows], points[0].astype(np.int64)
    count = len(updates)
    each = max(1, -(-count // columns))
    # The last column may have fewer updates; what is missing is nearer to 0 than any value. Of
    # values that are not numbers, `argmax` takes the first.
    filled = -(-count // each) * each
    distance = np.full((len(rows), filled), -1.0)
    distance[:, :count] = np.abs(values)
    farthest = distance.reshape(len(rows), filled // each, each).argmax(axis=2)
    at = farthest + np.arange(0, filled, each)
    ends = np.minimum(np.arange(each, filled + 1, each), count) - 1
    return Strip(
        quantity,
        tuple(names),
        updates[ends],
        np.take_along_axis(values, at, axis=1),
        updates[at],
    )


@dataclass(frozen=True)
class OutputHistogram:
    """How the outputs of a layer were distributed after an update."""

    update: int
    lowest: float
    highest: float
    shares: tuple[float, ...]
    """Shares of the outputs in bins of equal width from `lowest` to `highest`."""


def output_histogram(history: History, layer: str, update: int) -> OutputHistogram | None:
    """Return the last recorded histogram of a layer until an update; None if there is none.

    Raises:
        KeyError: if nothing is recorded of a layer of that name.
    """
    table = history.health.read()
    numbers = [table[column(layer, name)] for name in HISTOGRAM]
    at = int(np.searchsorted(table["update"], update, side="right")) - 1
    if at < 0:
        return None
    lowest, highest, *shares = (float(column[at]) for column in numbers)
    assert len(shares) == BINS
    return OutputHistogram(int(table["update"][at]), lowest, highest, tuple(shares))

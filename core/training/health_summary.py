"""Quantities of the health record as one curve for a whole network.

So runs of different networks can be compared.
"""

from typing import Literal

import numpy as np

from core.training.health_columns import column, owners
from core.training.history import Column, History

Summary = Literal["largest_ratio", "gradient_norm", "most_silent"]

SUMMARIES: dict[Summary, str] = {
    "largest_ratio": "largest update-to-weight ratio",
    "gradient_norm": "gradient norm",
    "most_silent": "largest share of silent units",
}
"""The summaries, with their labels."""


def summary(history: History, name: Summary) -> tuple[Column, Column]:
    """Return the updates of the record, and a summary after each; both float64 (rows,).

    Empty if nothing of it is recorded, as the share of silent units of a network without layers
    that rectify.

    Args:
        history: the history of a run, which may still grow.
        name: the largest ratio of a weight tensor, the norm of the gradient over all parameters, or
            the largest share of the units of a layer that never fire.
    """
    table = history.health
    points = table.points()
    quantity = {"largest_ratio": "ratio", "gradient_norm": "gradient", "most_silent": "silent"}[
        name
    ]
    of = owners(table.columns, quantity)
    if name == "largest_ratio":
        # A bias that begins at 0 moves by a large part of itself.
        of = [owner for owner in of if owner.endswith(".weight")]
    if not of:
        return np.empty(0), np.empty(0)
    values = points[[table.columns.index(column(owner, quantity)) for owner in of]]
    if name == "gradient_norm":
        return points[0], np.sqrt(np.square(values).sum(axis=0))
    return points[0], values.max(axis=0)

"""Curves of a recipe over its seeds, as the evaluations of its runs recorded them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.reproduce.results import Findings
from core.runs.store import Store

Column = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Curves:
    """All seeds of one recipe, evaluated after the same updates."""

    update: Column
    values: dict[str, Column]
    """By the name of the column in the history, each (seeds, evaluations)."""

    def mean(self, name: str) -> Column:
        """Return the mean over the seeds, (evaluations,)."""
        return np.asarray(self.values[name].mean(axis=0))

    def range(self, name: str) -> tuple[Column, Column]:
        """Return the least and the greatest of the seeds, each (evaluations,)."""
        return self.values[name].min(axis=0), self.values[name].max(axis=0)


def read(findings: Findings, recipe: str, store: Store) -> Curves | None:
    """Return the curves of the runs that have come to their end; None before there is one.

    Raises:
        StoreError: if they cannot be read.
    """
    tables = [
        store.history(findings.runs[job.key]).evaluations.read()
        for job in findings.jobs
        if job.recipe.name == recipe and findings.result(job) is not None
    ]
    if not tables:
        return None
    names = [name for name in tables[0] if name != "update"]
    return Curves(
        tables[0]["update"], {name: np.stack([table[name] for table in tables]) for name in names}
    )

"""The evaluation curves of a recipe over its seeds."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.reproduce.results import Findings
from core.runs.store import Store

Column = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Curves:
    """The evaluations of all seeds of one recipe, made after the same updates."""

    update: Column
    values: dict[str, Column]
    """Values by the name of their column in the history, each (seeds, evaluations)."""

    def mean(self, name: str) -> Column:
        """Return the mean over the seeds, (evaluations,)."""
        return np.asarray(self.values[name].mean(axis=0))

    def range(self, name: str) -> tuple[Column, Column]:
        """Return the minimum and the maximum over the seeds, each (evaluations,)."""
        return self.values[name].min(axis=0), self.values[name].max(axis=0)


def read(findings: Findings, recipe: str, store: Store) -> Curves | None:
    """Return the curves of the finished runs; None if there are none yet.

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

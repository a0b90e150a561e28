"""The results of trials, as what decides about them sees them."""

from collections.abc import Iterable
from math import isfinite
from typing import Protocol


class Told(Protocol):
    """The result of a trial at a rung: `core.runs.studies.records.Tell`, or anything alike."""

    @property
    def trial(self) -> int:
        """Number of the trial, from 0."""

    @property
    def seed(self) -> int:
        """The seed that it was trained with."""

    @property
    def rung(self) -> int:
        """Number of the rung, from 0."""

    @property
    def accuracy(self) -> float | None:
        """On the validation images, a fraction; None if the trial diverged."""


Results = dict[int, dict[int, float | None]]
"""Accuracies by trial and rung; None if the trial diverged before the rung."""


def results(told: Iterable[Told], seed: int) -> Results:
    """Return results with one seed by trial and rung; of two for the same, the first counts.

    Trials are in the order of their first results.
    """
    found: Results = {}
    for each in told:
        if each.seed == seed:
            accuracy = each.accuracy
            finite = accuracy is not None and isfinite(accuracy)
            found.setdefault(each.trial, {}).setdefault(each.rung, accuracy if finite else None)
    return found

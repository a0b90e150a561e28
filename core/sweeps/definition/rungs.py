"""Where the trials of a study are compared: rungs, as shares of the budget of each trial.

Trials of one study may have different numbers of updates, as batches of different sizes take
different numbers of updates for the same images. So rungs are shares; every trial has the same
number of them, and the last is its end.

Every schedule but the constant one anneals: the rate falls at the end, and most of the accuracy
comes then. Near the top of a triangle, halfway, accuracies fluctuate and favour small rates: over
24 trials of one triangle, the order there agrees with that at the end less (rank correlation 0.67
at 0.6 of a trial) than while the rate still rises (0.89 at 0.1, 0.95 at 0.3), or in the fall (0.93
at 0.8). So the rungs by default are both in the rise.
"""

from math import ceil
from typing import Literal

from pydantic import ConfigDict

from core.config.experiment import MAX_UPDATES
from core.settings import SettingError, setting
from core.validation import CheckedSettings

EVALUATIONS = 20
"""Evaluations of a trial, and so the finest division into rungs; they take some 5 % of its time."""

FIRST, FACTOR = 0.1, 3
"""Defaults for successive halving: rungs at 0.1 and 0.3 of a trial. `python -m bench.halving` says
what they cost and save."""

LATEST = 0.75
"""Share of a trial after which halving has no further rung: the rest is cheaper than a mistake."""


class Pruning(CheckedSettings):
    """Which trials end early."""

    model_config = ConfigDict(strict=True)

    kind: Literal["none", "halving", "median"] = setting(
        "none",
        "Which trials end early: none; all but the best at each rung; or those below the median",
        label="pruning",
        group="Study",
    )
    first: float = setting(
        FIRST,
        "First rung, as a share of a trial; from 1 on, in updates",
        label="first rung",
        group="Study",
        low=0.01,
        high=MAX_UPDATES,
        step=0.05,
    )
    factor: int = setting(
        FACTOR,
        "One of how many trials goes on at a rung of halving, and how much later the next rung is",
        label="factor",
        group="Study",
        low=2,
        high=20,
    )

    def shares(self, updates: int | None = None) -> tuple[float, ...]:
        """Return the rungs as shares of a trial, ascending; the last is 1.

        Args:
            updates: updates of every trial, if all have the same number.

        Raises:
            SettingError: if the first rung is in updates and beyond the end, or trials differ.
        """
        if self.kind == "none":
            return (1.0,)
        first = self.first
        if first >= 1:
            if updates is None:
                raise SettingError(
                    "pruning.first",
                    f"{first:g} updates are unlike shares of trials of different lengths; "
                    f"write a share such as {FIRST}, or updates in place of epochs",
                )
            first /= updates
            if first >= 1:
                raise SettingError(
                    "pruning.first",
                    f"a trial ends at {updates:,} updates, before its first rung; lower it",
                )
        if self.kind == "median":
            begin = max(1, ceil(first * EVALUATIONS - 1e-9))
            return tuple(step / EVALUATIONS for step in range(begin, EVALUATIONS + 1))
        rungs = [first]
        while rungs[-1] * self.factor <= LATEST:
            # In four digits: 0.1 * 3 is 0.30000000000000004.
            rungs.append(float(f"{rungs[-1] * self.factor:.4g}"))
        return (*rungs, 1.0)


def spacing(total: int) -> int:
    """Return the updates from one evaluation to the next of a trial of `total` updates."""
    return ceil(total / EVALUATIONS)


def rung_updates(shares: tuple[float, ...], total: int) -> tuple[int, ...]:
    """Return the updates at which a trial is judged, ascending; the last is its end.

    The others are those evaluations of `spacing` that are closest to their shares.

    Raises:
        SettingError: if the trial is too short for so many.
    """
    every, rungs = spacing(total), [0]
    for share in shares[:-1]:
        rungs.append(max(round(share * total / every) * every, rungs[-1] + every))
    if rungs[-1] >= total:
        raise SettingError(
            "pruning",
            f"a trial of {total:,} updates is too short for {len(shares)} rungs; "
            "raise its epochs or updates",
        )
    return (*rungs[1:], total)

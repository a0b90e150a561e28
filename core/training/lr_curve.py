"""What a learning-rate range test has measured, and the rates that follow from it."""

from dataclasses import dataclass
from functools import cached_property
from math import floor, pi, sqrt
from typing import Any

import numpy as np

from core.training.history import Column

SPAN = 1 / 40
"""Width of the smoothing, of all the test: an eighth of a decade where it goes through five."""

BEGUN, DONE = 0.1, 0.95
"""How far down the loss has come, of all its way, at the suggested eta_min and eta_max."""

CLEAR = 5.0
"""Standard errors that the loss has to fall before anything is said."""

ABOVE = 1.15
"""Of the loss at the start, where a picture ends: what lies above is only the explosion."""

FEWEST = 20
"""Updates below which nothing is said."""


@dataclass(frozen=True)
class Suggestion:
    """Between which rates a schedule may move."""

    eta_min: float
    eta_max: float
    note: str
    """What to know about it, in a sentence; empty where there is nothing."""


@dataclass(frozen=True, eq=False)
class RateCurve:
    """The loss of every update of a test, at the rate that the update was taken with."""

    rates: Column
    """(n,), rising; n updates have been taken so far."""
    losses: Column
    """(n,), cross-entropy of each mini-batch before its update, in nats."""
    planned: int
    """Updates of the whole test."""
    exploded: bool = False
    """Whether it ended because the loss did."""

    @cached_property
    def smoothed(self) -> Column:
        """(n,), means of the losses around each, weighted by a Gaussian; it does not lag behind."""
        span = self._span
        reach = np.arange(-floor(4 * span), floor(4 * span) + 1)
        kernel = np.exp(-0.5 * (reach / span) ** 2)
        # Only what there is counts at the ends, so that they are not drawn towards 0.
        weights = np.convolve(np.ones(len(self.losses)), kernel)
        sums = np.convolve(self.losses, kernel)
        inside = slice(len(reach) // 2, len(reach) // 2 + len(self.losses))
        return np.asarray(sums[inside] / weights[inside])

    @property
    def _span(self) -> float:
        return max(1.0, SPAN * self.planned)

    @cached_property
    def suggestion(self) -> Suggestion | None:
        """The rates between which the loss falls, or None where it does not fall clearly.

        Smith 2017, "Cyclical learning rates for training neural networks", section 3.3, takes the
        rate at which learning begins and the one at which it slows or becomes ragged. Here these
        are the rates at which the smoothed loss has come a tenth of its way down, for good, and
        all but a twentieth, for the first time: a little before the lowest point.
        """
        if len(self.losses) < FEWEST:
            return None
        curve = self.smoothed
        lowest = int(curve.argmin())
        fall = float(curve[0] - curve[lowest])
        if fall <= CLEAR * self._error(lowest):
            return None
        begins = int(np.flatnonzero(curve[: lowest + 1] > curve[0] - BEGUN * fall)[-1])
        done = int(np.flatnonzero(curve <= curve[0] - DONE * fall)[0])
        eta_min, eta_max = two_digits(self.rates[begins]), two_digits(self.rates[done])
        if eta_min >= eta_max:
            return None
        return Suggestion(eta_min, eta_max, self._note(lowest))

    def _note(self, lowest: int) -> str:
        """Return what to know where the lowest loss is that of the end."""
        if self.exploded or lowest < len(self.losses) - 1 - self._span:
            return ""
        if len(self.losses) < self.planned:
            return "it was still falling when it was stopped"
        return f"it is lowest at the end, {self.rates[-1]:g}: try higher rates"

    def _error(self, lowest: int) -> float:
        """Return the standard error of the smoothed loss where it falls."""
        rest = (self.losses - self.smoothed)[: lowest + 1]
        # A Gaussian of deviation s averages over 2 sqrt(pi) s values.
        return float(rest.std()) / sqrt(2 * sqrt(pi) * self._span)

    @property
    def ceiling(self) -> float:
        """The loss at which a picture of the curve ends, above all losses of the first quarter."""
        early = self.losses[: len(self.losses) // 4 + 1]
        return max(float(early.max()), ABOVE * float(self.smoothed[0]))

    @property
    def words(self) -> str:
        """What follows from the curve, in a sentence."""
        found = self.suggestion
        if found is not None:
            said = (
                f"the loss falls from a rate of {found.eta_min:g} (eta_min, lowest rate) "
                f"to {found.eta_max:g} (eta_max, highest rate)"
            )
            return f"{said}; {found.note}" if found.note else said
        if len(self.losses) < min(FEWEST, self.planned):
            return "too few updates for a suggestion"
        return "the loss does not fall clearly at any of these rates"

    def as_dict(self) -> dict[str, Any]:
        """Return the curve as JSON knows it."""
        found = self.suggestion
        return {
            "eta_min": found.eta_min if found else None,
            "eta_max": found.eta_max if found else None,
            "words": self.words,
            "updates": len(self.losses),
            "exploded": self.exploded,
            "rates": self.rates.tolist(),
            "losses": self.losses.tolist(),
            "smoothed": self.smoothed.tolist() if len(self.losses) else [],
        }


def two_digits(value: float) -> float:
    """Return a positive number with as many digits as a person would write."""
    return float(f"{value:.1e}")

"""The loss curve of a learning-rate range test, and the rates that it suggests."""

from dataclasses import dataclass
from functools import cached_property
from math import floor, pi, sqrt
from typing import Any

import numpy as np

from core import format as fmt
from core.training.history import Column

SPAN = 1 / 40
"""Width of the smoothing as a fraction of the test: an eighth of a decade in a test of five."""

BEGUN, DONE = 0.1, 0.95
"""Fractions of the total decrease of the loss at the suggested eta_min and eta_max."""

MIN_ERRORS = 5.0
"""Standard errors by which the loss must fall for a suggestion."""

CEILING = 1.15
"""Upper end of a plot, relative to the loss at the start: above it there is only the explosion."""

MIN_UPDATES = 20
"""Number of updates below which there is no suggestion."""


@dataclass(frozen=True)
class Suggestion:
    """Suggested range of learning rates for a schedule."""

    eta_min: float
    eta_max: float
    note: str
    """Remark in one sentence, or empty."""


@dataclass(frozen=True, eq=False)
class RateCurve:
    """The loss of every update of a test, and the rate of that update."""

    rates: Column
    """(n,), ascending, for the n updates so far."""
    losses: Column
    """(n,), cross-entropy of each mini-batch before its update, in nats."""
    planned: int
    """Number of updates of the whole test."""
    exploded: bool = False
    """Whether the test ended because the loss exploded."""

    @cached_property
    def smoothed(self) -> Column:
        """(n,), losses smoothed by a centred Gaussian, which adds no lag."""
        span = self._span
        reach = np.arange(-floor(4 * span), floor(4 * span) + 1)
        kernel = np.exp(-0.5 * (reach / span) ** 2)
        # Normalised by the weights inside the curve, so that its ends are not biased towards 0.
        weights = np.convolve(np.ones(len(self.losses)), kernel)
        sums = np.convolve(self.losses, kernel)
        inside = slice(len(reach) // 2, len(reach) // 2 + len(self.losses))
        return np.asarray(sums[inside] / weights[inside])

    @property
    def _span(self) -> float:
        return max(1.0, SPAN * self.planned)

    @cached_property
    def suggestion(self) -> Suggestion | None:
        """The rates between which the loss falls, or None if it does not fall clearly.

        Smith 2017, "Cyclical learning rates for training neural networks", section 3.3, uses the
        rate at which learning begins and the one at which it slows or becomes ragged. Here these
        are the rates after which the smoothed loss stays below 10 % of its total decrease, and at
        which it first reaches 95 % of it, a little before the minimum.
        """
        if len(self.losses) < MIN_UPDATES:
            return None
        curve = self.smoothed
        lowest = int(curve.argmin())
        fall = float(curve[0] - curve[lowest])
        if fall <= MIN_ERRORS * self._error(lowest):
            return None
        begins = int(np.flatnonzero(curve[: lowest + 1] > curve[0] - BEGUN * fall)[-1])
        done = int(np.flatnonzero(curve <= curve[0] - DONE * fall)[0])
        eta_min, eta_max = two_digits(self.rates[begins]), two_digits(self.rates[done])
        if eta_min >= eta_max:
            return None
        return Suggestion(eta_min, eta_max, self._note(lowest))

    def _note(self, lowest: int) -> str:
        """Return a remark if the lowest loss is at the end of the curve, else ""."""
        if self.exploded or lowest < len(self.losses) - 1 - self._span:
            return ""
        if len(self.losses) < self.planned:
            return "it was still falling when it was stopped"
        return f"it is lowest at the end, {fmt.number(self.rates[-1])}: try higher rates"

    def _error(self, lowest: int) -> float:
        """Return the standard error of the smoothed loss up to its minimum."""
        residuals = (self.losses - self.smoothed)[: lowest + 1]
        # A Gaussian of standard deviation s averages over 2 sqrt(pi) s values.
        return float(residuals.std()) / sqrt(2 * sqrt(pi) * self._span)

    @property
    def ceiling(self) -> float:
        """Upper end of a plot of the curve; no loss of the first quarter exceeds it."""
        early = self.losses[: len(self.losses) // 4 + 1]
        return max(float(early.max()), CEILING * float(self.smoothed[0]))

    @property
    def words(self) -> str:
        """The conclusion from the curve, in one sentence."""
        suggestion = self.suggestion
        if suggestion is not None:
            text = (
                f"the loss falls from a rate of {fmt.number(suggestion.eta_min)} (eta_min, lowest "
                f"rate) to {fmt.number(suggestion.eta_max)} (eta_max, highest rate)"
            )
            return f"{text}; {suggestion.note}" if suggestion.note else text
        if len(self.losses) < min(MIN_UPDATES, self.planned):
            return "too few updates for a suggestion"
        return "the loss does not fall clearly at any of these rates"

    def as_dict(self) -> dict[str, Any]:
        """Return the curve for JSON."""
        suggestion = self.suggestion
        return {
            "eta_min": suggestion.eta_min if suggestion else None,
            "eta_max": suggestion.eta_max if suggestion else None,
            "words": self.words,
            "updates": len(self.losses),
            "exploded": self.exploded,
            "rates": self.rates.tolist(),
            "losses": self.losses.tolist(),
            "smoothed": self.smoothed.tolist() if len(self.losses) else [],
        }


def two_digits(value: float) -> float:
    """Return a positive number rounded to two significant digits."""
    return float(f"{value:.1e}")

"""How large the values of a strip are, on the scale that suits their quantity."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from core import format as fmt
from core.training.health_strip import Quantity

Values = npt.NDArray[np.float64]

DECADES = 6
"""Decades of a logarithmic scale, at most; what is smaller has the lowest shade as well."""

OF: dict[Quantity, str] = {"ratio": "weights "}
"""What the scale is of, if it is not of everything."""

UNITS: dict[Quantity, str] = {"gradient": "nats", "silent": "% of units"}
"""Units of the quantities that have one."""


@dataclass(frozen=True)
class Scale:
    """A scale between the least and the largest value.

    Attributes:
        quantity: the quantity.
        least: the least finite value; NaN if there is none.
        largest: the largest finite value; NaN if there is none.
    """

    quantity: Quantity
    least: float
    largest: float

    @classmethod
    def of(cls, quantity: Quantity, values: Values) -> "Scale":
        """Return the scale of some values; other values may be beyond its ends."""
        finite = values[np.isfinite(values)]
        if not finite.size:
            return cls(quantity, np.nan, np.nan)
        return cls(quantity, float(finite.min()), float(finite.max()))

    @property
    def kind(self) -> Literal["log", "linear", "signed"]:
        """Shares are linear from 0 to 100 %, means have signs, and all else spans decades."""
        if self.quantity == "silent":
            return "linear"
        return "signed" if self.quantity == "mean" else "log"

    def shares(self, values: Values) -> Values:
        """Return values as shares of the scale, from 0 to 1; from -1 of a signed one.

        Infinite values are at its end, and what is not a number is NaN.
        """
        if self.kind == "linear":
            return values
        if self.kind == "signed":
            span = max(abs(self.least), abs(self.largest)) or 1.0
            return np.clip(values / span, -1, 1)
        low, high = self._log_ends
        with np.errstate(divide="ignore"):
            span = np.log(high / low) if high > low else 1.0
            # Where all values are equal, they are neither small nor large.
            share = np.log(values / low) / span if high > low else np.where(values > 0, 0.5, 0.0)
        return np.clip(share, 0, 1)

    @property
    def _log_ends(self) -> tuple[float, float]:
        high = self.largest if self.largest > 0 else 1.0
        return max(self.least, high * 10.0**-DECADES), high

    def text(self, value: float) -> str:
        """Return a value of the quantity."""
        if self.quantity == "silent":
            return fmt.percent(value)
        return f"{value:.3g}"

    def ends(self) -> tuple[str, str]:
        """Return the values at the ends of the scale."""
        if self.kind == "linear":
            return "0 %", "100 %"
        if self.kind == "signed":
            span = max(abs(self.least), abs(self.largest))
            return self.text(-span), self.text(span)
        return self._least_text, self.text(self.largest)

    @property
    def _least_text(self) -> str:
        """The least value; of a logarithmic scale its end, if there are smaller values."""
        low, _ = self._log_ends
        if self.kind == "log" and self.least < low:
            return f"≤ {self.text(low)}"
        return self.text(self.least)

    def titles(self, label: str) -> tuple[str, ...]:
        """Return forms of quantity, unit, range and kind of the scale, the longest first."""
        unit = UNITS.get(self.quantity, "no unit")
        if np.isnan(self.least):
            return (label,)
        bare = f"{self._least_text} to {self.text(self.largest)}"
        span = f"{OF.get(self.quantity, '')}{bare}"
        kind = {"log": "log scale", "linear": "scale 0 to 100 %", "signed": "signed scale"}
        return (
            f"{label}, {unit} ─ {span}, {kind[self.kind]}",
            f"{label} ─ {span}, {kind[self.kind]}",
            f"{label} ─ {span}",
            f"{label} ─ {bare}",
            label,
        )

"""Schedules that fall: by a cosine, or by steps."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import cos, pi

from core.optim.schedule import Constant, OneCycle, between, check_rates

PIECES = 32
"""Number of straight pieces in which a curve is drawn."""


@dataclass(frozen=True)
class Cosine(OneCycle):
    """Half a cosine after a linear rise: Loshchilov and Hutter 2017, "SGDR", without restarts.

    Of n updates, the rate rises linearly from eta_min to eta_max in the first
    w = round(warmup * n),
    as in a cycle of `OneCycle`, and then falls back, t updates after the top, as

        rate = eta_min + (eta_max - eta_min) * (1 + cos(pi t / (n - w))) / 2
    """

    @property
    def corners(self) -> tuple[int, ...]:
        """First and last update, that with the highest rate, and some of the fall."""
        last, fall = self.updates - 1, self.updates - self.top
        curve = {self.top + round(fall * piece / PIECES) for piece in range(PIECES)}
        return tuple(sorted({0, last} | {min(update, last) for update in curve}))

    def bends_in(self, cycle: int) -> tuple[int, ...]:
        """Return the update with the highest rate, and some of the fall."""
        return tuple(update for update in self.corners if update >= self.top)

    def rate_in(self, cycle: int, since: float | Fraction) -> float:
        """Return the rate after `since` updates, 0 or more."""
        fall = self.updates - self.top
        if since <= self.top or not fall:
            return super().rate_in(cycle, since)
        fraction = (1 + cos(pi * float(since - self.top) / fall)) / 2
        return between(self.eta_min, self.eta_max, fraction)


@dataclass(frozen=True)
class Step(Constant):
    """A rate that is constant in each cycle, and falls by a factor from one to the next.

    In cycle i it is max(eta_min, eta * decay^i).

    Raises:
        ValueError: if a number is out of range.
    """

    eta_min: float = 0.0
    decay: float = 1.0
    """Factor on the rate from one cycle to the next."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_rates(self.eta_min, self.eta)
        if self.decay <= 0.0:
            raise ValueError(f"decay {self.decay:g} must be greater than 0")

    @cached_property
    def corners(self) -> tuple[int, ...]:
        """First and last update of each cycle."""
        return tuple(sorted({*self.boundaries[:-1], *(end - 1 for end in self.boundaries[1:])}))

    def rate(self, update: int) -> float:
        """Return the rate of one update."""
        return self.rate_in(self.cycle(update), 0)

    def rate_in(self, cycle: int, since: float | Fraction) -> float:
        """Return the rate of a cycle."""
        return max(self.eta_min, self.eta * self.decay**cycle)

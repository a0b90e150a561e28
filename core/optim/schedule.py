"""Learning-rate schedules, as pure functions of the update number."""

from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import accumulate
from typing import Protocol


class Schedule(Protocol):
    """A learning rate for each update, counted from 0."""

    @property
    def total_updates(self) -> int:
        """Number of updates of the whole schedule."""

    @property
    def boundaries(self) -> tuple[int, ...]:
        """First update of each cycle, followed by the total."""

    @property
    def corners(self) -> tuple[int, ...]:
        """Updates at which the curve begins, bends and ends."""

    def rate(self, update: int) -> float:
        """Return the learning rate of one update, from 0 to total_updates - 1."""

    def cycle(self, update: int) -> int:
        """Return the index of the cycle of an update, from 0."""


class Cycles(Schedule, Protocol):
    """A schedule that consists of cycles and can be evaluated at any point of a cycle."""

    @property
    def lengths(self) -> tuple[int, ...]:
        """Number of updates of each cycle."""

    def bends_in(self, cycle: int) -> tuple[int, ...]:
        """Return the updates, counted from the start of the cycle, at which the curve bends."""

    def rate_in(self, cycle: int, since: float | Fraction) -> float:
        """Return the rate after `since` updates, 0 or more, of a cycle."""


@dataclass(frozen=True)
class Constant:
    """A constant rate; its cycles only determine its length.

    Raises:
        ValueError: if there are no updates.
    """

    eta: float
    lengths: tuple[int, ...]
    """Number of updates of each cycle."""

    def __post_init__(self) -> None:
        if not self.lengths or min(self.lengths) < 1:
            raise ValueError(f"a schedule needs 1 update at least, not {self.lengths}")

    @cached_property
    def boundaries(self) -> tuple[int, ...]:
        """First update of each cycle, followed by the total."""
        return tuple(accumulate(self.lengths, initial=0))

    @property
    def total_updates(self) -> int:
        """Number of updates of the whole schedule."""
        return self.boundaries[-1]

    @property
    def corners(self) -> tuple[int, ...]:
        """The first and the last update."""
        return (0, self.total_updates - 1)

    def rate(self, update: int) -> float:
        """Return the rate."""
        check_update(update, self.total_updates)
        return self.eta

    def bends_in(self, cycle: int) -> tuple[int, ...]:
        """Return an empty tuple: the curve has no bends."""
        return ()

    def rate_in(self, cycle: int, since: float | Fraction) -> float:
        """Return the rate."""
        return self.eta

    def cycle(self, update: int) -> int:
        """Return the index of the cycle of an update, from 0."""
        check_update(update, self.total_updates)
        return bisect_right(self.boundaries, update) - 1


@dataclass(frozen=True)
class Cyclical:
    """Triangular cyclical rate: Smith 2017, "Cyclical learning rates for training neural networks".

    In cycle i the rate rises in h_i updates from eta_min to top_i, and falls back in h_i updates:

        h_i = round(half_cycle * growth^i),   top_i = max(eta_min, eta_max * decay^i)

        rate = eta_min + (top_i - eta_min) * (1 - |t / h_i - 1|)

    where t counts the updates since the start of the cycle.

    Raises:
        ValueError: if a number is out of range.
    """

    eta_min: float
    eta_max: float
    half_cycle: int
    """Updates from the lowest to the highest rate of the first cycle."""
    cycles: int
    growth: float = 1.0
    """Factor on the length from one cycle to the next."""
    decay: float = 1.0
    """Factor on the highest rate from one cycle to the next."""

    def __post_init__(self) -> None:
        if self.half_cycle < 1 or self.cycles < 1:
            raise ValueError(
                "a schedule needs 1 cycle of 1 update up and 1 down at least, not "
                f"{self.cycles} of {self.half_cycle}"
            )
        check_rates(self.eta_min, self.eta_max)
        if self.growth <= 0.0 or self.decay <= 0.0:
            raise ValueError(
                f"growth {self.growth:g} and decay {self.decay:g} must be greater than 0"
            )

    @cached_property
    def half_cycles(self) -> tuple[int, ...]:
        """Updates of the rise, and of the fall, of each cycle; at least 1."""
        return tuple(max(1, round(self.half_cycle * self.growth**i)) for i in range(self.cycles))

    @cached_property
    def tops(self) -> tuple[float, ...]:
        """Highest rate of each cycle."""
        return tuple(max(self.eta_min, self.eta_max * self.decay**i) for i in range(self.cycles))

    @cached_property
    def lengths(self) -> tuple[int, ...]:
        """Updates of each cycle, rise and fall."""
        return tuple(2 * half for half in self.half_cycles)

    @cached_property
    def boundaries(self) -> tuple[int, ...]:
        """First update of each cycle, followed by the total."""
        return tuple(accumulate(self.lengths, initial=0))

    @cached_property
    def corners(self) -> tuple[int, ...]:
        """First update, lowest and highest rate of each cycle, and last update."""
        starts = self.boundaries[:-1]
        tops = (start + half for start, half in zip(starts, self.half_cycles, strict=True))
        return tuple(sorted({*starts, *tops, self.total_updates - 1}))

    @property
    def total_updates(self) -> int:
        """Number of updates of the whole schedule."""
        return self.boundaries[-1]

    def rate(self, update: int) -> float:
        """Return the rate of one update: eta_min at 0, the highest rate at the half cycle."""
        i = self.cycle(update)
        return self.rate_in(i, update - self.boundaries[i])

    def bends_in(self, cycle: int) -> tuple[int, ...]:
        """Return the update with the highest rate."""
        return (self.half_cycles[cycle],)

    def rate_in(self, cycle: int, since: float | Fraction) -> float:
        """Return the rate after `since` updates, 0 or more, of a cycle."""
        half, top = self.half_cycles[cycle], self.tops[cycle]
        return between(self.eta_min, top, min(since, 2 * half - since) / half)

    def cycle(self, update: int) -> int:
        """Return the index of the cycle of an update, from 0."""
        check_update(update, self.total_updates)
        return bisect_right(self.boundaries, update) - 1


@dataclass(frozen=True)
class OneCycle:
    """One rise and one long fall: Smith and Topin 2018, "Super-convergence".

    Of n updates, the rate rises linearly from eta_min to eta_max in the first
    w = round(warmup * n), and falls linearly back to eta_min in the rest. With a lowest rate some
    orders of magnitude below the highest, the fall ends in the very small rates that the paper
    appends to its cycle. (The paper's momentum falls while the rate rises; here it is constant.)

    Raises:
        ValueError: if a number is out of range.
    """

    eta_min: float
    eta_max: float
    updates: int
    """n."""
    warmup: float = 0.3
    """Fraction of the updates in the rise; 0 starts at the highest rate, 1 ends there."""

    def __post_init__(self) -> None:
        if self.updates < 1:
            raise ValueError(f"a schedule needs 1 update at least, not {self.updates}")
        check_rates(self.eta_min, self.eta_max)
        if not 0.0 <= self.warmup <= 1.0:
            raise ValueError(f"the climb takes a share from 0 to 1, not {self.warmup:g}")

    @property
    def lengths(self) -> tuple[int, ...]:
        """Number of updates of the only cycle."""
        return (self.updates,)

    @property
    def boundaries(self) -> tuple[int, ...]:
        """First update and total."""
        return (0, self.updates)

    @property
    def top(self) -> int:
        """Update with the highest rate; the total if there is no fall."""
        return round(self.warmup * self.updates)

    @property
    def corners(self) -> tuple[int, ...]:
        """First update, update with the highest rate, and last update."""
        last = self.updates - 1
        return tuple(sorted({0, min(self.top, last), last}))

    @property
    def total_updates(self) -> int:
        """Number of updates of the whole schedule."""
        return self.updates

    def rate(self, update: int) -> float:
        """Return the rate of one update."""
        check_update(update, self.updates)
        return self.rate_in(0, update)

    def bends_in(self, cycle: int) -> tuple[int, ...]:
        """Return the update with the highest rate."""
        return (self.top,)

    def rate_in(self, cycle: int, since: float | Fraction) -> float:
        """Return the rate after `since` updates, 0 or more."""
        rise, fall = self.top, self.updates - self.top
        if since < rise:
            return between(self.eta_min, self.eta_max, since / rise)
        # Without a fall the rate ends at its highest value.
        fraction = (self.updates - since) / fall if fall else 1.0
        return between(self.eta_min, self.eta_max, fraction)

    def cycle(self, update: int) -> int:
        """Return 0, the only cycle."""
        check_update(update, self.updates)
        return 0


def curve(schedule: Schedule, points: int) -> tuple[list[int], list[float]]:
    """Return update numbers and rates for a plot of a schedule.

    Args:
        schedule: the schedule to plot.
        points: maximum number of evenly spaced updates, in addition to the corners.

    Returns:
        Update numbers in ascending order, from the first to the last, and the rate of each.
    """
    last = schedule.total_updates - 1
    steps = max(1, points - 1)
    spread = {round(last * i / steps) for i in range(steps + 1)}
    updates = sorted(spread.union(schedule.corners))
    return updates, [schedule.rate(update) for update in updates]


def between(low: float, high: float, fraction: float | Fraction) -> float:
    """Interpolate linearly from `low` to `high`, with exact end points."""
    # The sum may round to either side of `high`, even for a fraction just below 1.
    return high if fraction >= 1 else min(high, low + (high - low) * float(fraction))


def check_rates(lowest: float, highest: float) -> None:
    """Check the lowest and the highest rate of a schedule.

    Raises:
        ValueError: if they are not in this order, or below 0.
    """
    if not 0.0 <= lowest <= highest:
        raise ValueError(f"the lowest rate {lowest:g} must be from 0 to the highest, {highest:g}")


def check_update(update: int, total: int) -> None:
    """Check that `update` is an update of a schedule of `total` updates.

    Raises:
        ValueError: if `update` is not from 0 to total - 1.
    """
    if not 0 <= update < total:
        raise ValueError(f"update {update} is not from 0 to {total - 1}")

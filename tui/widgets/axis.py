"""Where an axis begins and ends, and which round numbers stand beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, log10
from typing import Literal

Quantity = Literal["loss", "percent", "rate"]


@dataclass(frozen=True)
class Axis:
    """Limits and ticks, in the coordinates that are drawn: logarithms where it is logarithmic."""

    low: float
    high: float
    ticks: tuple[float, ...]
    labels: tuple[str, ...]


def updates(last: int, width: int) -> Axis:
    """Return the axis of updates from 0 to `last`, labelled in `width` columns."""
    return along(last, width, "updates")


def along(last: float, width: int, unit: str) -> Axis:
    """Return the axis from 0 to `last`, labelled in `width` columns, the last label with `unit`."""
    decimals = 0 if unit == "updates" or last >= 20 else 1 if last >= 2 else 2
    number = f"{last:,.{decimals}f}"
    end = f"{number} {unit}"
    step = round_step(last, max(1, (width - len(end)) // 7))
    step = max(1.0, step) if not decimals else step
    column = width / last
    room = (len(end) + len(number) / 2 + 2) / column  # what the last label covers
    ticks = [tick for tick in multiples(0, last, step) if tick <= last - room]
    return Axis(0, last, (*ticks, last), (*(f"{tick:,.{decimals}f}" for tick in ticks), end))


def powers(first: float, last: float, width: int) -> Axis:
    """Return the logarithmic axis from `first` to `last`, labelled in `width` columns."""
    low, high = log10(first), log10(last)
    ticks = log_ticks(low - 1e-9, high + 1e-9, max(2, width // 9))
    return Axis(low, high, tuple(log10(tick) for tick in ticks), tuple(f"{t:g}" for t in ticks))


def updates_shown(done: int, total: int) -> int:
    """Return where the axis of updates ends: it doubles a few times instead of always moving."""
    for part in (8, 4, 2):
        if done <= total // part:
            return max(1, total // part)
    return max(1, total, done)


def values(low: float, high: float, height: int, quantity: Quantity, log: bool = False) -> Axis:
    """Return the axis of values that reach from `low` to `high`, in `height` rows.

    Args:
        low: the smallest value, in the quantity's own unit.
        high: the largest.
        height: rows there are.
        quantity: what it is; says how it is labelled.
        log: whether it is logarithmic; both values must then be positive.
    """
    most = min(6, max(3, height // 3))
    if not log:
        if high - low <= max(1e-9, abs(high) * 1e-6):  # one value stands in the middle
            margin = 5.0 if quantity == "percent" else 0.1 * abs(high) or 1.0
            low, high = max(low - margin, min(low, 0.0)), high + margin
        step = round_step(high - low, most)
        grain = step / 2  # the ends move in steps too, so that the picture stands still
        low, high = floor(low / grain + 1e-9) * grain, ceil(high / grain - 1e-9) * grain
        ticks = multiples(low, high, step)
        return Axis(low, high, tuple(ticks), tuple(labels(ticks, quantity)))
    margin = max(0.04 * (log10(high) - log10(low)), 0.01)
    low, high = log10(low) - margin, log10(high) + margin
    ticks = log_ticks(low, high, most)
    return Axis(low, high, tuple(log10(tick) for tick in ticks), tuple(labels(ticks, quantity)))


def round_step(span: float, most: int) -> float:
    """Return the smallest of 1, 2, 5, 10, ... that goes into `span` at most `most` times."""
    power = 10.0 ** floor(log10(span / most))
    return next(s * power for s in (1, 2, 5, 10) if span / (s * power) <= most * (1 + 1e-9))


def multiples(low: float, high: float, step: float) -> list[float]:
    """Return the multiples of `step` from `low` to `high`."""
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return [float(f"{i * step:.12g}") for i in range(first, last + 1)]


def log_ticks(low: float, high: float, most: int) -> list[float]:
    """Return round values between 10^low and 10^high."""
    if high - low < 1:
        bottom, top = 10**low, 10**high
        return multiples(bottom, top, round_step(top - bottom, most))
    powers = range(floor(low), ceil(high) + 1)
    for heads in ((1, 2, 5), (1, 3), (1,)):
        ticks = [head * 10.0**power for power in powers for head in heads]
        ticks = [tick for tick in ticks if low <= log10(tick) <= high]
        if len(ticks) <= most + 1:
            return ticks
    stride = ceil(len(ticks) / most)
    return ticks[::stride]


def labels(ticks: Sequence[float], quantity: Quantity) -> list[str]:
    """Return each tick in at most six characters, all with as many decimals."""
    gaps = [b - a for a, b in pairwise(ticks)]
    decimals = max(0, -floor(log10(min(gaps)) + 1e-9)) if gaps else 1
    unit = " %" if quantity == "percent" else ""
    if quantity == "percent":
        decimals = min(decimals, 1)
    small = decimals > 4 or max(map(abs, ticks), default=0) >= 1e4
    return [f"{tick:.2g}" if small and tick else f"{tick:.{decimals}f}{unit}" for tick in ticks]

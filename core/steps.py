"""Steps from a value of a setting to the next."""

from math import floor, log10

LOG_GRID = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)
"""Mantissas of the steps of a logarithmic setting in every decade."""


def linear(value: float, direction: int, step: float) -> float:
    """Return the next multiple of `step` above (direction 1) or below (-1) a value."""
    # With a tolerance, so that 0.3 / 0.1 = 2.9999999999999996 counts as the third step.
    steps = value / step
    slack = 1e-9 * max(1.0, abs(steps))
    if direction > 0:
        return float(f"{(floor(steps + slack) + 1) * step:.12g}")
    return float(f"{-(floor(-steps + slack) + 1) * step:.12g}")


def logarithmic(value: float, direction: int, smallest: float) -> float:
    """Return the next value of `LOG_GRID` above (direction 1) or below (-1) a value.

    Args:
        value: the value.
        direction: 1 or -1.
        smallest: smallest value above 0, which is the one below it.
    """
    if value < smallest * (1 - 1e-9):
        return smallest if direction > 0 else 0.0
    decade = floor(log10(value) + 1e-12)
    grid = [float(f"{m:g}e{d}") for d in range(decade - 1, decade + 2) for m in LOG_GRID]
    if direction > 0:
        return next(stop for stop in grid if stop > value * (1 + 1e-9))
    below = [stop for stop in grid if stop < value * (1 - 1e-9)][-1]
    return below if below >= smallest else 0.0

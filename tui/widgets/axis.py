"""Limits, ticks and labels of axes that are drawn in character cells.

A tick is in the middle of a row or column. Ticks at equal distances in value are the same whole
number of cells apart, so that values between them can be read off.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product
from math import ceil, floor, inf, log10
from typing import Literal

Quantity = Literal["loss", "percent", "rate"]

MAX_STEPS = 8
"""Steps between the ticks of an axis, at most."""

TOLERANCE = 1e-9
"""Rounding error that is tolerated, as a fraction of a step or in cells."""

FEW_TICKS = 0.4, 0.6, 0.85
"""Fitness factors of axes with one tick, two, and three; with more it is 1."""

OVERHANG = 0.25
"""How far beyond the first or last tick a value may lie, in cells; it is still in the same row."""

CROWDED = 0.6
"""Fitness factor of an axis with a label in every row."""

SMALLEST_MAGNITUDE, LARGEST_MAGNITUDE = 1e-300, 1e300
"""Magnitudes between which the arithmetic of an axis neither underflows nor overflows."""


@dataclass(frozen=True)
class Axis:
    """Limits and ticks of an axis, as log10 of the values if it is logarithmic."""

    low: float
    """Coordinate of the outer edge of the first cell; the first tick is in its middle."""
    high: float
    """Coordinate of the outer edge of the last cell."""
    ticks: tuple[float, ...]
    labels: tuple[str, ...]

    def cell(self, at: float, cells: int) -> int:
        """Return the index of the cell, of `cells` in all, that contains a coordinate."""
        return floor((at - self.low) / (self.high - self.low) * cells)


@dataclass(frozen=True)
class _Grid:
    """Candidate ticks of an axis, which begins at the first of them."""

    ticks: tuple[float, ...]
    end: float
    """Smallest coordinate at which the axis may end: the last tick, or beyond it."""
    period: float | None
    """Distance that takes a whole number of cells; None if no two ticks are equally far apart."""

    def scale(self, cells: int) -> float:
        """Return the cells per unit; 0 if there are too few cells."""
        if self.period is None:
            return (cells - 1) / (self.end - self.ticks[0])
        periods = (self.end - self.ticks[0]) / self.period
        return floor((cells - 1) / periods + TOLERANCE) / self.period

    def fitness(self, low: float, high: float, cells: int, label: int) -> float:
        """Return how legible values are on these ticks, from 0 (unusable) to 1.

        Args:
            low: the lowest value.
            high: the highest value.
            cells: rows or columns of the axis.
            label: cells that a label takes.
        """
        scale = self.scale(cells)
        gap = scale * min((b - a for a, b in pairwise(self.ticks)), default=inf)
        below, above = (self.ticks[0] - low) * scale, (high - self.end) * scale
        if gap < label - TOLERANCE or max(below, above) > OVERHANG:
            return 0.0
        readable = (*FEW_TICKS, 1.0)[min(len(self.ticks) - 1, len(FEW_TICKS))]
        filled = min(1.0, (high - low) * scale / (cells - 1))
        return round(filled * readable * (CROWDED if gap < 2 - TOLERANCE else 1.0), 6)

    def axis(self, cells: int, labels: Sequence[str]) -> Axis:
        """Return the axis in `cells` cells."""
        scale, low = self.scale(cells), self.ticks[0]
        return Axis(low - 0.5 / scale, low + (cells - 0.5) / scale, self.ticks, tuple(labels))


def updates(last: int, width: int) -> Axis:
    """Return the axis of updates from 0 to `last` in `width` columns."""
    return along(last, width, "updates")


def along(last: float, width: int, unit: str) -> Axis:
    """Return the axis from 0 to `last` in `width` columns; the last label names the unit."""
    integers = unit == "updates"
    # Enough decimals to distinguish adjacent columns.
    decimals = 0 if integers else max(0, ceil(log10((width - 1) / last)))
    end = round(last, decimals)
    number = f"{end:,.{decimals}f}"
    name = f"{number} {unit}"
    name = name if len(name) + 4 <= width else number
    steps = [step for step in _steps(last) if not integers or step % 1 == 0]
    grids = [_Grid(tuple(multiples(0, last, step)), last, step) for step in steps if step <= last]
    grids = [grid for grid in grids if len(grid.ticks) <= MAX_STEPS] + [_Grid((0.0,), last, None)]
    grid = _best(grids, 0, last, width, len(number) + 2)
    full = grid.axis(width, _decimal_labels(grid.ticks, ","))
    ticks = [tick for tick in grid.ticks if tick < end]
    return _without_overlaps(
        Axis(full.low, full.high, (*ticks, end), (*full.labels[: len(ticks)], name)), width
    )


def powers(first: float, last: float, width: int) -> Axis:
    """Return the logarithmic axis from `first` to `last` in `width` columns."""
    low, high = log10(first), log10(last)
    grid = _best(_log_grids(low, high), low, high, width, 9)
    return _without_overlaps(grid.axis(width, _log_labels(grid)), width)


def updates_shown(done: int, total: int) -> int:
    """Return the last update of the axis, which doubles a few times instead of always growing."""
    for part in (8, 4, 2):
        if done <= total // part:
            return max(1, total // part)
    return max(1, total, done)


def values(low: float, high: float, height: int, quantity: Quantity, log: bool = False) -> Axis:
    """Return the axis for values from `low` to `high` in `height` rows.

    Args:
        low: the smallest value, in the unit of the quantity.
        high: the largest value.
        height: rows of the axis, at least 2.
        quantity: decides the form of the labels.
        log: whether the axis is logarithmic; both values must then be positive.
    """
    if log:
        if high <= low * (1 + 1e-6):
            low, high = low / 2, high * 2
        low, high = log10(low), log10(high)
        grid = _best(_log_grids(low, high), low, high, height, 1)
        return grid.axis(height, _log_labels(grid))
    if high - low <= max(SMALLEST_MAGNITUDE, 1e-6 * max(abs(low), abs(high))):
        low, high = _limits_around(low, high, quantity)
    grid = _best(_linear_grids(low, high), low, high, height, 1)
    return grid.axis(height, labels(grid.ticks, quantity))


def _limits_around(low: float, high: float, quantity: Quantity) -> tuple[float, float]:
    """Return limits around a single value, which is in the middle if the quantity allows it."""
    size = max(abs(low), abs(high))
    margin = 0.1 * size if size > SMALLEST_MAGNITUDE else 1.0
    if quantity == "percent" and size <= 100:
        margin, high = 5.0, min(high, 95.0)
    return max(low - margin, min(low, 0.0)), high + margin


def _best(grids: Sequence[_Grid], low: float, high: float, cells: int, label: int) -> _Grid:
    """Return the grid of the highest fitness."""
    best = max(grids, key=lambda grid: grid.fitness(low, high, cells, label))
    if best.fitness(low, high, cells, label):
        return best
    # Too few cells for all ticks of any grid: keep both ends of the shortest one.
    ends = [_Grid((grid.ticks[0], grid.ticks[-1]), grid.ticks[-1], None) for grid in grids]
    usable = [grid for grid in ends if grid.fitness(low, high, cells, 1)]
    return min(usable, key=lambda grid: grid.end - grid.ticks[0])


def _linear_grids(low: float, high: float) -> list[_Grid]:
    """Return grids of round steps that enclose two values, or end one step inside them."""
    grids = []
    for step in _steps(high - low):
        bottom, top = floor(low / step + TOLERANCE), ceil(high / step - TOLERANCE)
        for first, last in product((bottom, bottom + 1), (top, top - 1)):
            if 0 < last - first <= MAX_STEPS:
                ticks = multiples(first * step, last * step, step)
                grids.append(_Grid(tuple(ticks), ticks[-1], step))
    return grids


def _log_grids(low: float, high: float) -> list[_Grid]:
    """Return grids of round numbers that enclose 10^low and 10^high, as logarithms."""
    grids = []
    if high - low < 1:
        for linear in _linear_grids(10**low, 10**high):
            if linear.ticks[0] > 0:
                ticks = tuple(log10(tick) for tick in linear.ticks)
                grids.append(_Grid(ticks, ticks[-1], None))
    for heads in ((1, 2, 5), (1, 3)):
        decades = range(floor(low) - 1, ceil(high) + 2)
        every = [decade + log10(head) for decade in decades for head in heads]
        first = max(at for at, tick in enumerate(every) if tick <= low + TOLERANCE)
        last = min(at for at, tick in enumerate(every) if tick >= high - TOLERANCE)
        ticks = tuple(every[first : last + 1])
        if 0 < last - first <= MAX_STEPS:
            grids.append(_Grid(ticks, ticks[-1], 1.0 if ticks[-1] - ticks[0] >= 1 else None))
    # Whole powers of ten, one or more from tick to tick.
    even = _linear_grids(low, high)
    return grids + [grid for grid in even if grid.period and grid.period % 1 == 0]


def _steps(span: float) -> Iterator[float]:
    """Return round steps that fit into `span` at most a hundred times, or are longer than it.

    The longest come first, so that fewer ticks win between grids of equal fitness.
    """
    power = floor(log10(span))
    for exponent in range(power + 1, power - 2, -1):
        for head in (5, 2.5, 2, 1):
            yield float(f"{head}e{exponent}")


def multiples(low: float, high: float, step: float) -> list[float]:
    """Return the multiples of `step` from `low` to `high`."""
    first, last = ceil(low / step - TOLERANCE), floor(high / step + TOLERANCE)
    return [float(f"{i * step:.12g}") for i in range(first, last + 1)]


def labels(ticks: Sequence[float], quantity: Quantity) -> list[str]:
    """Return the labels of ticks, all with as many decimals as one of them needs."""
    unit = " %" if quantity == "percent" else ""
    return [f"{label}{unit}" for label in _decimal_labels(ticks)]


def _log_labels(grid: _Grid) -> list[str]:
    """Return the labels of a grid of logarithms, all with as many decimals within one decade."""
    ticks = [float(f"{10**tick:.10g}") for tick in grid.ticks]
    return [_short(tick) for tick in ticks] if grid.period else _decimal_labels(ticks)


def _decimal_labels(ticks: Sequence[float], thousands: str = "") -> list[str]:
    """Return numbers with the decimals that one of them needs, or as powers of ten if too long."""
    decimals = next((d for d in range(5) if all(round(t, d) == t for t in ticks)), None)
    if decimals is None or (not thousands and max(map(abs, ticks)) >= 1e5):
        return [_short(tick) for tick in ticks]
    return [f"{tick:{thousands}.{decimals}f}" for tick in ticks]


def _short(number: float) -> str:
    """Return the shortest text for a number."""
    if not number or 1e-4 <= abs(number) < 1e5:
        return f"{number:.10g}"
    head, exponent = f"{number:.9e}".split("e")
    return f"{head.rstrip('0').rstrip('.')}e{int(exponent)}"


def _start(column: int, label: str) -> int:
    """Return the column at which textual-plot begins a label that is centred on `column`."""
    return column - len(label) // 2 + (len(label) % 2 == 0)


def _without_overlaps(axis: Axis, width: int) -> Axis:
    """Return a horizontal axis without the labels that would overlap others.

    The last label always stays. It ends with the frame, one column after the last: textual-plot
    centres it on its tick, and trailing blanks move it to the left. Ticks above it are dropped,
    since it would seem to be theirs; all other ticks stay.
    """
    starts = [
        _start(axis.cell(tick, width), label)
        for tick, label in zip(axis.ticks, axis.labels, strict=True)
    ]
    over = max(0, starts[-1] + len(axis.labels[-1]) - (width + 1))
    end, free = starts[-1] - over, -inf
    shown: list[tuple[float, str]] = []
    for tick, start, label in zip(axis.ticks[:-1], starts, axis.labels, strict=False):
        if free < start and start + len(label) < end:
            shown.append((tick, label))
            free = start + len(label)
        elif axis.cell(tick, width) < end:
            shown.append((tick, ""))
    shown.append((axis.ticks[-1], axis.labels[-1] + " " * (2 * over)))
    ticks, labels = zip(*shown, strict=True)
    return replace(axis, ticks=ticks, labels=labels)

"""Where an axis begins and ends, and which round numbers stand beside it.

A tick stands in the middle of a row or a column. Ticks that are equally far apart in value take the
same whole number of cells each, so that a value can be read off between them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product
from math import ceil, floor, inf, log10
from typing import Literal

Quantity = Literal["loss", "percent", "rate"]

MOST = 8
"""Steps between the ticks of an axis, at most."""

ROUNDED = 1e-9
"""Of a step: what rounding may add to a value without another step for it."""

READABLE = 0.4, 0.6, 0.85
"""How well an axis with one tick, two, and three is read; with more it is 1."""

BEYOND = 0.25
"""Of a cell: how far beyond the first or last tick a value may lie, still in the row of it."""

CROWDED = 0.6
"""How well one is read that has a label in every row."""

TINIEST, HUGEST = 1e-300, 1e300
"""Magnitudes between which the arithmetic of an axis neither vanishes nor overflows."""


@dataclass(frozen=True)
class Axis:
    """Limits and ticks, in the coordinates that are drawn: logarithms where it is logarithmic."""

    low: float
    """At the outer edge of the first cell; the first tick is in the middle of it."""
    high: float
    """At the outer edge of the last cell."""
    ticks: tuple[float, ...]
    labels: tuple[str, ...]

    def cell(self, at: float, cells: int) -> int:
        """Return which of so many cells, from 0, a coordinate falls into."""
        return floor((at - self.low) / (self.high - self.low) * cells)


@dataclass(frozen=True)
class _Grid:
    """Ticks that an axis may have, the first of them at its beginning."""

    ticks: tuple[float, ...]
    end: float
    """Where the axis may end at the earliest: at the last tick, or behind it."""
    period: float | None
    """What takes a whole number of cells; None where no distance comes twice."""

    def scale(self, cells: int) -> float:
        """Return how many cells a unit takes; 0 where they are too few."""
        if self.period is None:
            return (cells - 1) / (self.end - self.ticks[0])
        periods = (self.end - self.ticks[0]) / self.period
        return floor((cells - 1) / periods + ROUNDED) / self.period

    def fitness(self, low: float, high: float, cells: int, label: int) -> float:
        """Return how well values are seen and read, from 0, not at all, to 1.

        Args:
            low: the lowest value.
            high: the highest.
            cells: rows or columns there are.
            label: cells that a label takes.
        """
        scale = self.scale(cells)
        gap = scale * min((b - a for a, b in pairwise(self.ticks)), default=inf)
        below, above = (self.ticks[0] - low) * scale, (high - self.end) * scale
        if gap < label - ROUNDED or max(below, above) > BEYOND:
            return 0.0
        readable = (*READABLE, 1.0)[min(len(self.ticks) - 1, len(READABLE))]
        filled = min(1.0, (high - low) * scale / (cells - 1))
        return round(filled * readable * (CROWDED if gap < 2 - ROUNDED else 1.0), 6)

    def axis(self, cells: int, labels: Sequence[str]) -> Axis:
        """Return the axis in so many cells."""
        scale, low = self.scale(cells), self.ticks[0]
        return Axis(low - 0.5 / scale, low + (cells - 0.5) / scale, self.ticks, tuple(labels))


def updates(last: int, width: int) -> Axis:
    """Return the axis of updates from 0 to `last`, labelled in `width` columns."""
    return along(last, width, "updates")


def along(last: float, width: int, unit: str) -> Axis:
    """Return the axis from 0 to `last`, labelled in `width` columns, the last label with `unit`."""
    whole = unit == "updates"
    # As many decimals as it takes to tell one column from the next.
    decimals = 0 if whole else max(0, ceil(log10((width - 1) / last)))
    end = round(last, decimals)
    number = f"{end:,.{decimals}f}"
    name = f"{number} {unit}"
    name = name if len(name) + 4 <= width else number
    steps = [step for step in _steps(last) if not whole or step % 1 == 0]
    grids = [_Grid(tuple(multiples(0, last, step)), last, step) for step in steps if step <= last]
    grids = [grid for grid in grids if len(grid.ticks) <= MOST] + [_Grid((0.0,), last, None)]
    grid = _best(grids, 0, last, width, len(number) + 2)
    made = grid.axis(width, _plain(grid.ticks, ","))
    ticks = [tick for tick in grid.ticks if tick < end]
    return _apart(
        Axis(made.low, made.high, (*ticks, end), (*made.labels[: len(ticks)], name)), width
    )


def powers(first: float, last: float, width: int) -> Axis:
    """Return the logarithmic axis from `first` to `last`, labelled in `width` columns."""
    low, high = log10(first), log10(last)
    grid = _best(_logarithmic(low, high), low, high, width, 9)
    return _apart(grid.axis(width, _raised(grid)), width)


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
        height: rows there are, 2 at least.
        quantity: what it is; says how it is labelled.
        log: whether it is logarithmic; both values must then be positive.
    """
    if log:
        if high <= low * (1 + 1e-6):
            low, high = low / 2, high * 2
        low, high = log10(low), log10(high)
        grid = _best(_logarithmic(low, high), low, high, height, 1)
        return grid.axis(height, _raised(grid))
    if high - low <= max(TINIEST, 1e-6 * max(abs(low), abs(high))):
        low, high = _around(low, high, quantity)
    grid = _best(_even(low, high), low, high, height, 1)
    return grid.axis(height, labels(grid.ticks, quantity))


def _around(low: float, high: float, quantity: Quantity) -> tuple[float, float]:
    """Return limits between which one value stands, in the middle where there is room for that."""
    size = max(abs(low), abs(high))
    margin = 0.1 * size if size > TINIEST else 1.0
    if quantity == "percent" and size <= 100:
        margin, high = 5.0, min(high, 95.0)
    return max(low - margin, min(low, 0.0)), high + margin


def _best(grids: Sequence[_Grid], low: float, high: float, cells: int, label: int) -> _Grid:
    found = max(grids, key=lambda grid: grid.fitness(low, high, cells, label))
    if found.fitness(low, high, cells, label):
        return found
    # Too few cells for any of them: the ends of the one that is the least too long.
    every = [_Grid((grid.ticks[0], grid.ticks[-1]), grid.ticks[-1], None) for grid in grids]
    around = [grid for grid in every if grid.fitness(low, high, cells, 1)]
    return min(around, key=lambda grid: grid.end - grid.ticks[0])


def _even(low: float, high: float) -> list[_Grid]:
    """Return grids of round steps around two values, or a little within."""
    grids = []
    for step in _steps(high - low):
        bottom, top = floor(low / step + ROUNDED), ceil(high / step - ROUNDED)
        for first, last in product((bottom, bottom + 1), (top, top - 1)):
            if 0 < last - first <= MOST:
                ticks = multiples(first * step, last * step, step)
                grids.append(_Grid(tuple(ticks), ticks[-1], step))
    return grids


def _logarithmic(low: float, high: float) -> list[_Grid]:
    """Return grids of round numbers around 10^low and 10^high, as logarithms."""
    grids = []
    if high - low < 1:
        for even in _even(10**low, 10**high):
            if even.ticks[0] > 0:
                ticks = tuple(log10(tick) for tick in even.ticks)
                grids.append(_Grid(ticks, ticks[-1], None))
    for heads in ((1, 2, 5), (1, 3)):
        decades = range(floor(low) - 1, ceil(high) + 2)
        every = [decade + log10(head) for decade in decades for head in heads]
        first = max(at for at, tick in enumerate(every) if tick <= low + ROUNDED)
        last = min(at for at, tick in enumerate(every) if tick >= high - ROUNDED)
        ticks = tuple(every[first : last + 1])
        if 0 < last - first <= MOST:
            grids.append(_Grid(ticks, ticks[-1], 1.0 if ticks[-1] - ticks[0] >= 1 else None))
    # Whole powers of ten, one or more from tick to tick.
    return grids + [grid for grid in _even(low, high) if grid.period and grid.period % 1 == 0]


def _steps(span: float) -> Iterator[float]:
    """Return round steps that go into `span` not at all, or at most a hundred times.

    The longest come first: of two that are as good, there are to be fewer ticks.
    """
    power = floor(log10(span))
    for exponent in range(power + 1, power - 2, -1):
        for head in (5, 2.5, 2, 1):
            yield float(f"{head}e{exponent}")


def multiples(low: float, high: float, step: float) -> list[float]:
    """Return the multiples of `step` from `low` to `high`."""
    first, last = ceil(low / step - ROUNDED), floor(high / step + ROUNDED)
    return [float(f"{i * step:.12g}") for i in range(first, last + 1)]


def labels(ticks: Sequence[float], quantity: Quantity) -> list[str]:
    """Return each tick in words, all with as many decimals as they need."""
    unit = " %" if quantity == "percent" else ""
    return [f"{label}{unit}" for label in _plain(ticks)]


def _raised(grid: _Grid) -> list[str]:
    """Return the labels of a grid of logarithms; within a decade all have as many decimals."""
    ticks = [float(f"{10**tick:.10g}") for tick in grid.ticks]
    return [_short(tick) for tick in ticks] if grid.period else _plain(ticks)


def _plain(ticks: Sequence[float], thousands: str = "") -> list[str]:
    """Return numbers with as many decimals as they need, or as powers of ten where that is long."""
    decimals = next((d for d in range(5) if all(round(t, d) == t for t in ticks)), None)
    if decimals is None or (not thousands and max(map(abs, ticks)) >= 1e5):
        return [_short(tick) for tick in ticks]
    return [f"{tick:{thousands}.{decimals}f}" for tick in ticks]


def _short(number: float) -> str:
    """Return a number in few characters."""
    if not number or 1e-4 <= abs(number) < 1e5:
        return f"{number:.10g}"
    head, exponent = f"{number:.9e}".split("e")
    return f"{head.rstrip('0').rstrip('.')}e{int(exponent)}"


def _start(column: int, label: str) -> int:
    """Return where a label begins that is centred on a column, as the plot does that."""
    return column - len(label) // 2 + (len(label) % 2 == 0)


def _apart(axis: Axis, width: int) -> Axis:
    """Return an axis of columns without the labels that would run into another.

    The last one ends with the frame, a column to the right of the last: the plot centres it on its
    tick, and blanks behind it move it to the left. A tick above it, which would seem to be meant,
    makes room; all others stay.
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

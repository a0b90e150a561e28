"""Brushes: ranges of axes, outside of which trials are left out."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import isnan
from typing import Literal

from core.sweeps.analysis.dimensions import Dimension
from core.sweeps.analysis.places import Places

STEP = 0.05
"""Part of an axis by which a key moves an end of its brush."""

SLACK = 1e-9
"""Rounding error that is tolerated at the end of a brush."""

End = Literal["low", "high"]
Range = tuple[float, float]


@dataclass(frozen=True)
class Brushes:
    """The ranges that are chosen, by the name of the axis; an axis without one is whole."""

    ranges: Mapping[str, Range] = field(default_factory=dict)

    def of(self, name: str) -> Range:
        """Return the range of an axis, from 0 to 1."""
        return self.ranges.get(name, (0.0, 1.0))

    def moved(self, name: str, end: End, direction: int, choices: int = 0) -> "Brushes":
        """Return the brushes with one end of a range moved by a step; the range is never empty.

        Args:
            name: name of the axis.
            end: which end.
            direction: 1 for up, -1 for down.
            choices: number of the values of a choice, which are the steps; 0 for a number.
        """
        step = 1 / max(1, choices - 1) if choices else STEP
        low, high = self.of(name)
        least = 0.0 if choices else STEP
        if end == "low":
            low = round(min(max(0.0, low + direction * step), high - least), 9)
        else:
            high = round(max(min(1.0, high + direction * step), low + least), 9)
        others = {each: given for each, given in self.ranges.items() if each != name}
        if (low, high) != (0.0, 1.0):
            others[name] = (low, high)
        return replace(self, ranges=others)

    def without(self, name: str) -> "Brushes":
        """Return the brushes with one axis whole again."""
        return Brushes({each: given for each, given in self.ranges.items() if each != name})

    def inside(self, names: list[str], places: Places) -> list[bool]:
        """Return for each trial whether it is within all ranges.

        Args:
            names: names of the axes.
            places: of the trials; shape (trials, axes).
        """
        wanted = [(names.index(name), *given) for name, given in self.ranges.items()
                  if name in names]  # fmt: skip
        return [
            all(
                not isnan(row[at]) and low - SLACK <= row[at] <= high + SLACK
                for at, low, high in wanted
            )
            for row in places.tolist()
        ]


def choices_of(one: Dimension | None) -> int:
    """Return the number of values of a choice, 0 for a number or the accuracy."""
    return len(one.choices) if one is not None and one.kind == "choice" else 0

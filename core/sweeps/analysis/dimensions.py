"""The settings that vary in a study, and where their values stand on an axis."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, isfinite, log, log10, nan
from typing import Any, Literal

from core import format as fmt
from core.config.architecture import ShortForm

Kind = Literal["choice", "linear", "log", "integer"]

KINDS: tuple[Kind, ...] = ("choice", "linear", "log", "integer")
"""The ways to draw a setting, as a study's file names them."""


@dataclass(frozen=True)
class Dimension:
    """One setting that varies."""

    name: str
    kind: Kind
    choices: tuple[Any, ...] = ()
    """The values of a choice."""
    low: float = 0.0
    high: float = 1.0
    log: bool = False
    """Whether its axis is logarithmic."""

    def place(self, value: Any) -> float:
        """Return where a value stands on the axis, from 0 to 1; NaN if it has none.

        A trial lacks a setting whose condition it does not meet.
        """
        if value is None:
            return nan
        if self.kind == "choice":
            found = next((at for at, one in enumerate(self.choices) if one == value), None)
            return nan if found is None else found / max(1, len(self.choices) - 1)
        try:
            number = float(value)
        except (TypeError, ValueError):
            return nan
        low, high = self.low, self.high
        if self.log:
            if number <= 0:
                return nan
            low, high, number = log(low), log(high), log(number)
        at = (number - low) / (high - low) if high > low else 0.5
        return at if isfinite(at) else nan

    def at(self, place: float) -> str:
        """Return the value at a place from 0 to 1 as text, for the ends of an axis or a brush."""
        if self.kind == "choice":
            return shown(self.choices[round(place * (len(self.choices) - 1))])
        if self.log:
            value = self.low * (self.high / self.low) ** place
            return shown(round(value) if self.kind == "integer" else value)
        value = self.low + (self.high - self.low) * place
        return shown(round(value) if self.kind == "integer" else value)

    def ticks(self, most: int = 7) -> list[tuple[float, str]]:
        """Return places and labels of ticks: all choices, or both ends and round numbers between.

        Args:
            most: number of ticks of a number, at most; at least 2.
        """
        if self.kind == "choice":
            return [(self.place(value), shown(value)) for value in self.choices]
        if self.log:
            values = _round_powers(self.low, self.high, most)
        else:
            values = _multiples(self.low, self.high, most, self.kind == "integer")
        ends = [(0.0, self.at(0)), (1.0, self.at(1))]
        # The ends of the range matter more than a round number beside them.
        apart = 0.7 / most
        between = [(self.place(value), shown(float(f"{value:.6g}"))) for value in values]
        return [ends[0], *(tick for tick in between if apart < tick[0] < 1 - apart), ends[1]]


def _round_powers(low: float, high: float, most: int) -> list[float]:
    """Return round numbers on a logarithmic axis, as many as there may be."""
    decades = range(floor(log10(low)), floor(log10(high)) + 1)
    found: list[float] = []
    for parts in ((1, 2, 5), (1, 3), (1,)):
        values = [float(f"{part}e{n}") for n in decades for part in parts]
        found = [value for value in values if low <= value <= high]
        if len(found) <= most:
            break
    return found


def _multiples(low: float, high: float, most: int, whole: bool) -> list[float]:
    """Return multiples of a round step, as many as there may be."""
    least = (high - low) / max(1, most - 1)
    base = floor(log10(least))
    steps = [part * 10.0 ** (base + up) for up in range(12) for part in (1, 2, 2.5, 5)]
    step = next(each for each in steps if each >= least * 0.999 and (not whole or each % 1 == 0))
    first = ceil(low / step - 1e-9)
    return [n * step for n in range(first, floor(high / step + 1e-9) + 1)]


def dimensions(definition: Mapping[str, Any]) -> tuple[Dimension, ...]:
    """Return what varies in a study, in the order of its definition."""
    space = definition.get("space", {})
    return tuple(_dimension(name, given) for name, given in space.items())


def varying(found: Sequence[Dimension]) -> tuple[Dimension, ...]:
    """Return the dimensions with more than one value, which are worth an axis."""
    return tuple(
        one
        for one in found
        if (len(one.choices) > 1 if one.kind == "choice" else one.low < one.high)
    )


def _dimension(name: str, given: Mapping[str, Any]) -> Dimension:
    if "choice" in given:
        return Dimension(name, "choice", tuple(given["choice"]))
    # First, because whole numbers that are even in the logarithm have both keys.
    kinds: tuple[Kind, ...] = ("integer", "log", "linear")
    kind = next(kind for kind in kinds if kind in given)
    low, high = given[kind][:2]
    return Dimension(name, kind, (), float(low), float(high), bool(given.get("log")))


def shown(value: Any) -> str:
    """Return a value of a setting as short text."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return f"{value:,}" if abs(value) < 100_000 else fmt.number(value, 3)
    if isinstance(value, float):
        return fmt.number(value, 3)
    if isinstance(value, list | tuple):
        return _network(value)
    return str(value)


def _network(layers: Sequence[Any]) -> str:
    """Return an architecture in its short form, or by its number of layers."""
    from core.layers.registry import parse

    try:
        short = ShortForm.of(parse(layers), 10)
    except ValueError:
        short = None
    return short or fmt.counted(len(layers), "layer")

"""How the values of one setting are drawn, as `[space]` of a study writes it.

    eta_max = { log = [0.004, 0.06] }           even in the logarithm, two digits
    label_smoothing = { linear = [0.0, 0.2] }   even, two digits
    largest_shift = { integer = [1, 4] }        whole numbers, both ends included
    copies = { integer = [1000, 50000], log = true }
    batch_size = { choice = [50, 100, 200] }    one of a list
    momentum = { linear = [0.5, 0.99], when = { optimiser = ["sgd"] } }

A setting with `when` is part of a trial only if every setting named there is, with one of the
values listed.
"""

import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from core.settings import SettingError, quoted

KINDS = ("choice", "linear", "log", "integer")
"""The ways to draw a value, by their key in a study."""

EXAMPLE = "{ log = [0.001, 0.1] }, or linear, integer or choice in its place"

SMALLEST = -290
"""Power of ten below which no digits are counted: the quotients would be no floats."""

MIN_STEPS = 9.5
"""Fewest steps of the last digit between two bounds: 10, less what rounding takes from a quotient
that is exact on paper."""


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """How the values of one setting are drawn."""

    kind: ClassVar[str]
    when: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    """Values that other settings must have, by name; empty if there is no condition."""

    def draw(self, rng: np.random.Generator) -> Any:
        """Return a value; always takes the same amount from the generator."""
        raise NotImplementedError

    def finite(self) -> tuple[Any, ...] | None:
        """Return all values in order; None if they are too many to try."""
        return None

    def table(self) -> dict[str, Any]:
        """Return it as a plain table of a study, from which `parse` returns an equal one."""
        when = {name: list(values) for name, values in self.when.items()}
        return {**self._own(), **({"when": when} if when else {})}

    def _own(self) -> dict[str, Any]:
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Choice(Distribution):
    """One of some values, each as likely."""

    kind = "choice"
    values: tuple[Any, ...]

    def draw(self, rng: np.random.Generator) -> Any:
        """Return one of the values."""
        return self.values[rng.integers(len(self.values))]

    def finite(self) -> tuple[Any, ...]:
        """Return the values."""
        return self.values

    def _own(self) -> dict[str, Any]:
        return {"choice": list(self.values)}


@dataclass(frozen=True, kw_only=True)
class Linear(Distribution):
    """A number between two bounds, uniform."""

    kind = "linear"
    low: float
    high: float

    def draw(self, rng: np.random.Generator) -> float:
        """Return a number, rounded."""
        return self.rounded(rng.uniform(self.low, self.high))

    def rounded(self, value: float) -> float:
        """Return a number in two digits, or more between bounds so close that these say too little.

        Validation images cannot distinguish smaller differences, and short numbers can be read and
        typed again. The result is within the bounds, even if they have more digits.
        """
        decade = math.floor(math.log10(max(abs(self.low), abs(self.high)))) + 1
        digits = 2
        decade = max(decade, SMALLEST)
        while (self.high - self.low) * 10.0 ** (digits - decade) < MIN_STEPS and digits < 17:
            digits += 1
        return min(max(float(f"{value:.{digits - 1}e}"), self.low), self.high)

    def _own(self) -> dict[str, Any]:
        return {self.kind: [self.low, self.high]}


@dataclass(frozen=True, kw_only=True)
class Log(Linear):
    """A number between two bounds above 0, uniform in the logarithm."""

    kind = "log"

    def draw(self, rng: np.random.Generator) -> float:
        """Return a number, rounded."""
        return self.rounded(math.exp(rng.uniform(math.log(self.low), math.log(self.high))))


@dataclass(frozen=True, kw_only=True)
class Integer(Distribution):
    """A whole number from one bound to another, uniform, or uniform in the logarithm."""

    kind = "integer"
    low: int
    high: int
    log: bool = False

    def draw(self, rng: np.random.Generator) -> int:
        """Return a whole number."""
        if not self.log:
            return int(rng.integers(self.low, self.high + 1))
        # Half a step beyond each bound, so that the bounds are as likely as their neighbours.
        drawn = rng.uniform(math.log(self.low - 0.5), math.log(self.high + 0.5))
        return min(max(round(math.exp(drawn)), self.low), self.high)

    def finite(self) -> tuple[int, ...]:
        """Return all numbers."""
        return tuple(range(self.low, self.high + 1))

    def _own(self) -> dict[str, Any]:
        return {"integer": [self.low, self.high], **({"log": True} if self.log else {})}


def parse(name: str, table: Any) -> Distribution:
    """Return the distribution in a table of a study.

    Args:
        name: name of the setting, for messages.
        table: such as `{"log": [0.001, 0.1]}`; a `Distribution` is returned as it is.

    Raises:
        SettingError: if it is invalid.
    """
    if isinstance(table, Distribution):
        return table
    where = f"space.{name}"
    if not isinstance(table, Mapping):
        raise SettingError(where, f"{quoted(table)} says not how it varies; write {EXAMPLE}")
    kinds = [kind for kind in KINDS if kind in table]
    if "integer" in kinds and "log" in kinds and not isinstance(table["log"], list | tuple):
        if not isinstance(table["log"], bool):
            raise SettingError(
                where, f"log beside integer is true or false, not {quoted(table['log'])}"
            )
        kinds.remove("log")
    if len(kinds) != 1:
        what = "is drawn in two ways at once" if kinds else "says not how it varies"
        raise SettingError(where, f"it {what}; write {EXAMPLE}")
    kind = kinds[0]
    extra = [key for key in table if key not in (kind, "when")]
    if extra and not (kind == "integer" and extra == ["log"]):
        raise SettingError(where, f"there is no {extra[0]!r} beside {kind}; there is 'when'")
    when = _condition(where, table.get("when", {}))
    if kind == "choice":
        return Choice(values=_values(where, table["choice"]), when=when)
    low, high = _bounds(where, kind, table[kind])
    log = kind == "log" or (kind == "integer" and bool(table.get("log")))
    if log and low <= 0:
        raise SettingError(
            where, f"a logarithm begins above 0, not at {low:g}; raise the lower bound"
        )
    if kind == "integer":
        return Integer(low=int(low), high=int(high), log=log, when=when)
    return (Log if log else Linear)(low=low, high=high, when=when)


def flat(tables: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Return tables within the table `architecture` under dotted names.

    TOML reads `architecture.1.filters = ...` as tables in tables. A table that has a `kind` is a
    layer, and one that draws values a distribution; neither is taken apart.
    """
    found: dict[str, Any] = {}
    for key, value in tables.items():
        name = f"{above}{key}"
        own = isinstance(value, Mapping) and not {*KINDS, "kind"}.intersection(value)
        if own and value and name.partition(".")[0] == "architecture":
            found |= flat(value, f"{name}.")
        else:
            found[name] = value
    return found


def _values(where: str, given: Any) -> tuple[Any, ...]:
    if not isinstance(given, list | tuple) or not given:
        raise SettingError(where, "a choice is a list of 1 value at least, such as [50, 100]")
    for index, value in enumerate(given):
        if value in given[:index]:
            raise SettingError(where, f"its choices have {quoted(value)} twice; leave one out")
    return tuple(given)


def _bounds(where: str, kind: str, given: Any) -> tuple[float, float]:
    pair = list(given) if isinstance(given, list | tuple) else []
    text = next((each for each in pair if isinstance(each, str | bool)), None)
    if len(pair) == 2 and text is not None:
        raise SettingError(where, f"its bounds are numbers, and {quoted(text)} is none")
    if len(pair) != 2 or not all(map(_is_number, pair)):
        raise SettingError(where, f"{kind} takes a lower and an upper bound, such as [1, 5]")
    low, high = pair
    if kind == "integer" and not (isinstance(low, int) and isinstance(high, int)):
        raise SettingError(where, f"integer takes whole numbers, not {low!r} and {high!r}")
    if low >= high:
        raise SettingError(
            where, f"its lower bound {low:g} is not below the upper, {high:g}; write lower first"
        )
    return low, high


def _is_number(value: Any) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and abs(value) <= sys.float_info.max
    )


def _condition(where: str, given: Any) -> dict[str, tuple[Any, ...]]:
    if not isinstance(given, Mapping):
        raise SettingError(
            where,
            f'when is a table of values, such as {{ optimiser = ["sgd"] }}, not {quoted(given)}',
        )
    found = {}
    for name, values in flat(given).items():
        values = values if isinstance(values, list | tuple) else [values]
        if not values:
            raise SettingError(where, f"its condition lists no value of {name}; name one at least")
        found[name] = tuple(values)
    return found

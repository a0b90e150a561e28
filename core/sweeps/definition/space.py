"""All settings that vary in a study: conditions between them, and draws of all at once."""

import json
from collections.abc import Collection, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

import numpy as np

from core.settings import SettingError, quoted
from core.sweeps.definition.distributions import Choice, Distribution, Integer

Space = Mapping[str, Distribution]
"""The distributions of the settings that vary, by name."""

Settings = dict[str, Any]
"""Values of settings by name; those whose condition is not met are absent."""


def check_conditions(space: Space) -> None:
    """Check that conditions name settings that vary, values that these take, and no circle.

    Raises:
        SettingError: for the first that does not.
    """
    for name, distribution in space.items():
        for other, values in distribution.when.items():
            where, parent = f"space.{name}", space.get(other)
            if parent is None:
                raise SettingError(
                    where, f"its condition is on {other}, which does not vary; only [space] can be"
                )
            if not isinstance(parent, Choice | Integer):
                raise SettingError(
                    where,
                    f"its condition is on {other}, a number of any size; only a choice or an "
                    "integer can be",
                )
            for value in values:
                # 1 is equal to true, and is something else.
                if not any(
                    value == one and isinstance(value, bool) is isinstance(one, bool)
                    for one in parent.finite()
                ):
                    raise SettingError(
                        where,
                        f"its condition is that {other} is {quoted(value)}, which it never is",
                    )
    try:
        order(space)
    except CycleError as error:
        circle = " -> ".join(reversed(error.args[1]))
        raise SettingError("space", f"conditions lead back to where they began: {circle}") from None


def order(space: Space) -> tuple[str, ...]:
    """Return the names so that each follows those in its condition.

    Raises:
        CycleError: if conditions form a circle.
    """
    return tuple(
        TopologicalSorter({name: each.when for name, each in space.items()}).static_order()
    )


def holds(distribution: Distribution, values: Mapping[str, Any]) -> bool:
    """Return whether the condition of a setting is met by the settings before it."""
    return all(
        other in values and values[other] in wanted for other, wanted in distribution.when.items()
    )


def draw(space: Space, rng: np.random.Generator) -> Settings:
    """Return random settings.

    Every setting is drawn in the order of the space, and dropped if its condition is not met: so
    what is drawn for a setting does not depend on the conditions of others.
    """
    drawn = {name: each.draw(rng) for name, each in space.items()}
    if not any(each.when for each in space.values()):
        return drawn
    met: Settings = {}
    for name in order(space):
        if holds(space[name], met):
            met[name] = drawn[name]
    return {name: met[name] for name in space if name in met}


def is_finite(space: Space) -> bool:
    """Return whether all settings are choices or integers, so that they could all be tried."""
    return all(each.finite() is not None for each in space.values())


def every(space: Space) -> Iterator[Settings]:
    """Yield all settings of a finite space, each once, in a fixed order."""
    names = order(space)

    def further(at: int, values: Settings) -> Iterator[Settings]:
        if at == len(names):
            yield {name: values[name] for name in space if name in values}
            return
        name = names[at]
        if not holds(space[name], values):
            yield from further(at + 1, values)
            return
        for value in space[name].finite() or ():
            yield from further(at + 1, {**values, name: value})

    return further(0, {})


def first_unused(space: Space, used: Collection[str]) -> Settings | None:
    """Return the first settings of a finite space whose `key` is not in `used`; None if all are."""
    return next((settings for settings in every(space) if key(settings) not in used), None)


def key(settings: Mapping[str, Any]) -> str:
    """Return a text that is the same for the same settings."""
    return json.dumps(settings, sort_keys=True)

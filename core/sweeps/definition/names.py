"""What a study can set or vary: settings by name, and parts of an architecture by path.

    eta_max, lambda, ...            a setting, by its name or its symbol
    architecture                    the whole: a short form, or a list of layers
    architecture.filter             of a short form: filter size (and stride),
    architecture.filters            number of filters,
    architecture.hidden             and hidden units
    architecture.3.units            a setting of layer 3, counted from 1 as the app does
    architecture.3.layers.1.filters the same within a branch
    architecture.3                  layer 3 as a whole: a layer, or a list of layers in its place,
                                    which may be empty

Numbers are those of the architecture before anything is changed in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from core.config.experiment import FIELDS_BY_NAME, Experiment
from core.layers.registry import parse
from core.settings import Setting, SettingError, quoted, settings_of
from core.sweeps.definition.distributions import Choice, Distribution, Integer, Linear, flat
from core.sweeps.definition.layer_paths import (
    PREFIX,
    WHOLE,
    layer_at,
    overlap,
    paths,
    put,
    real_paths,
    with_lists_in_place,
)
from core.validation import explain

OF_THE_STUDY = {
    "name": "trials are named after the study",
    "seed": "write seeds, a list, above [fixed]",
    "validation_size": "write it above [fixed], as every trial has the same validation images",
    "half_cycle": "it follows from epochs or updates",
    "max_updates": "write updates above [fixed]",
    "evaluate_every": "trials are evaluated where they are compared",
}
"""Settings that the study itself determines, with what to do instead."""

POINTLESS = {
    "dataset": "accuracies on different images cannot be compared; it can be in [fixed]",
    "health": "it changes no result",
    "kept_checkpoints": "it changes no result",
    "training_sample": "it changes no result",
}
"""Settings that cannot vary, with the reason."""


def by_name(tables: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Return values of settings or distributions by the names that this module lists.

    Args:
        tables: as in TOML, where paths are tables in tables and settings may have their symbols.
        where: `fixed` or `space`, for messages.

    Raises:
        SettingError: if the study itself determines a setting, or it is given twice.
    """
    named = by_field(flat(tables), where)
    for name in named:
        if name in OF_THE_STUDY:
            raise SettingError(f"{where}.{name}", f"leave it out; {OF_THE_STUDY[name]}")
    return named


def by_field(values: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Return values with symbols of settings replaced by their names.

    Raises:
        SettingError: if a setting is given under both.
    """
    named: dict[str, Any] = {}
    for given, value in values.items():
        field = FIELDS_BY_NAME.get(given)
        name = field.name if field else given
        if name in named:
            raise SettingError(f"{where}.{given}", f"is the same setting as {name}; leave one out")
        named[name] = value
    return named


def with_conditions_by_name(name: str, distribution: Distribution) -> Distribution:
    """Return the distribution of a setting whose conditions name settings, not their symbols.

    Raises:
        SettingError: if a condition is on a setting under both.
    """
    return replace(distribution, when=by_field(distribution.when, f"space.{name}.when"))


def check_types(values: Mapping[str, Any], where: str) -> None:
    """Check that numbers are written as numbers, of the kind that their settings take.

    An experiment is more lenient, as a value can be typed on the command line.

    Args:
        values: values of settings by name; those of layers, and unknown ones, are not looked at.
        where: `base`, `fixed` or `space`, for messages.

    Raises:
        SettingError: for the first number in quotes, or with a point where it takes whole ones.
    """
    for name, value in values.items():
        field = FIELDS_BY_NAME.get(name)
        if field is None or field.choices or field.type not in (int, float):
            continue
        what = "whole number" if field.type is int else "number"
        if isinstance(value, str) and not field.pair:
            raise SettingError(
                f"{where}.{name}", f"{quoted(value)} is text, not a {what}; leave the quotes out"
            )
        if field.type is int and isinstance(value, float) and value.is_integer():
            raise SettingError(f"{where}.{name}", f"{value!r} is not a {what}; write {value:.0f}")


def check_apart(fixed: Sequence[str], varying: Sequence[str]) -> None:
    """Check that no setting, or part of an architecture, is both fixed and varied, or twice either.

    Raises:
        SettingError: for the first that is.
    """
    taken: dict[str, str] = {}
    for name in (*fixed, *varying):
        for path in paths(name):
            for other, its_name in taken.items():
                if not overlap(path, other):
                    continue
                if name in varying and its_name in fixed:
                    if its_name == WHOLE != name:
                        continue  # a part may vary of an architecture that is fixed
                    what = f"{its_name} is fixed; leave one of them out"
                else:
                    what = f"it and {its_name} are the same or part of each other; leave one out"
                raise SettingError(f"space.{name}" if name in varying else f"fixed.{name}", what)
            taken[path] = name


def changed(base: Experiment, values: Mapping[str, Any]) -> Experiment:
    """Return an experiment with other values, all at once.

    Raises:
        SettingError: if a value is invalid, or there is no such setting or layer.
    """
    plain = without_parts(values)
    parts = {name: value for name, value in values.items() if name not in plain}
    if not parts:
        return base.changed(**plain)
    whole = {name: plain[name] for name in ("dataset", WHOLE) if name in plain}
    specs = base.changed(**whole).architecture if whole else base.architecture
    layers: list[Any] = [layer.model_dump() for layer in specs]
    for name, value in parts.items():
        for path in real_paths(base, specs, name):
            put(layers, path.removeprefix(PREFIX).split("."), value)
    return base.changed(**{**plain, WHOLE: with_lists_in_place(layers)})


def without_parts(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values without those of parts of an architecture."""
    return {name: value for name, value in values.items() if not name.startswith(PREFIX)}


def check_distribution(base: Experiment, name: str, distribution: Distribution) -> None:
    """Check that a setting can vary, and that all of its values are within its range.

    Args:
        base: what trials start from, with the architecture that paths are of.
        name: name of the setting.
        distribution: its distribution.

    Raises:
        SettingError: if not; in one sentence.
    """
    where = f"space.{name}"
    if name in POINTLESS:
        raise SettingError(where, f"it cannot vary: {POINTLESS[name]}")
    try:
        setting = setting_of(base, name)
        if isinstance(distribution, Choice):
            for value in distribution.values:
                check_value(base, name, value)
            return
    except SettingError as error:
        raise SettingError(where, error.reason) from None
    assert isinstance(distribution, Linear | Integer)
    if setting is None:
        raise SettingError(where, "it is no number; write { choice = [...] }")
    if setting.choices:
        raise SettingError(
            where, f"it is one of {setting.range_and_unit()}; write {{ choice = [...] }}"
        )
    if setting.type is int and not isinstance(distribution, Integer):
        raise SettingError(
            where, f"it takes whole numbers; write integer in place of {distribution.kind}"
        )
    for bound in (distribution.low, distribution.high):
        low, high = setting.low, setting.high
        if (low is not None and bound < low) or (high is not None and bound > high):
            side = "below" if low is not None and bound < low else "above"
            raise SettingError(where, f"{quoted(bound)} is {side} its range{setting.range_words()}")


def check_value(base: Experiment, name: str, value: Any) -> None:
    """Check a value of a setting by itself, whatever it may be together with others.

    Raises:
        SettingError: if the setting cannot have it.
    """
    if not name.startswith(PREFIX):
        try:
            Experiment.of({"dataset": base.dataset, name: value})
        except SettingError as error:
            if error.field == name:
                raise
        return
    for path in real_paths(base, base.architecture, name):
        *_, last = path.split(".")
        layer = layer_at(base.architecture, path)
        try:
            if last.isdecimal():
                parse(value if isinstance(value, list | tuple) else [value]) if value != [] else ()
            else:
                type(layer).model_validate({**layer.model_dump(), last: value})
        except ValidationError as error:
            raise SettingError(name, explain(type(layer), error).reason) from None
        except ValueError as error:
            raise SettingError(name, str(error)) from None


def setting_of(base: Experiment, name: str) -> Setting | None:
    """Return the description of a setting; None for an architecture, or a layer as a whole.

    Raises:
        SettingError: if there is no such setting; the message suggests one that is spelled alike.
    """
    if name == WHOLE:
        return None
    if not name.startswith(PREFIX):
        if name not in FIELDS_BY_NAME:
            Experiment.of({name: 0})  # raises the error
        return FIELDS_BY_NAME[name]
    path = real_paths(base, base.architecture, name)[0]
    *_, last = path.split(".")
    layer = layer_at(base.architecture, path)
    if last.isdecimal():
        return None
    found = {setting.name: setting for setting in settings_of(type(layer))}
    if last not in found:
        if last in type(layer).model_fields:
            at = name.rpartition(".")[0]
            raise SettingError(name, f"write whole layers: {at} = {{ choice = [...] }}")
        try:
            type(layer).model_validate({**layer.model_dump(), last: 0})
        except ValidationError as error:
            raise SettingError(name, explain(type(layer), error).reason) from None
    return found[last]

"""Validation of settings, with errors of one sentence each."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, Self

from pydantic import BaseModel, ValidationError

from core.settings import Setting, SettingError, Settings, listed, quoted, settings_of

MOST_LISTED = 13
"""Largest number of names that a sentence lists."""


class CheckedSettings(Settings):
    """Settings that `of` constructs from plain values, with errors for the user."""

    @classmethod
    def of(cls, values: dict[str, Any]) -> Self:
        """Return the settings with `values`.

        Raises:
            SettingError: for the first validation error, in one sentence.
        """
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise cls.setting_error(error) from None

    @classmethod
    def setting_error(cls, error: ValidationError) -> SettingError:
        """Return the first validation error in one sentence."""
        return explain(cls, error)

    def changed(self, **values: Any) -> Self:
        """Return a validated copy with other values.

        Raises:
            SettingError: as `of`.
        """
        return self.of({**dict(self), **values})


def explain(model: type[BaseModel], error: ValidationError) -> SettingError:
    """Return the first of pydantic's validation errors for `model` in one sentence."""
    return _explain(model, error.errors()[0])


def _explain(model: type[BaseModel], entry: Any) -> SettingError:
    path = [str(part) for part in entry["loc"]]
    field = path[0] if path else ""
    known = {setting.name: setting for setting in settings_of(model)}
    given, kind = entry.get("input"), entry["type"]
    if kind == "extra_forbidden":
        name = quoted(field)[1:-1]
        return SettingError(name, f"there is no such setting{_instead(field, model, known)}")
    if kind == "missing":
        return SettingError(field, "is missing")
    if kind == "string_type" and not (field in known and known[field].choices):
        return SettingError(field, f"{quoted(given)} is not text")
    if field in known and len(path) == 1 and kind != "value_error":
        spec = known[field]
        if kind in ("greater_than_equal", "less_than_equal"):
            side = "below" if kind == "greater_than_equal" else "above"
            return SettingError(field, f"{quoted(given)} is {side} its range{spec.range_words()}")
        if spec.choices:
            return SettingError(field, f"{quoted(given)} is none of {listed(spec.choices)}")
        what = "whole number" if spec.type is int else "number"
        if spec.type is int and isinstance(given, float) and given.is_integer():
            return SettingError(field, f"{given!r} is not a {what}; write {given:.0f}")
        return SettingError(field, f"{quoted(given)} is not a {what}{spec.range_words()}")
    return SettingError(field, str(entry["msg"]).removeprefix("Value error, "))


def other_names(known: Iterable[Setting]) -> dict[str, str]:
    """Return the names of settings by their symbols and by their names in other programs."""
    return {other: each.name for each in known for other in (each.symbol, *each.also) if other}


def _instead(field: str, model: type[BaseModel], known: dict[str, Setting]) -> str:
    """Return a suggestion for a misspelt name, or the list of settings if it is short."""
    names = {name: name for name in model.model_fields} | other_names(known.values())
    near = get_close_matches(field[:40], names, 1)
    if near:
        return f"; did you mean {names[near[0]]!r}?"
    fields = [name for name in model.model_fields if name not in ("kind", "name")]
    if not fields:
        return "; it has none"
    return f"; it has {listed(tuple(fields))}" if len(fields) <= MOST_LISTED else ""

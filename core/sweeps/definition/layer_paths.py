"""Paths to the layers of an architecture, and to their settings: `architecture.3.units`."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.config.architecture import ShortForm
from core.config.experiment import Experiment
from core.layers.spec import LayerSpec
from core.settings import SettingError, quoted

WHOLE = "architecture"
PREFIX = f"{WHOLE}."

SHORT = {
    "filter": ("1.filter", "1.stride"),
    "filters": ("1.filters",),
    "hidden": ("3.units",),
}
"""Paths that the parts of a short form stand for."""


def paths(name: str) -> tuple[str, ...]:
    """Return the paths that a name stands for: more than one for the filter of a short form."""
    rest = name.removeprefix(PREFIX)
    return tuple(PREFIX + path for path in SHORT[rest]) if rest in SHORT else (name,)


def overlap(path: str, other: str) -> bool:
    """Return whether two paths are the same, or one leads into the other."""
    return f"{path}.".startswith(f"{other}.") or f"{other}.".startswith(f"{path}.")


def real_paths(base: Experiment, specs: tuple[LayerSpec, ...], name: str) -> tuple[str, ...]:
    """Return the paths of a name, all of which lead to a layer or to a setting of one.

    Args:
        base: the settings that the architecture belongs to.
        specs: the architecture.
        name: the name.

    Raises:
        SettingError: if it is none of a part.
    """
    rest = name.removeprefix(PREFIX)
    if rest in SHORT and ShortForm.of(specs, len(base.data.classes)) is None:
        raise SettingError(
            name,
            "the architecture has no short form, such as 4x4/10/50; "
            "name a layer by its number, as in architecture.1.filters",
        )
    found = paths(name)
    if not found[0].removeprefix(PREFIX).split(".")[0].isdecimal():
        raise SettingError(
            name,
            f"there is no such part; there are {', '.join(PREFIX + part for part in SHORT)}, and "
            "layers by number, as in architecture.1.filters",
        )
    return found


def layer_at(specs: Sequence[LayerSpec], path: str) -> LayerSpec:
    """Return the layer that a path leads to or into.

    Raises:
        SettingError: if there is none.
    """
    number, *rest = path.removeprefix(PREFIX).split(".")
    if not (number.isdecimal() and 1 <= int(number) <= len(specs)):
        raise SettingError(
            path, f"there is no layer {quoted(number)}; layers go from 1 to {len(specs)}"
        )
    layer = specs[int(number) - 1]
    if len(rest) < 2:
        return layer
    inner = getattr(layer, rest[0], None)
    if rest[0] != "layers" or not isinstance(inner, tuple):
        raise SettingError(path, f"layer {number} ({layer.title()}) has no {quoted(rest[0])}")
    return layer_at(inner, ".".join(rest[1:]))


def put(layers: list[Any], path: Sequence[str], value: Any) -> None:
    """Change a layer, or a setting of one, in a list of layers as plain values.

    Raises:
        SettingError: if there is no such layer.
    """
    number, *rest = path
    if not (number.isdecimal() and 1 <= int(number) <= len(layers)):
        raise SettingError(
            PREFIX + ".".join(path), f"there is no layer {number}; there are {len(layers)}"
        )
    at = int(number) - 1
    if not rest:
        layers[at] = value
    elif len(rest) == 1:
        layers[at] = {**layers[at], rest[0]: value}
    else:
        inner = layers[at] = dict(layers[at])
        inner[rest[0]] = [*inner.get(rest[0], ())]
        put(inner[rest[0]], rest[1:], value)


def with_lists_in_place(layers: Sequence[Any]) -> list[Any]:
    """Return layers with each list among them in its place, also within branches."""
    found: list[Any] = []
    for layer in layers:
        if isinstance(layer, list | tuple):
            found += with_lists_in_place(layer)
        elif isinstance(layer, Mapping) and "layers" in layer:
            found.append({**layer, "layers": with_lists_in_place(layer["layers"])})
        else:
            found.append(layer)
    return found

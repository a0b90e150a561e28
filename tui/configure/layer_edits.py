"""Pure functions that edit a list of layers."""

from collections.abc import Callable
from typing import Any

from core.layers.registry import kinds
from core.layers.spec import LayerSpec
from core.settings import Setting, Value, settings_of

Layers = tuple[LayerSpec, ...]


def inserted(layers: Layers, index: int, layer: LayerSpec) -> Layers:
    """Return the layers with one more after `index`."""
    return (*layers[: index + 1], layer, *layers[index + 1 :])


def added(
    layers: Layers, index: int, kind: str, classes: int, judge: Callable[[Layers], str | None]
) -> tuple[Layers | None, str]:
    """Return the layers with one more of a kind after `index`, with settings that fit there.

    Args:
        layers: the layers.
        index: index of the layer before it.
        kind: the kind.
        classes: number of classes of the data set.
        judge: returns why there cannot be such layers, None if there can.

    Returns:
        The layers, or None and why there are none.
    """
    reasons = []
    for layer in kinds()[kind].candidates(classes):
        new = inserted(layers, index, layer)
        reason = judge(new)
        if reason is None:
            return new, ""
        reasons.append(reason)
    return None, reasons[0]


def deleted(layers: Layers, index: int) -> Layers:
    """Return the layers without the one at `index`."""
    return (*layers[:index], *layers[index + 1 :])


def moved(layers: Layers, index: int, by: int) -> Layers:
    """Return the layers with the one at `index` moved by `by`, unchanged beyond either end."""
    to = index + by
    if not 0 <= to < len(layers):
        return layers
    swapped = list(layers)
    swapped[index], swapped[to] = swapped[to], swapped[index]
    return tuple(swapped)


def replaced(layers: Layers, index: int, layer: LayerSpec) -> Layers:
    """Return the layers with the one at `index` replaced."""
    return (*layers[:index], layer, *layers[index + 1 :])


def branch(layer: LayerSpec) -> Layers:
    """Return the layers within a layer; most kinds have none."""
    inner: Layers = getattr(layer, "layers", ())
    return inner


def numbers(layer: LayerSpec) -> tuple[Setting, ...]:
    """Return the settings of a layer; empty for a layer without parameters."""
    return settings_of(type(layer))


def keeping_size(layer: LayerSpec, values: dict[str, Value]) -> dict[str, Value] | None:
    """Return new settings of a window, and the padding that goes with them as the old one did.

    That is half of dilation (filter - 1) in each direction, with which a layer of stride 1 keeps
    the size of its input.

    Args:
        layer: the layer.
        values: new settings, without padding.

    Returns:
        The settings with that padding; None if there is none, or the old one is another.
    """
    names = {each.name for each in numbers(layer)}
    if not {"filter", "padding"} <= names or "padding" in values:
        return None
    old = {name: getattr(layer, name, 1) for name in ("filter", "padding", "dilation")}
    padding = []
    for side in (0, 1):
        before, after = (
            _side(each["dilation"], side) * (_side(each["filter"], side) - 1)
            for each in (old, {**old, **values})
        )
        if before != 2 * _side(old["padding"], side) or after % 2:
            return None
        padding.append(after // 2)
    down, across = padding
    return {**values, "padding": down if down == across else (down, across)}


def _side(value: Any, side: int) -> int:
    return int(value[side] if isinstance(value, tuple) else value)


def with_numbers(layer: LayerSpec, values: dict[str, Value]) -> LayerSpec:
    """Return the layer with other parameters.

    Raises:
        pydantic.ValidationError: if one of them is out of range.
    """
    return type(layer).model_validate({**layer.model_dump(), **values})

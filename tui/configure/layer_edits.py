"""Pure functions that edit a list of layers."""

from core.config.architecture import (
    CLASSES,
    AvgPool,
    BatchNorm,
    Conv,
    Conv1d,
    Dropout,
    Flatten,
    GlobalPool,
    LayerSpec,
    Linear,
    Pool,
    Relu,
)
from core.settings import Setting, Value, settings_of

Layers = tuple[LayerSpec, ...]

CANDIDATES: dict[str, tuple[LayerSpec, ...]] = {
    "conv": (Conv(filter=3, filters=16, padding=1), Conv(filter=1, filters=16)),
    "conv1d": (Conv1d(filter=3, filters=32, padding=1), Conv1d(filter=1, filters=32)),
    "pool": (Pool(), Pool(filter=1, stride=1)),
    "avgpool": (AvgPool(), AvgPool(filter=1, stride=1)),
    "globalpool": (GlobalPool(),),
    "batchnorm": (BatchNorm(),),
    "relu": (Relu(),),
    "dropout": (Dropout(),),
    "flatten": (Flatten(),),
    "linear": (Linear(units=50), Linear(units=CLASSES)),
}
"""For each kind, the layers to try in this order when one is added."""

WORDS = {
    "conv": "2-D convolution with square filters",
    "conv1d": "1-D convolution along a sequence",
    "pool": "max pooling",
    "avgpool": "average pooling",
    "globalpool": "average of each channel over the whole image",
    "batchnorm": "each channel at mean 0 and deviation 1, then moved",
    "relu": "rectifier: what is negative becomes 0",
    "dropout": "zeroes values at random in training",
    "flatten": "all values of an image in one row",
    "linear": "fully connected",
}
"""Description of each kind."""


def inserted(layers: Layers, index: int, layer: LayerSpec) -> Layers:
    """Return the layers with one more after `index`."""
    return (*layers[: index + 1], layer, *layers[index + 1 :])


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


def numbers(layer: LayerSpec) -> tuple[Setting, ...]:
    """Return the settings of a layer; empty for a layer without parameters."""
    return settings_of(type(layer))


def with_numbers(layer: LayerSpec, values: dict[str, Value]) -> LayerSpec:
    """Return the layer with other parameters.

    Raises:
        pydantic.ValidationError: if one of them is out of range.
    """
    return type(layer).model_validate({**layer.model_dump(), **values})

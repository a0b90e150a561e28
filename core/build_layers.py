"""Construction of layers, and of the rows of the layer table, from an architecture."""

from dataclasses import dataclass

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
    biased,
)
from core.nn import (
    activation,
    avgpool,
    batchnorm,
    conv1d,
    dropout,
    flatten,
    globalpool,
    linear,
    pool,
)
from core.nn.acceleration import conv2d
from core.nn.arrays import Shape
from core.nn.convolution import Convolution
from core.nn.layer import Layer, ShapeError
from core.nn.pooling import Pooling
from core.nn.window import Pair, remainder
from core.settings import SettingError

IMAGE_SHAPE: Shape = (32, 32, 3)


@dataclass(frozen=True)
class LayerRow:
    """One row of the layer table."""

    number: int | None
    """Number in the experiment's list of layers, from 1; None for an implied flatten."""
    title: str
    output_shape: Shape
    parameters: int
    multiply_adds: int
    """For one forward pass of one image."""
    unseen: Pair
    """Rows at the bottom and columns on the right of the input that no window reaches."""


def layers_of(
    specs: tuple[LayerSpec, ...], shape: Shape = IMAGE_SHAPE
) -> tuple[tuple[Layer, ...], tuple[LayerRow, ...]]:
    """Return the layers of an architecture for images of `shape`, and the rows of their table.

    Raises:
        SettingError: if the architecture is impossible; the message gives layer number and shapes.
    """
    layers: list[Layer] = []
    rows: list[LayerRow] = []

    def add(layer: Layer, number: int | None, title: str) -> Shape:
        layers.append(layer)
        parameters = sum(parameter.size for parameter in layer.parameters())
        rows.append(
            LayerRow(
                number, title, layer.output_shape, parameters, layer.multiply_adds(), unseen(layer)
            )
        )
        return layer.output_shape

    for number, spec in enumerate(specs, 1):
        if isinstance(spec, Linear) and len(shape) > 1:
            shape = add(flatten.Flatten(shape), None, "flatten")
        try:
            layer = _layer(spec, shape, biased(specs, number - 1))
        except ShapeError as error:
            raise SettingError(
                "architecture", f"layer {number} ({spec.title()}): {error}"
            ) from None
        shape = add(layer, number, spec.title())
    last = specs[-1]
    if not isinstance(last, Linear) or last.units != CLASSES:
        raise SettingError(
            "architecture",
            f"layer {len(specs)} ({last.title()}) ends the network with an output of "
            f"{' x '.join(map(str, shape))}; the last layer must be linear with {CLASSES} units, "
            "one for each class",
        )
    return tuple(layers), tuple(rows)


def unseen(layer: Layer) -> Pair:
    """Return how many rows and columns at the end of its input a layer does not read."""
    if isinstance(layer, Convolution):
        padding = layer.padding
    elif isinstance(layer, Pooling):
        padding = (0, 0)
    else:
        return 0, 0
    height, width, _ = layer.image_shape
    return remainder((height, width), layer.filter, layer.stride, padding, layer.grid)


def _layer(spec: LayerSpec, shape: Shape, bias: bool) -> Layer:
    match spec:
        case Conv() | Conv1d():
            make = conv2d if isinstance(spec, Conv) else conv1d.Conv1d
            return make(shape, spec.filter, spec.filters, spec.stride, spec.padding, bias)
        case Pool():
            return pool.MaxPool2d(shape, spec.filter, spec.stride)
        case AvgPool():
            return avgpool.AveragePool2d(shape, spec.filter, spec.stride)
        case GlobalPool():
            return globalpool.GlobalAveragePool(shape)
        case BatchNorm():
            return batchnorm.BatchNorm(shape)
        case Dropout():
            return dropout.Dropout(shape, spec.probability)
        case Relu():
            return activation.ReLU(shape)
        case Flatten():
            return flatten.Flatten(shape)
        case Linear():
            return linear.Linear(shape, spec.units, bias)
    raise TypeError(f"{spec.kind} is no layer")

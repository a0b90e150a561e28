"""Construction of layers, and of the rows of the layer table, from an architecture."""

from dataclasses import dataclass

from core.config.architecture import CLASSES
from core.layers.linear import Linear
from core.layers.sequence import Built, build_sequence
from core.layers.spec import LayerSpec
from core.nn.arrays import Shape
from core.nn.layer import Layer, ShapeError
from core.nn.window import Pair
from core.settings import SettingError

IMAGE_SHAPE: Shape = (32, 32, 3)


@dataclass(frozen=True)
class LayerRow:
    """One row of the layer table."""

    number: int | None
    """Number in the list of layers, from 1; None for an implied flatten."""
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
    try:
        built = build_sequence(specs, shape)
    except ShapeError as error:
        raise SettingError("architecture", str(error)) from None
    last = specs[-1]
    if not isinstance(last, Linear) or last.units != CLASSES:
        raise SettingError(
            "architecture",
            f"layer {len(specs)} ({last.title()}) ends the network with an output of "
            f"{' x '.join(map(str, built[-1].layer.output_shape))}; the last layer must be linear "
            f"with {CLASSES} units, one for each class",
        )
    return tuple(each.layer for each in built), tuple(map(row_of, built))


def row_of(built: Built) -> LayerRow:
    """Return the row of one layer."""
    layer = built.layer
    return LayerRow(
        built.number,
        built.title,
        layer.output_shape,
        sum(parameter.size for parameter in layer.parameters()),
        layer.multiply_adds(),
        layer.unseen(),
    )

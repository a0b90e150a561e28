"""Construction of layers, and of the rows of the layer table, from an architecture."""

from dataclasses import dataclass

from core.config.experiment import Experiment
from core.layers.linear import Linear
from core.layers.sequence import Built, build_sequence
from core.layers.spec import LayerSpec
from core.nn.arrays import Shape
from core.nn.layer import Layer, ShapeError
from core.nn.window import Pair
from core.settings import SettingError


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


Layers = tuple[tuple[Layer, ...], tuple[LayerRow, ...]]
"""The layers of a network, and the rows of their table."""


def layers_of(experiment: Experiment) -> Layers:
    """Return the network of an experiment for the images and the classes of its data set.

    Raises:
        SettingError: as `layers_for`.
    """
    data = experiment.data
    return layers_for(experiment.architecture, data.shape, len(data.classes))


def layers_for(specs: tuple[LayerSpec, ...], shape: Shape, classes: int) -> Layers:
    """Return the network of an architecture.

    Args:
        specs: the architecture.
        shape: shape of one image.
        classes: number of classes, and so of outputs.

    Raises:
        SettingError: if the architecture is impossible; the message gives layer number and shapes.
    """
    try:
        built = build_sequence(specs, shape)
    except ShapeError as error:
        raise SettingError("architecture", str(error)) from None
    last = specs[-1]
    if not isinstance(last, Linear) or last.units != classes:
        raise SettingError(
            "architecture",
            f"layer {len(specs)} ({last.title()}) ends the network with an output of "
            f"{' x '.join(map(str, built[-1].layer.output_shape))}; the last layer must be linear "
            f"with {classes} units, one for each class",
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

"""A list of layer descriptions, built for a shape."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.layers.spec import LayerSpec
from core.nn.arrays import Shape
from core.nn.flatten import Flatten
from core.nn.layer import Layer, ShapeError


@dataclass(frozen=True)
class Built:
    """One layer of a list."""

    number: int | None
    """Its number in the list, from 1; None for an implied flatten."""
    spec: LayerSpec | None
    """Its description; None for an implied flatten."""
    layer: Layer

    @property
    def title(self) -> str:
        """A short description."""
        return self.layer.kind if self.spec is None else self.spec.title()


def build_sequence(specs: Sequence[LayerSpec], shape: Shape, offset: bool = True) -> list[Built]:
    """Return the layers of a list, not allocated, with implied ones among them.

    Args:
        specs: the list.
        shape: shape of one input image.
        offset: whether a constant that is added to a channel of the last output has an effect.

    Raises:
        ShapeError: if a layer cannot take its input; the message gives its number and the shapes.
    """
    built: list[Built] = []
    for index, spec in enumerate(specs):
        if spec.takes_vectors and len(shape) > 1:
            flat = Flatten(shape)
            built.append(Built(None, None, flat))
            shape = flat.output_shape
        try:
            layer = spec.build(shape, offset_counts(specs[index + 1 :], offset))
        except ShapeError as error:
            raise ShapeError(f"layer {index + 1} ({spec.title()}): {error}") from None
        built.append(Built(index + 1, spec, layer))
        shape = layer.output_shape
    return built


def offset_counts(following: Sequence[LayerSpec], last: bool) -> bool:
    """Return whether a constant added to a channel before these layers has an effect after them.

    Args:
        following: the layers.
        last: whether one that is added to a channel of their output has an effect.
    """
    for spec in following:
        if spec.removes_offsets:
            return False
        if not spec.keeps_offsets:
            return True
    return last

"""Flattening of images to vectors."""

from typing import Any, ClassVar, Literal

import numpy as np

from core.layers.explanation import Observed, Place, Sum, single
from core.layers.onnx_nodes import Nodes
from core.layers.spec import Group, LayerSpec
from core.layers.torch_modules import ModuleBuilder
from core.layers.torch_reference import ReferencePass, Tensor
from core.nn.arrays import Array, Shape
from core.nn.flatten import Flatten as FlattenLayer
from core.nn.layer import Layer


class Flatten(LayerSpec):
    """Reshape of an image to a vector."""

    group: ClassVar = Group.CONNECTION
    words: ClassVar = "all values of an image in one row"
    formula: ClassVar = "the input itself"

    kind: Literal["flatten"] = "flatten"

    @property
    def keeps_offsets(self) -> bool:
        """A constant passes unchanged."""
        return True

    def build(self, shape: Shape, offset: bool) -> Layer:
        """Return the layer."""
        return FlattenLayer(shape)

    def reference(self, x: Tensor, at: ReferencePass) -> Tensor:
        """Return the output by `Tensor.flatten`."""
        return x.flatten(1)

    def module(self, at: ModuleBuilder, tensors: dict[str, Array]) -> Any:
        """Return a `Flatten` in PyTorch's own order; nothing for vectors."""
        return at.flatten() if len(at.shape) > 1 else None

    @classmethod
    def explain(cls, seen: Observed, at: Place) -> Sum:
        """Return the input that stands there."""
        source = tuple(int(number) for number in np.unravel_index(at[0], seen.layer.input_shape))
        return Sum(single(source, seen.value(source), 1.0))

    @classmethod
    def explain_gradient(cls, seen: Observed, at: Place) -> Sum:
        """Return the gradient of the output that stands for the input."""
        target = (int(np.ravel_multi_index(at, seen.layer.input_shape)),)
        return Sum(single(target, seen.gradient(target), 1.0))

    def onnx(self, nodes: Nodes, layer: Layer, tensors: dict[str, Array]) -> None:
        """Append `Flatten`."""
        nodes.flatten()

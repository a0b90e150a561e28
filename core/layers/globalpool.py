"""Global average pooling."""

from math import prod
from typing import Any, ClassVar, Literal

from core.layers.explanation import Observed, Place, Sum, Terms, everywhere, single
from core.layers.onnx_nodes import FIRST, Nodes
from core.layers.spec import Group, LayerSpec
from core.layers.torch_modules import ModuleBuilder
from core.layers.torch_reference import ReferencePass, Tensor
from core.nn.arrays import Array, Shape
from core.nn.globalpool import GlobalAveragePool
from core.nn.layer import Layer


class GlobalPool(LayerSpec):
    """Global average pooling: the mean of each channel over the whole image."""

    group: ClassVar = Group.POOLING
    words: ClassVar = "average of each channel over the whole image"
    formula: ClassVar = "the mean of the channel over all positions"

    kind: Literal["globalpool"] = "globalpool"

    @property
    def keeps_offsets(self) -> bool:
        """A constant passes unchanged."""
        return True

    def title(self) -> str:
        """Return a short description of the layer."""
        return "global average pool"

    def build(self, shape: Shape, offset: bool) -> Layer:
        """Return the layer."""
        return GlobalAveragePool(shape)

    def reference(self, x: Tensor, at: ReferencePass) -> Tensor:
        """Return the output by `Tensor.mean`."""
        return x.flatten(1, -2).mean(1)

    def module(self, at: ModuleBuilder, tensors: dict[str, Array]) -> Any:
        """Return an adaptive average pooling to one value, and a flatten."""
        pool = at.nn.AdaptiveAvgPool2d if len(at.shape) == 3 else at.nn.AdaptiveAvgPool1d
        return at.nn.Sequential(pool(1), at.nn.Flatten())

    @classmethod
    def explain(cls, seen: Observed, at: Place) -> Sum:
        """Return equal shares of the channel over all places."""
        shape = seen.layer.input_shape
        places = everywhere((*shape[:-1], 1))
        places[:, -1] = at[0]
        x = seen.x[seen.image][..., at[0]].reshape(-1)
        return Sum(Terms.of(places, x, 1 / len(places)))

    @classmethod
    def explain_gradient(cls, seen: Observed, at: Place) -> Sum:
        """Return an equal share of the gradient of the channel."""
        share = 1 / prod(seen.layer.input_shape[:-1])
        return Sum(single(at[-1:], seen.gradient(at[-1:]), share))

    def onnx(self, nodes: Nodes, layer: Layer, tensors: dict[str, Array]) -> None:
        """Append `GlobalAveragePool` and `Flatten`."""
        nodes.transpose(FIRST)
        nodes.add("GlobalAveragePool")
        nodes.add("Flatten", axis=1)

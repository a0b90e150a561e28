"""The fully connected layer."""

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

import numpy as np

from core.layers.explanation import Observed, Place, Sum, Terms, everywhere
from core.layers.onnx_nodes import Nodes
from core.layers.spec import Group, LayerSpec
from core.layers.torch_modules import ModuleBuilder
from core.layers.torch_reference import ReferencePass, Tensor
from core.nn.arrays import Array, Shape
from core.nn.layer import Layer
from core.nn.linear import Linear as LinearLayer
from core.settings import setting


class Linear(LayerSpec):
    """A fully connected layer; a flatten before it is implied."""

    group: ClassVar = Group.CONNECTION
    words: ClassVar = "fully connected"
    formula: ClassVar = "bias + sum over all inputs of input x weight"
    takes_vectors: ClassVar = True

    kind: Literal["linear"] = "linear"
    units: int = setting(50, "Number of outputs", label="units", low=1, high=4096)

    @classmethod
    def candidates(cls, classes: int) -> Sequence[LayerSpec]:
        """Return a hidden layer, and one that ends the network."""
        return cls(units=50), cls(units=classes)

    def title(self) -> str:
        """Return a short description of the layer."""
        return f"linear {self.units}"

    def build(self, shape: Shape, offset: bool) -> Layer:
        """Return the layer."""
        return LinearLayer(shape, self.units, offset)

    def reference(self, x: Tensor, at: ReferencePass) -> Tensor:
        """Return the output by a matrix product."""
        y = x @ at.tensors["weight"]
        return y + at.tensors["bias"] if "bias" in at.tensors else y

    def module(self, at: ModuleBuilder, tensors: dict[str, Array]) -> Any:
        """Return a `Linear`, with its rows in PyTorch's order of a flattened image."""
        weight = tensors["weight"]
        if at.flattened is not None:
            units, places = weight.shape[1], len(at.flattened) - 1
            by_pixel = weight.reshape(*at.flattened, units)
            weight = by_pixel.transpose(places, *range(places), places + 1).reshape(-1, units)
            at.flattened = None
        return at.filled(at.nn.Linear(*weight.shape), weight.T, tensors.get("bias"))

    @classmethod
    def explain(cls, seen: Observed, at: Place) -> Sum:
        """Return all inputs times the weights of the unit, and its bias."""
        [unit], x = at, seen.x[seen.image]
        terms = Terms.of(everywhere(x.shape), x, seen.tensors["weight"][:, unit])
        return Sum(terms, float(seen.tensors["bias"][unit]) if "bias" in seen.tensors else 0.0)

    @classmethod
    def explain_gradient(cls, seen: Observed, at: Place) -> Sum:
        """Return what comes back from all units."""
        dy = seen.dy[seen.image]
        return Sum(Terms.of(everywhere(dy.shape), dy, seen.tensors["weight"][at[0]]))

    @classmethod
    def explain_weight(cls, seen: Observed, tensor: str, index: Place) -> Sum:
        """Return what each image of the batch adds to the gradient."""
        images, unit = np.arange(len(seen.x)), index[-1]
        x = seen.x[:, index[0]] if tensor == "weight" else 1.0
        places = np.full((len(images), 1), unit)
        return Sum(Terms.of(places, x, seen.dy[:, unit], images=images))

    def onnx(self, nodes: Nodes, layer: Layer, tensors: dict[str, Array]) -> None:
        """Append `Gemm`."""
        nodes.add("Gemm", **tensors)

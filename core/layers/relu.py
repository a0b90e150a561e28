"""The rectified linear unit (ReLU)."""

from typing import Any, ClassVar, Literal

from core.layers.elementwise import Elementwise
from core.layers.explanation import Observed, Place
from core.layers.onnx_nodes import Nodes
from core.layers.spec import Group
from core.layers.torch_modules import ModuleBuilder
from core.layers.torch_reference import ReferencePass, Tensor
from core.nn.arrays import Array, Shape
from core.nn.layer import Layer
from core.nn.relu import ReLU


class Relu(Elementwise):
    """The rectified linear unit (ReLU)."""

    group: ClassVar = Group.ACTIVATION
    words: ClassVar = "rectifier: what is negative becomes 0"
    formula: ClassVar = "max(input, 0)"

    kind: Literal["relu"] = "relu"

    def build(self, shape: Shape, offset: bool) -> Layer:
        """Return the layer."""
        return ReLU(shape)

    def reference(self, x: Tensor, at: ReferencePass) -> Tensor:
        """Return the output by `torch.nn.functional.relu`."""
        at.decide(x > 0)
        y: Tensor = at.f.relu(x)
        return y

    def module(self, at: ModuleBuilder, tensors: dict[str, Array]) -> Any:
        """Return a `ReLU`."""
        return at.nn.ReLU()

    @classmethod
    def factor(cls, x: float, seen: Observed, at: Place) -> float:
        """Return 1 where the gate is open, else 0."""
        return float(x > 0)

    def onnx(self, nodes: Nodes, layer: Layer, tensors: dict[str, Array]) -> None:
        """Append `Relu`."""
        nodes.add("Relu")

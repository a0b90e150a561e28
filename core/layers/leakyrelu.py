"""The leaky rectified linear unit."""

from typing import Any, ClassVar, Literal

from core.layers.elementwise import Elementwise
from core.layers.explanation import Observed, Place
from core.layers.onnx_nodes import Nodes
from core.layers.spec import Group
from core.layers.torch_modules import ModuleBuilder
from core.layers.torch_reference import ReferencePass, Tensor
from core.nn.arrays import Array, Shape
from core.nn.layer import Layer
from core.nn.leakyrelu import LeakyReLU
from core.settings import setting


class LeakyRelu(Elementwise):
    """The leaky rectified linear unit."""

    group: ClassVar = Group.ACTIVATION
    words: ClassVar = "leaky rectifier: what is negative becomes small"
    formula: ClassVar = "input where it is above 0, else slope x input"

    kind: Literal["leakyrelu"] = "leakyrelu"
    slope: float = setting(
        0.01, "Factor on what is negative", label="slope", low=0, high=1, step=0.01
    )

    def title(self) -> str:
        """Return a short description of the layer."""
        return f"leaky relu {self.slope:g}"

    def build(self, shape: Shape, offset: bool) -> Layer:
        """Return the layer."""
        return LeakyReLU(shape, self.slope)

    def reference(self, x: Tensor, at: ReferencePass) -> Tensor:
        """Return the output by `torch.nn.functional.leaky_relu`."""
        at.decide(x > 0)
        y: Tensor = at.f.leaky_relu(x, self.slope)
        return y

    def module(self, at: ModuleBuilder, tensors: dict[str, Array]) -> Any:
        """Return a `LeakyReLU`."""
        return at.nn.LeakyReLU(self.slope)

    @classmethod
    def factor(cls, x: float, seen: Observed, at: Place) -> float:
        """Return 1 where the gate is open, else the slope."""
        assert isinstance(seen.layer, LeakyReLU)
        return 1.0 if x > 0 else seen.layer.slope

    def onnx(self, nodes: Nodes, layer: Layer, tensors: dict[str, Array]) -> None:
        """Append `LeakyRelu`."""
        nodes.add("LeakyRelu", alpha=self.slope)

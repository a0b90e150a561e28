"""The Gaussian error linear unit (GELU), in its form with tanh."""

from math import tanh
from typing import Any, ClassVar, Literal

import numpy as np

from core.layers.elementwise import Elementwise
from core.layers.explanation import Observed, Place
from core.layers.onnx_nodes import Nodes
from core.layers.spec import Group
from core.layers.torch_modules import ModuleBuilder
from core.layers.torch_reference import ReferencePass, Tensor
from core.nn.arrays import Array, Shape
from core.nn.gelu import CUBIC, GELU, SCALE
from core.nn.layer import Layer


class Gelu(Elementwise):
    """The Gaussian error linear unit (GELU), in its form with tanh."""

    group: ClassVar = Group.ACTIVATION
    words: ClassVar = "smooth rectifier of transformers"
    formula: ClassVar = "input / 2 x (1 + tanh(0.798 (input + 0.0447 input^3)))"

    kind: Literal["gelu"] = "gelu"

    def build(self, shape: Shape, offset: bool) -> Layer:
        """Return the layer."""
        return GELU(shape)

    def reference(self, x: Tensor, at: ReferencePass) -> Tensor:
        """Return the output by `torch.nn.functional.gelu`."""
        y: Tensor = at.f.gelu(x, approximate="tanh")
        return y

    def module(self, at: ModuleBuilder, tensors: dict[str, Array]) -> Any:
        """Return a `GELU`."""
        return at.nn.GELU(approximate="tanh")

    @classmethod
    def factor(cls, x: float, seen: Observed, at: Place) -> float:
        """Return how far the gate is open: about the probability of a normal number below x."""
        return (1 + tanh(SCALE * (x + CUBIC * x**3))) / 2

    @classmethod
    def derivative(cls, x: float, seen: Observed, at: Place) -> float:
        """Return dy/dx, by the product rule."""
        t = tanh(SCALE * (x + CUBIC * x**3))
        return (1 + t) / 2 + x / 2 * (1 - t * t) * SCALE * (1 + 3 * CUBIC * x * x)

    def onnx(self, nodes: Nodes, layer: Layer, tensors: dict[str, Array]) -> None:
        """Append its formula, as `Gelu` is an operator of later versions only."""
        x = nodes.name
        nodes.add("Mul", x)
        nodes.add("Mul", factor=np.array(CUBIC * SCALE))
        nodes.add("Add", one=np.array(SCALE))
        nodes.add("Mul", x)
        nodes.add("Tanh")
        nodes.add("Add", one=np.array(1.0))
        nodes.add("Mul", x)
        nodes.add("Mul", half=np.array(0.5))

"""Dropout."""

from typing import Any, ClassVar, Literal

from core.layers.elementwise import Elementwise
from core.layers.explanation import Observed, Place
from core.layers.onnx_nodes import Nodes
from core.layers.spec import Group
from core.layers.torch_modules import ModuleBuilder
from core.layers.torch_reference import ReferencePass, Tensor
from core.nn.arrays import Array, Shape
from core.nn.dropout import Dropout as DropoutLayer
from core.nn.layer import Layer
from core.settings import setting


class Dropout(Elementwise):
    """Dropout: sets random values to zero in training."""

    group: ClassVar = Group.REGULARISATION
    words: ClassVar = "zeroes values at random in training"
    formula: ClassVar = "0 with the probability p in training, else input / (1 - p)"

    kind: Literal["dropout"] = "dropout"
    probability: float = setting(
        0.5,
        "Chance that a value becomes 0 in training; the others grow to make up for it",
        label="probability",
        low=0,
        high=0.95,
        step=0.05,
    )

    def title(self) -> str:
        """Return a short description of the layer."""
        return f"dropout {self.probability:g}"

    def build(self, shape: Shape, offset: bool) -> Layer:
        """Return the layer."""
        return DropoutLayer(shape, self.probability)

    def reference(self, x: Tensor, at: ReferencePass) -> Tensor:
        """Return the output with this project's mask."""
        return x * at.next_mask()

    def module(self, at: ModuleBuilder, tensors: dict[str, Array]) -> Any:
        """Return a `Dropout`."""
        return at.nn.Dropout(self.probability)

    @classmethod
    def factor(cls, x: float, seen: Observed, at: Place) -> float:
        """Return the value of the mask, 1 in evaluation."""
        return float(seen.tensors["mask"][(seen.image, *at)]) if "mask" in seen.tensors else 1.0

    def onnx(self, nodes: Nodes, layer: Layer, tensors: dict[str, Array]) -> None:
        """Append nothing: in inference dropout is the identity."""

"""Layer normalisation."""

from typing import Any, ClassVar, Literal

import numpy as np

from core.layers import normalised_sums
from core.layers.explanation import Observed, Place, Sum
from core.layers.normalised_sums import NormalisedGroup
from core.layers.onnx_nodes import LAST, Nodes
from core.layers.spec import Group, LayerSpec
from core.layers.torch_modules import ModuleBuilder
from core.layers.torch_reference import ReferencePass, Tensor
from core.nn.arrays import Array, Shape
from core.nn.layer import Layer
from core.nn.layernorm import EPSILON
from core.nn.layernorm import LayerNorm as LayerNormLayer


class LayerNorm(LayerSpec):
    """Layer normalisation of the channels at every position."""

    group: ClassVar = Group.NORMALISATION
    words: ClassVar = "each position at mean 0 and deviation 1, then moved"
    formula: ClassVar = "gamma (input - mean) / sqrt(variance + 1e-5) + beta, over the channels"

    kind: Literal["layernorm"] = "layernorm"

    def title(self) -> str:
        """Return a short description of the layer."""
        return "layer norm"

    def build(self, shape: Shape, offset: bool) -> Layer:
        """Return the layer."""
        return LayerNormLayer(shape)

    def reference(self, x: Tensor, at: ReferencePass) -> Tensor:
        """Return the output by `torch.nn.functional.layer_norm`."""
        y: Tensor = at.f.layer_norm(
            x, x.shape[-1:], at.tensors["gamma"], at.tensors["beta"], EPSILON
        )
        return y

    def module(self, at: ModuleBuilder, tensors: dict[str, Array]) -> Any:
        """Return a `LayerNorm` between two permutations, which starts from the same values."""
        norm = at.nn.LayerNorm(at.shape[-1], EPSILON)
        if len(at.shape) == 1:
            return norm
        last = at.function(lambda x: x.movedim(1, -1))
        return at.nn.Sequential(last, norm, at.function(lambda x: x.movedim(-1, 1)))

    @classmethod
    def explain(cls, seen: Observed, at: Place) -> Sum:
        """Return the input, normalised with the channels of its place, scaled and shifted."""
        return normalised_sums.value(seen, at, NormalisedGroup(seen, at, "channels", EPSILON))

    @classmethod
    def explain_gradient(cls, seen: Observed, at: Place) -> Sum:
        """Return what comes back directly, and through mean and deviation."""
        return normalised_sums.gradient(seen, at, NormalisedGroup(seen, at, "channels", EPSILON))

    @classmethod
    def explain_weight(cls, seen: Observed, tensor: str, index: Place) -> Sum:
        """Return what every image and place adds to the gradient."""
        x = seen.x.astype(np.float64)
        deviation = np.sqrt(x.var(axis=-1, keepdims=True) + EPSILON)
        u = ((x - x.mean(axis=-1, keepdims=True)) / deviation)[..., index[0]]
        return normalised_sums.weight_gradient(seen, tensor, index, u.reshape(-1))

    def onnx(self, nodes: Nodes, layer: Layer, tensors: dict[str, Array]) -> None:
        """Append `LayerNormalization`."""
        nodes.transpose(LAST)
        nodes.add(
            "LayerNormalization",
            gamma=tensors["gamma"],
            beta=tensors["beta"],
            axis=-1,
            epsilon=EPSILON,
        )

"""Batch normalisation."""

from typing import Any, ClassVar, Literal

from core.layers import normalised_sums
from core.layers.explanation import Observed, Place, Sum
from core.layers.normalised_sums import NormalisedGroup
from core.layers.onnx_nodes import FIRST, Nodes
from core.layers.spec import Group, LayerSpec
from core.layers.torch_modules import ModuleBuilder
from core.layers.torch_reference import ReferencePass, Tensor
from core.nn.arrays import Array, Shape
from core.nn.batchnorm import EPSILON
from core.nn.batchnorm import BatchNorm as BatchNormLayer
from core.nn.layer import Layer


class BatchNorm(LayerSpec):
    """Batch normalisation; the convolution or linear layer before it has no bias."""

    group: ClassVar = Group.NORMALISATION
    words: ClassVar = "each channel at mean 0 and deviation 1, then moved"
    formula: ClassVar = "gamma (input - mean) / sqrt(variance + 1e-5) + beta, over the batch"
    removes_offsets: ClassVar = True

    kind: Literal["batchnorm"] = "batchnorm"

    def title(self) -> str:
        """Return a short description of the layer."""
        return "batch norm"

    def build(self, shape: Shape, offset: bool) -> Layer:
        """Return the layer."""
        return BatchNormLayer(shape)

    def reference(self, x: Tensor, at: ReferencePass) -> Tensor:
        """Return the output by `torch.nn.functional.batch_norm`, with batch statistics."""
        gamma, beta = at.tensors["gamma"], at.tensors["beta"]
        values = x.flatten(0, -2)
        if len(values) == 1:
            # PyTorch rejects a single value; its deviation is 0, so the result is beta.
            return beta + 0 * (x + gamma)
        y: Tensor = at.f.batch_norm(values, None, None, gamma, beta, training=True)
        return y.reshape(x.shape)

    def module(self, at: ModuleBuilder, tensors: dict[str, Array]) -> Any:
        """Return a `BatchNorm2d` or `BatchNorm1d`, which starts from the same gamma and beta."""
        norm = at.nn.BatchNorm2d if len(at.shape) == 3 else at.nn.BatchNorm1d
        return norm(at.shape[-1])

    @classmethod
    def explain(cls, seen: Observed, at: Place) -> Sum:
        """Return the input, normalised over the batch, scaled and shifted."""
        return normalised_sums.value(seen, at, NormalisedGroup(seen, at, "batch", EPSILON))

    @classmethod
    def explain_gradient(cls, seen: Observed, at: Place) -> Sum:
        """Return what comes back directly, and through mean and deviation."""
        return normalised_sums.gradient(seen, at, NormalisedGroup(seen, at, "batch", EPSILON))

    @classmethod
    def explain_weight(cls, seen: Observed, tensor: str, index: Place) -> Sum:
        """Return what every image and place adds to the gradient."""
        place = (*(0,) * (seen.x.ndim - 2), *index)
        group = NormalisedGroup(seen, place, "batch", EPSILON)
        return normalised_sums.weight_gradient(seen, tensor, index, group.u)

    def onnx(self, nodes: Nodes, layer: Layer, tensors: dict[str, Array]) -> None:
        """Append `BatchNormalization`."""
        names = ("gamma", "beta", "mean", "variance")
        nodes.transpose(FIRST)
        nodes.add("BatchNormalization", **{n: tensors[n] for n in names}, epsilon=EPSILON)

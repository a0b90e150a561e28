"""The 1-D convolution."""

from collections.abc import Sequence
from math import prod
from typing import Any, ClassVar, Literal

import numpy as np

from core.layers.onnx_nodes import FIRST, LAST, Nodes
from core.layers.spec import Group, LayerSpec, tail
from core.layers.torch_modules import ModuleBuilder
from core.layers.torch_reference import ReferencePass, Tensor
from core.layers.window_sums import Convolved
from core.nn.arrays import Array, Shape
from core.nn.conv1d import Conv1d as Conv1dLayer
from core.nn.layer import Layer
from core.settings import setting


class Conv1d(Convolved):
    """A 1-D convolution; an image is read as a sequence of its rows."""

    group: ClassVar = Group.CONVOLUTION
    words: ClassVar = "1-D convolution along a sequence"
    formula: ClassVar = "bias + sum over the steps and the channels of input x weight"

    kind: Literal["conv1d"] = "conv1d"
    filter: int = setting(
        3, "Steps that a filter covers", label="filter", unit="steps", low=1, high=64
    )
    filters: int = setting(
        32, "Number of filters, the channels that come out", label="filters", low=1, high=1024
    )
    stride: int = setting(
        1,
        "Steps from one filter position to the next",
        label="stride",
        unit="steps",
        low=1,
        high=64,
    )
    padding: int = setting(
        0, "Zeros added at both ends", label="padding", unit="steps", low=0, high=32
    )

    @classmethod
    def candidates(cls, classes: int) -> Sequence[LayerSpec]:
        """Return a filter of 3 steps that keeps the length, and one of 1."""
        return cls(filter=3, filters=32, padding=1), cls(filter=1, filters=32)

    def title(self) -> str:
        """Return a short description of the layer."""
        return f"conv1d {self.filter}, {self.filters} filters{tail(self.stride, self.padding)}"

    def build(self, shape: Shape, offset: bool) -> Layer:
        """Return the layer."""
        return Conv1dLayer(shape, self.filter, self.filters, self.stride, self.padding, offset)

    def reference(self, x: Tensor, at: ReferencePass) -> Tensor:
        """Return the output by `torch.nn.functional.conv1d`."""
        if x.ndim == 4:  # the rows of an image are the steps of a sequence
            x = x.flatten(2)
        y: Tensor = at.f.conv1d(
            x.transpose(1, 2),
            at.tensors["weight"].permute(2, 1, 0).contiguous(),
            at.tensors.get("bias"),
            self.stride,
            self.padding,
        )
        return y.transpose(1, 2)

    def module(self, at: ModuleBuilder, tensors: dict[str, Array]) -> Any:
        """Return a `Conv1d`, after a module that makes sequences of images."""
        channels = prod(at.shape[1:])
        module = at.nn.Conv1d(channels, self.filters, self.filter, self.stride, self.padding)
        at.filled(module, tensors["weight"].transpose(2, 1, 0), tensors.get("bias"))
        if len(at.shape) == 2:
            return module
        rows = at.function(lambda x: x.permute(0, 2, 3, 1).flatten(2).transpose(1, 2))
        return at.nn.Sequential(rows, module)

    def onnx(self, nodes: Nodes, layer: Layer, tensors: dict[str, Array]) -> None:
        """Append `Conv`, and before it a `Reshape` of images to sequences."""
        if len(layer.input_shape) == 3:
            # Every row of an image is a step, whose channels are all values of the row.
            nodes.transpose(LAST)
            nodes.shape = (layer.input_shape[0], prod(layer.input_shape[1:]))
            nodes.add("Reshape", shape=np.array([0, *nodes.shape], np.int64))
        nodes.transpose(FIRST)
        nodes.add(
            "Conv",
            **{**tensors, "weight": np.transpose(tensors["weight"], (2, 1, 0))},
            strides=[self.stride],
            pads=[self.padding, self.padding],
        )

"""The 2-D convolution."""

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

import numpy as np

from core.layers.onnx_nodes import FIRST, Nodes
from core.layers.spec import Group, LayerSpec, pixels, square, tail
from core.layers.torch_modules import ModuleBuilder
from core.layers.torch_reference import ReferencePass, Tensor
from core.layers.window_sums import Convolved
from core.nn.acceleration import conv2d
from core.nn.arrays import Array, Shape
from core.nn.convolution import Convolution
from core.nn.layer import Layer
from core.nn.window import pair
from core.settings import Pair, setting


class Conv(Convolved):
    """A 2-D convolution."""

    group: ClassVar = Group.CONVOLUTION
    words: ClassVar = "2-D convolution"
    formula: ClassVar = "bias + sum over the window and the channels of input x weight"

    kind: Literal["conv"] = "conv"
    filter: int | Pair = pixels(3, "Height and width of a filter", label="filter")
    filters: int = setting(
        16, "Number of filters, the channels that come out", label="filters", low=1, high=1024
    )
    stride: int | Pair = pixels(1, "Pixels from one filter position to the next", label="stride")
    padding: int | Pair = pixels(0, "Zeros added around the input", label="padding", low=0, high=32)
    dilation: int | Pair = pixels(
        1, "Pixels from one value of a filter to the next", label="dilation", high=32
    )
    groups: int = setting(
        1,
        "Parts of channels and filters that see each other; as many as channels is depthwise",
        label="groups",
        low=1,
        high=1024,
    )

    @classmethod
    def candidates(cls, classes: int) -> Sequence[LayerSpec]:
        """Return a filter of 3x3 that keeps the size, and one of 1x1."""
        return cls(filter=3, filters=16, padding=1), cls(filter=1, filters=16)

    def title(self) -> str:
        """Return a short description of the layer."""
        groups = f", {self.groups} groups" if self.groups != 1 else ""
        rest = tail(self.stride, self.padding, self.dilation)
        return f"conv {square(self.filter)}, {self.filters} filters{rest}{groups}"

    def build(self, shape: Shape, offset: bool) -> Layer:
        """Return the fastest implementation."""
        return conv2d(
            shape,
            self.filter,
            self.filters,
            self.stride,
            self.padding,
            offset,
            self.dilation,
            self.groups,
        )

    def reference(self, x: Tensor, at: ReferencePass) -> Tensor:
        """Return the output by `torch.nn.functional.conv2d`."""
        y: Tensor = at.f.conv2d(
            x.permute(0, 3, 1, 2),
            at.tensors["weight"].permute(3, 2, 0, 1).contiguous(),
            at.tensors.get("bias"),
            self.stride,
            self.padding,
            self.dilation,
            self.groups,
        )
        return y.permute(0, 2, 3, 1)

    def module(self, at: ModuleBuilder, tensors: dict[str, Array]) -> Any:
        """Return a `Conv2d`."""
        module = at.nn.Conv2d(
            at.shape[-1],
            self.filters,
            self.filter,
            self.stride,
            self.padding,
            self.dilation,
            self.groups,
        )
        return at.filled(module, tensors["weight"].transpose(3, 2, 0, 1), tensors.get("bias"))

    def onnx(self, nodes: Nodes, layer: Layer, tensors: dict[str, Array]) -> None:
        """Append `Conv`."""
        assert isinstance(layer, Convolution)
        down, across = pair(self.padding)
        nodes.transpose(FIRST)
        nodes.add(
            "Conv",
            **{**tensors, "weight": np.transpose(tensors["weight"], (3, 2, 0, 1))},
            strides=layer.stride,
            pads=[down, across, down, across],
            dilations=layer.dilation,
            group=self.groups,
        )

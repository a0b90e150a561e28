"""The residual layer: a branch of layers beside a short way."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar, Literal

import numpy as np

from core.layers.onnx_nodes import FIRST, Nodes
from core.layers.registry import Layers, parse
from core.layers.sequence import Built, build_sequence
from core.layers.spec import Group, LayerSpec
from core.layers.torch_modules import ModuleBuilder, within
from core.layers.torch_reference import ReferencePass, Tensor
from core.nn.arrays import Array, Shape
from core.nn.convolution import Convolution
from core.nn.layer import Layer
from core.nn.residual import SHORTCUT
from core.nn.residual import Residual as ResidualLayer


class Residual(LayerSpec):
    """A branch of layers, whose output is added to its input.

    Where their shapes differ, the input goes through a convolution with 1x1 filters.
    """

    group: ClassVar = Group.COMPOSITE
    words: ClassVar = "adds the output of inner layers to their input"
    formula: ClassVar = "input + output of the inner layers, at the same place"

    kind: Literal["residual"] = "residual"
    layers: Layers
    """The branch, `[[architecture.layers]]` in a file."""

    @classmethod
    def candidates(cls, classes: int) -> Sequence[LayerSpec]:
        """Return a branch that takes inputs of any shape and keeps it."""
        return (cls(layers=parse([{"kind": "batchnorm"}, {"kind": "relu"}])),)

    def title(self) -> str:
        """Return a short description of the layer."""
        count = len(self.layers)
        return f"residual, {count} layer{'s' if count > 1 else ''}"

    def build(self, shape: Shape, offset: bool) -> Layer:
        """Return the layer."""
        return ResidualLayer(shape, [each.layer for each in self.built(shape, offset)])

    def built(self, shape: Shape, offset: bool = True) -> list[Built]:
        """Return the layers of the branch for inputs of `shape`; arguments as in `build`."""
        return build_sequence(self.layers, shape, offset)

    def reference(self, x: Tensor, at: ReferencePass) -> Tensor:
        """Return the sum, and decide by all decisions of the branch side by side."""
        y, decisions = at.run(self.layers, x)
        taken = [each.flatten(1).long() for each in decisions if each is not None]
        if taken:
            at.decide(at.torch.cat(taken, 1))
        weight = at.tensors.get(f"{SHORTCUT}.weight")
        if weight is None:
            return x + y
        for axis in range(1, x.ndim - 1):  # a 1x1 convolution skips places, and mixes channels
            step = next(s for s in range(1, 10_000) if -(-x.shape[axis] // s) == y.shape[axis])
            kept = at.torch.arange(0, x.shape[axis], step)
            x = x.index_select(axis, kept)
        return x @ weight.reshape(x.shape[-1], -1) + y

    def module(self, at: ModuleBuilder, tensors: dict[str, Array]) -> Any:
        """Return a module that adds two others."""
        reorder, shape = at.in_our_order(), at.shape
        branch = at.build(self.layers, tensors)
        back = at.in_our_order()
        shortcut = self._shortcut(at, shape, tensors)
        nn = at.nn

        class Sum(nn.Module):  # type: ignore[misc, name-defined]
            def __init__(self) -> None:
                super().__init__()
                self.branch = nn.Sequential(branch, *([back] if back else []))
                self.shortcut = shortcut

            def forward(self, x: Any) -> Any:
                return self.shortcut(x) + self.branch(x)

        return nn.Sequential(reorder, Sum()) if reorder else Sum()

    def _shortcut(self, at: ModuleBuilder, shape: Shape, tensors: dict[str, Array]) -> Any:
        layer = self.build(shape, offset=True)
        assert isinstance(layer, ResidualLayer)
        short, weight = layer.shortcut, within(SHORTCUT, tensors).get("weight")
        if short is None or weight is None:
            return at.nn.Identity()
        channels, units = shape[-1], layer.output_shape[-1]
        if len(shape) == 1:
            return at.filled(at.nn.Linear(channels, units), weight.T, None)
        assert isinstance(short, Convolution)
        if len(shape) == 2:
            conv1d = at.nn.Conv1d(channels, units, 1, short.stride[0])
            return at.filled(conv1d, weight.transpose(2, 1, 0), None)
        conv = at.nn.Conv2d(channels, units, 1, short.stride)
        return at.filled(conv, weight.transpose(3, 2, 0, 1), None)

    def onnx(self, nodes: Nodes, layer: Layer, tensors: dict[str, Array]) -> None:
        """Append the branch, the short way, and `Add`."""
        assert isinstance(layer, ResidualLayer)
        start, channels, shape = nodes.name, nodes.channels, nodes.shape
        # As in the network, where a last bias without effect is left out.
        described = self.built(layer.input_shape)
        branch_layers = zip(described, layer.branch, strict=True)
        nodes.add_chain([replace(each, layer=own) for each, own in branch_layers], tensors)
        branch, wanted = nodes.name, nodes.channels
        nodes.name, nodes.channels, nodes.shape = start, channels, shape
        if layer.shortcut is not None:
            self._short_node(nodes, layer.shortcut, tensors[f"{SHORTCUT}.weight"])
        nodes.shape = layer.output_shape
        nodes.transpose(wanted)
        nodes.add("Add", branch)

    @staticmethod
    def _short_node(nodes: Nodes, short: Layer, weight: Array) -> None:
        if not isinstance(short, Convolution):
            nodes.add("MatMul", weight=weight)
            return
        places = len(short.input_shape) - 1
        nodes.transpose(FIRST)
        order = (places + 1, places, *range(places))
        nodes.add("Conv", weight=np.transpose(weight, order), strides=short.stride[:places])

"""The nodes of an ONNX graph, appended one after the other.

ONNX uses channels-first layouts, (N, C, H, W) for images and (N, C, L) for sequences; the graph
transposes arrays where a layer needs the other layout.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from core.nn import chain
from core.nn.arrays import Array, Shape
from core.nn.layer import Layer


class Exported(Protocol):
    """A description of a layer, as far as this module needs to know it."""

    def onnx(self, nodes: "Nodes", layer: Layer, tensors: dict[str, Array]) -> None:
        """Append the nodes of the layer."""


class Built(Protocol):
    """A layer with its description; None for an implied flatten."""

    @property
    def spec(self) -> Exported | None:
        """The description."""

    @property
    def layer(self) -> Layer:
        """The layer."""


FIRST, LAST = "first", "last"
"""Channels-first and channels-last layout."""


class Nodes:
    """A growing graph with a current array, the output of the last node.

    Args:
        name: name of the input.
        shape: shape of one input image, channels last.

    Attributes:
        nodes: the nodes so far.
        constants: the constants that they use.
        name: name of the current array.
        channels: layout of the current array.
        shape: shape of one image in the current array, channels last as in this project.
    """

    def __init__(self, name: str, shape: Shape) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.name, self.channels, self.shape = name, LAST, shape

    def add_chain(self, layers: Sequence[Built], tensors: Mapping[str, Array]) -> None:
        """Append the nodes of a chain of layers.

        Args:
            layers: every layer with its description.
            tensors: the trained tensors by name, such as `conv1.weight`.
        """
        names = (name for name, _ in chain.numbered([built.layer for built in layers]))
        for name, built in zip(names, layers, strict=True):
            # In the order in which the layer declares them, which is that of ONNX's inputs.
            own = {t.name: tensors[f"{name}.{t.name}"] for t in built.layer.learned()}
            if built.spec is None:
                self.flatten()
            else:
                built.spec.onnx(self, built.layer, own)
            self.shape = built.layer.output_shape

    def transpose(self, channels: str) -> None:
        """Transpose the current array to a layout, if it has the other one."""
        if channels == self.channels or len(self.shape) == 1:
            return
        places = list(range(1, len(self.shape)))
        if channels == FIRST:
            order = [0, len(self.shape), *places]
        else:
            order = [0, *(place + 1 for place in places), 1]
        self.add("Transpose", perm=order)
        self.channels = channels

    def flatten(self) -> None:
        """Flatten the current array to vectors, channels last."""
        self.transpose(LAST)
        self.add("Flatten", axis=1)

    def add(self, operator: str, *more: str, **inputs: Any) -> str:
        """Append a node that takes the current array, and return the name of its output.

        Args:
            operator: the operator of the node.
            more: names of other arrays that it takes after the current one.
            inputs: constants that it takes after those, as arrays, and its attributes.
        """
        from onnx import helper, numpy_helper

        number = len(self.nodes)
        names, attributes = [self.name, *more], {}
        for key, value in inputs.items():
            if not isinstance(value, np.ndarray):
                attributes[key] = value
                continue
            names.append(f"{operator.lower()}{number}.{key}")
            kind = value.dtype if value.dtype.kind == "i" else np.dtype(np.float32)
            constant = np.ascontiguousarray(value, kind)
            self.constants.append(numpy_helper.from_array(constant, names[-1]))
        self.name = f"{operator.lower()}{number}"
        self.nodes.append(helper.make_node(operator, names, [self.name], self.name, **attributes))
        return self.name

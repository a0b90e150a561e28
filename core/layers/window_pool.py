"""What the kinds of pooling over windows have in common."""

from collections.abc import Sequence
from typing import Any, ClassVar

from core.layers import pool_sums
from core.layers.explanation import Observed, Place, Sum
from core.layers.onnx_nodes import FIRST, Nodes
from core.layers.spec import Group, LayerSpec, pixels, square, tail
from core.layers.torch_modules import ModuleBuilder
from core.nn.arrays import Array, Shape
from core.nn.layer import Layer, ShapeError
from core.nn.pooling import Pooling
from core.settings import Pair


class WindowPool(LayerSpec):
    """Base class of pooling over the windows of an image or a sequence."""

    group: ClassVar = Group.POOLING
    name: ClassVar[str]
    """First words of the title."""
    layer: ClassVar[type[Pooling]]
    modules: ClassVar[tuple[str, str]]
    """PyTorch's modules for images and for sequences."""
    shares: ClassVar[Any]
    """Static function that returns the share of each value of a window in its output."""
    operator: ClassVar[str]
    """ONNX's operator."""

    filter: int | Pair = pixels(2, "Height and width of a window", label="window")
    stride: int | Pair = pixels(2, "Pixels from one window to the next", label="stride")
    padding: int | Pair = pixels(
        0, "Pixels added around the input, at most half a window", label="padding", low=0, high=32
    )

    @classmethod
    def candidates(cls, classes: int) -> Sequence[LayerSpec]:
        """Return windows of 2x2, and of 1x1 for inputs of one pixel."""
        return cls(), cls(filter=1, stride=1)

    def title(self) -> str:
        """Return a short description of the layer."""
        return f"{self.name} {square(self.filter)}{tail(self.stride, self.padding)}"

    def build(self, shape: Shape, offset: bool) -> Layer:
        """Return the layer."""
        sides = (self.filter, self.stride, self.padding)
        if len(shape) == 2 and any(isinstance(side, tuple) for side in sides):
            raise ShapeError(
                f"a sequence of shape {shape} has one direction; write one number for window, "
                "stride and padding each"
            )
        return self.layer(shape, *sides)

    @classmethod
    def explain(cls, seen: Observed, at: Place) -> Sum:
        """Return the values of the window, each times its share."""
        return pool_sums.value(seen, at, cls.shares)

    @classmethod
    def explain_gradient(cls, seen: Observed, at: Place) -> Sum:
        """Return what comes back from the windows, each times the share of the input there."""
        return pool_sums.gradient(seen, at, cls.shares)

    def module(self, at: ModuleBuilder, tensors: dict[str, Array]) -> Any:
        """Return PyTorch's module."""
        module = getattr(at.nn, self.modules[0 if len(at.shape) == 3 else 1])
        return module(self.filter, self.stride, self.padding)

    def onnx(self, nodes: Nodes, layer: Layer, tensors: dict[str, Array]) -> None:
        """Append ONNX's pooling."""
        assert isinstance(layer, Pooling)
        places = len(layer.input_shape) - 1
        nodes.transpose(FIRST)
        counted = {} if self.operator == "MaxPool" else {"count_include_pad": 1}
        nodes.add(
            self.operator,
            kernel_shape=layer.filter[:places],
            strides=layer.stride[:places],
            pads=layer.padding[:places] * 2,
            **counted,
        )

"""What the program knows of a kind of layer, beside its mathematics in `core.nn`.

A kind is a subclass of `LayerSpec` in a file of its own in this package, where
`core.layers.registry` finds it: nothing else needs to be told of a new kind.
"""

from collections.abc import Sequence
from enum import IntEnum
from typing import Any, ClassVar

from pydantic import ValidationInfo, field_validator

from core.layers.explanation import Observed, Place, Sum
from core.layers.onnx_nodes import Nodes
from core.layers.torch_modules import ModuleBuilder
from core.layers.torch_reference import ReferencePass, Tensor
from core.nn.arrays import Array, Shape
from core.nn.layer import Layer
from core.settings import Pair, Settings, setting, settings_of


class Group(IntEnum):
    """Groups of similar kinds, in the order in which lists show them."""

    CONVOLUTION = 1
    POOLING = 2
    NORMALISATION = 3
    ACTIVATION = 4
    REGULARISATION = 5
    CONNECTION = 6
    COMPOSITE = 7


class LayerSpec(Settings):
    """Base class of the kinds of layer: the settings of one layer in an architecture.

    A subclass declares `kind` as a literal, its settings as fields, the class variables below, and
    implements `build`, `reference`, `module` and `onnx`.
    """

    kind: str = ""

    group: ClassVar[Group]
    words: ClassVar[str]
    """What the layer does, in a few words for the list of kinds."""
    formula: ClassVar[str]
    """How one value of the output is computed, in one line."""
    removes_offsets: ClassVar[bool] = False
    """Whether a constant that is added to a channel of the input has no effect in training."""
    takes_vectors: ClassVar[bool] = False
    """Whether it takes vectors only, so that a flatten before it is implied."""

    @field_validator("*", mode="before")
    @classmethod
    def _pairs(cls, value: Any, info: ValidationInfo) -> Any:
        spec = next((each for each in settings_of(cls) if each.name == info.field_name), None)
        return spec.checked(value) if spec is not None and spec.pair else value

    @property
    def keeps_offsets(self) -> bool:
        """Whether a constant added to a channel of the input is added to it in the output."""
        return False

    @classmethod
    def candidates(cls, classes: int) -> "Sequence[LayerSpec]":
        """Return the layers to try, in this order, when one of this kind is added to a network.

        Args:
            classes: number of classes of the data set, for a layer that ends the network.
        """
        return (cls(),)

    def title(self) -> str:
        """Return a short description of the layer for tables."""
        return self.kind

    def build(self, shape: Shape, offset: bool) -> Layer:
        """Return the layer for inputs of `shape`, not allocated.

        Args:
            shape: shape of one input image.
            offset: whether a constant that is added to a channel of its output has an effect. A
                layer leaves its bias out if it has none: its gradient would be rounding error.

        Raises:
            ShapeError: if it cannot take such inputs.
        """
        raise NotImplementedError

    def reference(self, x: Tensor, at: ReferencePass) -> Tensor:
        """Return the output in PyTorch's functions, for the gradient check.

        It must share no code with the layer under test.

        Args:
            x: the input, channels last, as in this project.
            at: PyTorch, the tensors of the layer, and the decisions that it reports.
        """
        raise NotImplementedError

    def module(self, at: ModuleBuilder, tensors: dict[str, Array]) -> Any:
        """Return the layer as PyTorch's users write it, as a module, for the benchmark.

        Args:
            at: PyTorch, and the shape of the input in this project; modules take channels first.
            tensors: the initial parameters by name within the layer.
        """
        raise NotImplementedError

    @classmethod
    def explain(cls, seen: Observed, at: Place) -> Sum:
        """Return the sum behind an output.

        Args:
            seen: a pass of the layer.
            at: the place of the output.

        Returns:
            Terms whose places are those of the input.
        """
        raise NotImplementedError

    @classmethod
    def explain_gradient(cls, seen: Observed, at: Place) -> Sum:
        """Return the sum behind the gradient of an input, as far as it comes through this layer.

        Args:
            seen: a pass of the layer, backward too.
            at: the place of the input.

        Returns:
            Terms whose places are those of the output; x is the gradient there, and w the
            derivative of that output by the input.
        """
        raise NotImplementedError

    @classmethod
    def explain_weight(cls, seen: Observed, tensor: str, index: Place) -> Sum:
        """Return the sum behind the gradient of a parameter.

        Args:
            seen: a pass of the layer, backward too.
            tensor: its name within the layer, such as `weight`.
            index: its index.

        Returns:
            Terms whose places are those of the output; x is what the parameter is multiplied by,
            and w the gradient of that output.
        """
        raise NotImplementedError

    def onnx(self, nodes: Nodes, layer: Layer, tensors: dict[str, Array]) -> None:
        """Append the nodes of the layer in inference.

        Args:
            nodes: the graph so far.
            layer: the layer that `build` returned.
            tensors: the trained parameters and running statistics by name within the layer.
        """
        raise NotImplementedError


def pixels(default: int, meaning: str, *, label: str, low: int = 1, high: int = 64) -> Any:
    """Declare a setting that counts pixels down and across, one number for both or two."""
    return setting(default, meaning, label=label, unit="pixels", low=low, high=high, pair=True)


def tail(stride: int | Pair, padding: int | Pair = 0, dilation: int | Pair = 1) -> str:
    """Return stride, padding and dilation for the end of a title, where they are not the usual."""
    words = [f", /{by(stride)}"] if stride != 1 else []
    words += [f", +{by(padding)}"] if padding else []
    words += [f", dilation {by(dilation)}"] if dilation != 1 else []
    return "".join(words)


def by(sides: int | Pair) -> str:
    """Return one number, or two as in 3x5."""
    return str(sides) if isinstance(sides, int) else f"{sides[0]}x{sides[1]}"


def square(sides: int | Pair) -> str:
    """Return height and width, as in 3x3."""
    return f"{sides}x{sides}" if isinstance(sides, int) else by(sides)

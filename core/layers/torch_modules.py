"""A network of PyTorch's modules, as its users write it, for the benchmark.

Modules take channels first: images (N, C, H, W), sequences (N, C, L).
"""

from collections import Counter
from collections.abc import Sequence
from math import prod
from typing import Any, ClassVar, Protocol

import numpy as np

from core.nn.arrays import Array, Shape
from core.nn.layer import Layer


class Modular(Protocol):
    """A description of a layer, as far as this module needs to know it."""

    takes_vectors: ClassVar[bool]

    @property
    def kind(self) -> str:
        """The name of the kind."""

    def build(self, shape: Shape, offset: bool) -> Layer:
        """Return the layer for inputs of `shape`."""

    def module(self, at: "ModuleBuilder", tensors: dict[str, Array]) -> Any:
        """Return the layer as a module."""


class ModuleBuilder:
    """Builds the modules of a chain of layers.

    Args:
        torch: the module.
        shape: shape of one input image, channels last.

    Attributes:
        nn: `torch.nn`.
        shape: shape of one image before the current layer, channels last as in this project.
        flattened: shape that was flattened to the current vectors, whose values are in PyTorch's
            order; None if they are not of an image, or a linear layer has mixed them.
    """

    def __init__(self, torch: Any, shape: Shape) -> None:
        self.torch, self.nn = torch, torch.nn
        self.shape = shape
        self.flattened: Shape | None = None

    def build(
        self,
        specs: Sequence[Modular],
        tensors: dict[str, Array],
        *,
        channels_first: bool = True,
    ) -> Any:
        """Return the chain as one module, and move `shape` behind it.

        Args:
            specs: the layers.
            tensors: the parameters by name, such as `conv1.weight`.
            channels_first: whether the arrays that the modules take have this layout; without it,
                only layers that know no places can follow.
        """
        counts, modules = Counter[str](), list[Any]()
        for spec in specs:
            if spec.takes_vectors and len(self.shape) > 1:
                modules.append(self.flatten(channels_first=channels_first))
            counts[spec.kind] += 1
            own = within(f"{spec.kind}{counts[spec.kind]}", tensors)
            after = spec.build(self.shape, offset=True).output_shape
            module = spec.module(self, own)
            self.shape = after
            if module is not None:
                modules.append(module)
        return self.nn.Sequential(*modules)

    def flatten(self, *, channels_first: bool = True) -> Any:
        """Return a flatten, after which the values are in the order in which they lay before."""
        self.flattened = self.shape if channels_first else None
        self.shape = (prod(self.shape),)
        return self.nn.Flatten()

    def in_our_order(self) -> Any:
        """Return a module that brings flattened values into this project's order, if need be."""
        if self.flattened is None:
            return None
        *sides, channels = self.flattened
        self.flattened = None
        return self.function(lambda x: x.reshape(-1, channels, *sides).movedim(1, -1).flatten(1))

    def filled(self, module: Any, weight: Array, bias: Array | None) -> Any:
        """Return a module with these initial parameters; without a bias if there is none."""
        with self.torch.no_grad():
            module.weight.copy_(self.torch.from_numpy(np.ascontiguousarray(weight)))
            if bias is None:
                module.bias = None  # normalisation follows
            else:
                module.bias.copy_(self.torch.from_numpy(bias))
        return module

    def function(self, work: Any) -> Any:
        """Return a module that calls a function of one tensor."""

        class Function(self.nn.Module):  # type: ignore[misc, name-defined]
            def forward(self, x: Any) -> Any:
                return work(x)

        return Function()


def within(name: str, tensors: dict[str, Array]) -> dict[str, Array]:
    """Return the tensors of one layer by their names within it."""
    prefix = f"{name}."
    return {key[len(prefix) :]: tensor for key, tensor in tensors.items() if key.startswith(prefix)}

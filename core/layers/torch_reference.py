"""A forward pass in PyTorch's functions, layer by layer, for the gradient check."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

if TYPE_CHECKING:
    from torch import Tensor as Tensor
else:
    Tensor = Any  # PyTorch is loaded only when it is needed


class Referenced(Protocol):
    """A description of a layer, as far as this module needs to know it."""

    takes_vectors: ClassVar[bool]

    @property
    def kind(self) -> str:
        """The name of the kind."""

    def reference(self, x: Tensor, at: "ReferencePass") -> Tensor:
        """Return the output of the layer."""


class ReferencePass:
    """What a layer finds around it: PyTorch, its own tensors, and where it reports decisions.

    Args:
        torch: the module.
        tensors: the tensors of a chain of layers by name, such as `conv1.weight`.
        masks: masks of the dropout layers in the order of the passes, because PyTorch would sample
            other ones.

    Attributes:
        f: `torch.nn.functional`.
        tensors: the tensors of the current layer by name within it, such as `weight`.
    """

    def __init__(self, torch: Any, tensors: dict[str, Tensor], masks: Iterator[Tensor]) -> None:
        self.torch, self.f = torch, torch.nn.functional
        self.tensors = tensors
        self._masks = masks
        self._taken: Tensor | None = None

    def next_mask(self) -> Tensor:
        """Return the mask of the next dropout layer."""
        return next(self._masks)

    def decide(self, taken: Tensor) -> None:
        """Report which branch each output takes, as in `Layer.decisions`."""
        self._taken = taken

    def run(self, specs: Sequence[Referenced], x: Tensor) -> tuple[Tensor, list[Tensor | None]]:
        """Return the output of a chain of layers, and the decisions of each.

        The decisions of an implied flatten, None, are among them.

        Args:
            specs: the layers, whose tensors are `tensors`.
            x: the input, channels last.
        """
        counts, decisions = Counter[str](), list[Tensor | None]()
        for spec in specs:
            if spec.takes_vectors and x.ndim > 2:
                decisions.append(None)
                x = x.flatten(1)
            counts[spec.kind] += 1
            at = self.within(f"{spec.kind}{counts[spec.kind]}")
            x = spec.reference(x, at)
            decisions.append(at._taken)
        return x, decisions

    def within(self, name: str) -> "ReferencePass":
        """Return the same for a layer of this name, with the tensors of that layer."""
        prefix = f"{name}."
        own = {
            key[len(prefix) :]: tensor
            for key, tensor in self.tensors.items()
            if key.startswith(prefix)
        }
        return ReferencePass(self.torch, own, self._masks)

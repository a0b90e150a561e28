"""All values and gradients of one pass, and the sum behind each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod

import numpy as np

from core.errors import ExplainError
from core.explain import ends
from core.explain.explained import Explained
from core.explain.subject import Subject
from core.layers.explanation import Observed, Place, Sum, single
from core.layers.registry import kinds
from core.nn.arrays import Array
from core.nn.layer import Mode

BYTES, INPUT, SOFTMAX, LOSS = "bytes", "input", "softmax", "loss"
"""Names of what stands around the layers: the image, the normalised image, the probabilities, and
the loss."""


@dataclass(frozen=True, eq=False, repr=False)
class Node:
    """One layer of a trace, or what stands around the layers."""

    name: str
    """Such as `conv2` or `residual1.conv2`."""
    title: str
    """A short description."""
    sources: tuple[str, ...]
    """Names of the nodes whose values it takes: two for a residual layer, which adds them."""
    y: Array
    """Its values (N, ...) for all images of the batch."""
    dy: Array | None
    """Their gradients (N, ...); None for the bytes and the probabilities."""
    seen: Observed | None
    """The pass of the layer; None if it has none."""


@dataclass(frozen=True, eq=False, repr=False)
class Trace:
    """One image through a network and back."""

    subject: Subject
    mode: Mode
    image: int
    """Index of the image in its batch."""
    labels: tuple[int, ...]
    """Labels of all images of the batch."""
    smoothing: float
    scale: float
    """Factor of the loss of an image: 1 divided by the number of images in a batch."""
    of: int | None
    """The class whose logit is differentiated; None for the loss."""
    nodes: Mapping[str, Node]
    """By name, in the order in which they are written."""
    weights: Mapping[str, tuple[Array, Array]]
    """Parameters and their gradients by name; the gradients are those of the whole batch."""

    @property
    def label(self) -> int:
        """The label of the image."""
        return self.labels[self.image]

    @property
    def probabilities(self) -> Array:
        """The probabilities of the classes, (K,)."""
        return self.values(SOFTMAX)

    @property
    def loss(self) -> float:
        """The cross-entropy of the image, with the targets of the training."""
        return float(self.values(LOSS))

    @cached_property
    def consumers(self) -> dict[str, list[str]]:
        """Names of the nodes that take the values of each node."""
        found: dict[str, list[str]] = {name: [] for name in self.nodes}
        for node in self.nodes.values():
            for source in node.sources:
                found[source].append(node.name)
        return found

    @property
    def last(self) -> str:
        """Name of the layer whose outputs are the logits."""
        return self.nodes[SOFTMAX].sources[0]

    def node(self, name: str) -> Node:
        """Return a node.

        Raises:
            ExplainError: if there is none of this name.
        """
        if name not in self.nodes:
            raise ExplainError(f"there is no layer {name!r}; there are {', '.join(self.nodes)}")
        return self.nodes[name]

    def values(self, name: str) -> Array:
        """Return the values of a node for the image."""
        values: Array = self.node(name).y[self.image]
        return values

    def gradients(self, name: str) -> Array:
        """Return the gradients of the values of a node for the image.

        Raises:
            ExplainError: if there is no such node, or it has none.
        """
        dy = self.node(name).dy
        if dy is None:
            raise ExplainError(
                f"{name} has no gradient: it goes from the loss to {self.last} in one step, and "
                f"ends at the {INPUT}"
            )
        gradients: Array = dy[self.image]
        return gradients

    def explain(self, name: str, at: Place) -> Explained:
        """Return the sum behind a value of the image.

        Args:
            name: name of the node.
            at: place of the value: (row, column, channel), (step, channel), (index,), or () for
                the loss.

        Raises:
            ExplainError: if there is no such value.
        """
        node = self.node(name)
        value = float(self._one(name, self.values(name), at))
        if name == BYTES:
            return Explained(name, at, value, ())
        if name == INPUT:
            return Explained(name, at, value, ((BYTES, ends.normalised(self._ends, at)),))
        if name == SOFTMAX:
            return Explained(name, at, value, ((self.last, ends.softmax(self._ends, at)),))
        if name == LOSS:
            return Explained(name, at, value, ((SOFTMAX, ends.loss(self._ends)),))
        sums: Iterable[Sum]
        if node.seen is None:
            taken = (float(self.values(source)[at]) for source in node.sources)
            sums = [Sum(single(at, x, 1.0)) for x in taken]
        else:
            sums = [kinds()[node.seen.layer.kind].explain(node.seen, at)]
        return Explained(name, at, value, tuple(zip(node.sources, sums, strict=True)))

    def explain_gradient(self, name: str, at: Place) -> Explained:
        """Return the sum behind the gradient of a value of the image.

        Its terms are the values of the layers behind that depend on this one: x is the gradient
        there, and w the derivative.

        Raises:
            ExplainError: if there is no such value, or it has no gradient.
        """
        gradient = float(self._one(name, self.gradients(name), at))
        sums = []
        for consumer in self.consumers[name]:
            seen = self.nodes[consumer].seen
            if consumer == SOFTMAX:
                sums.append((LOSS, ends.logit_gradient(self._ends, at)))
            elif seen is None:
                dy = float(self.gradients(consumer)[at])
                sums.append((consumer, Sum(single(at, dy, 1.0))))
            else:
                own = kinds()[seen.layer.kind].explain_gradient(seen, at)
                sums.append((consumer, own))
        return Explained(name, at, gradient, tuple(sums), {})

    def explain_weight(self, tensor: str, index: Place) -> Explained:
        """Return the sum behind the gradient of a parameter.

        Its terms are the places and images at which it is used.

        Args:
            tensor: its name, such as `conv1.weight`.
            index: index of one entry.

        Raises:
            ExplainError: if there is no such parameter or entry.
        """
        if tensor not in self.weights:
            raise ExplainError(
                f"there is no parameter {tensor!r}; there are {', '.join(self.weights)}"
            )
        value, gradient = self.weights[tensor]
        name, _, own = tensor.rpartition(".")
        seen = self.nodes[name].seen
        assert seen is not None
        found = float(self._one(tensor, gradient, index))
        total = kinds()[seen.layer.kind].explain_weight(seen, own, index)
        facts = {tensor.rpartition(".")[2]: float(value[index])}
        return Explained(tensor, index, found, ((name, total),), facts)

    @property
    def _ends(self) -> ends.Ends:
        return ends.Ends(
            self.subject.normaliser,
            self.values(BYTES),
            self.values(self.last),
            self.label,
            self.smoothing,
            self.scale,
            self.of,
        )

    def _one(self, name: str, array: Array, at: Place) -> Array:
        shape = array.shape
        fits = len(at) == len(shape) and all(0 <= k < n for k, n in zip(at, shape, strict=True))
        if not fits:
            place = ",".join(map(str, at)) or "no place"
            size = " x ".join(map(str, shape)) or "a single number"
            raise ExplainError(f"{name} has nothing at {place}: it is {size}, counted from 0")
        one: Array = array[at]
        return one

    def largest_weight(self, tensor: str) -> Place:
        """Return the index of the parameter with the largest gradient, up or down."""
        gradient = np.abs(self.weights[tensor][1])
        return tuple(int(k) for k in np.unravel_index(gradient.argmax(), gradient.shape))

    def largest(self, name: str) -> Place:
        """Return the place of the largest value of a node, where reading begins."""
        values = self.values(name)
        if not prod(values.shape):
            return ()
        return tuple(int(k) for k in np.unravel_index(values.argmax(), values.shape))

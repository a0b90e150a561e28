"""Recording of what every layer takes and gives, forward and back."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from core.explain.trace import Node
from core.layers.explanation import Observed
from core.layers.residual import Residual as ResidualSpec
from core.layers.sequence import Built
from core.nn.arrays import Array
from core.nn.chain import numbered
from core.nn.dropout import Dropout
from core.nn.layer import Layer, Mode
from core.nn.network import Network
from core.nn.residual import SHORTCUT, Residual


@dataclass(eq=False)
class Record:
    """One layer, as far as it has been passed."""

    name: str
    title: str
    sources: tuple[str, ...]
    layer: Layer
    x: Array
    y: Array
    dy: Array | None = None
    branch: "list[Record]" = field(default_factory=list)
    """The layers of the branch of a residual layer."""
    shortcut: "Record | None" = None

    def parts(self) -> "list[Record]":
        """Return the layers in the order in which they are written, this one last."""
        inner = [part for record in self.branch for part in record.parts()]
        return [*inner, *([self.shortcut] if self.shortcut else []), self]


class Recorder:
    """Runs the layers of a network one by one, as a network does, and copies what they compute.

    Args:
        network: with the gradient of its input.
        mode: of the forward pass.
    """

    def __init__(self, network: Network, mode: Mode) -> None:
        self._mode = mode
        self._tensors = network.tensors()
        self._layers = network.layers
        self._records: list[Record] = []

    def forward(self, x: Array, built: Sequence[Built], source: str) -> tuple[Array, str]:
        """Return the output for x, and the name of the layer that it comes from.

        Args:
            x: inputs of the network (N, ...).
            built: the layers with their descriptions.
            source: name of what x comes from.
        """
        self._records, y, last = self._chain(self._layers, built, "", x, source)
        return y, last

    def backward(self, dy: Array) -> Array:
        """Return the gradient of the input, given that of the output."""
        return _back(self._records, dy)

    def nodes(self) -> list[Node]:
        """Return the layers in the order in which they are written."""
        return [self._node(part) for record in self._records for part in record.parts()]

    def _chain(
        self, layers: Sequence[Layer], built: Sequence[Built], prefix: str, x: Array, source: str
    ) -> tuple[list[Record], Array, str]:
        records = []
        for (name, layer), described in zip(numbered(layers), built, strict=True):
            record = self._pass(prefix + name, layer, described, x, source)
            records.append(record)
            x, source = record.y, record.name
        return records, x, source

    def _pass(self, name: str, layer: Layer, built: Built, x: Array, source: str) -> Record:
        if not isinstance(layer, Residual):
            return self._leaf(name, built.title, layer, x, source)
        assert isinstance(built.spec, ResidualSpec)
        inner = built.spec.built(layer.input_shape)
        branch, changed, last = self._chain(layer.branch, inner, f"{name}.", x, source)
        kept, beside, shortcut = x, source, None
        if layer.shortcut is not None:
            title = "1x1 on the short way"
            shortcut = self._leaf(f"{name}.{SHORTCUT}", title, layer.shortcut, x, source)
            kept, beside = shortcut.y, shortcut.name
        y = np.add(kept, changed)
        return Record(name, built.title, (last, beside), layer, x, y, None, branch, shortcut)

    def _leaf(self, name: str, title: str, layer: Layer, x: Array, source: str) -> Record:
        # Contiguous, as layers rely on; a copy, for buffers are used again.
        return Record(name, title, (source,), layer, x, layer.forward(x, self._mode).copy())

    def _node(self, record: Record) -> Node:
        assert record.dy is not None
        seen = None
        if not isinstance(record.layer, Residual):
            tensors = {
                tensor.name: self._tensors[f"{record.name}.{tensor.name}"][0].copy()
                for tensor in record.layer.learned()
            }
            if isinstance(record.layer, Dropout) and self._mode is Mode.TRAINING:
                tensors["mask"] = record.layer.mask.copy()
            seen = Observed(record.layer, self._mode, 0, record.x, record.y, record.dy, tensors)
        return Node(record.name, record.title, record.sources, record.y, record.dy, seen)


def _back(records: Sequence[Record], dy: Array) -> Array:
    for record in reversed(records):
        record.dy = dy.copy()
        dy = _step(record, record.dy)
    return dy


def _step(record: Record, dy: Array) -> Array:
    """Return the gradient of the input of a layer, given that of its output."""
    if not isinstance(record.layer, Residual):
        dx = record.layer.backward(dy)
        assert dx is not None  # the network was built with the gradient of its input
        return dx
    changed = _back(record.branch, dy).copy()
    kept = dy if record.shortcut is None else _back([record.shortcut], dy)
    total: Array = np.add(kept, changed)
    return total

"""Memory that the layers of a network share, because their arrays do not live at the same time.

A layer reads what its neighbour has just written, and writes what the other reads next. So two
pieces of memory, used in turn, hold all gradients that are passed back, and all outputs that are
not read again once the next layer has taken them: those of a convolution before batch
normalisation, say, but not those of a ReLU, whose backward pass reads them, nor the input of a
convolution. A third piece is scratch memory for one call of one layer. The branch of a residual
layer has two pieces of its own, since what came in waits meanwhile.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.nn.buffers import ByteCount, Memory, Share
from core.nn.layer import Layer

Chain = Sequence[Layer]


@dataclass(frozen=True)
class Needs:
    """Bytes of the work arrays of some chains, of which one is computed at a time."""

    own: int
    """Of the arrays that only one layer uses."""
    passing: tuple[int, int]
    """Of the two pieces for what layers pass on."""
    scratch: int
    branch: "Needs | None"
    """Of the branches of residual layers, with the scratch memory included in `scratch`."""

    @property
    def total(self) -> int:
        """All bytes."""
        inner = 0 if self.branch is None else self.branch.total
        return self.own + sum(self.passing) + self.scratch + inner

    def allocate(self, scratch: npt.NDArray[np.uint8] | None = None) -> Memory:
        """Return the shared memory; that of branches has the same scratch memory."""
        if scratch is None:
            scratch = np.empty(self.scratch, np.uint8)
        first, second = (np.empty(size, np.uint8) for size in self.passing)
        branch = None if self.branch is None else self.branch.allocate(scratch)
        return Memory((first, second), scratch, branch)


def needs(
    chains: Sequence[Chain], batch: int, dtype: npt.DTypeLike, *, outermost: bool = True
) -> Needs:
    """Return what chains of layers need for `batch` images.

    Args:
        chains: the layers of a network, or those of several branches.
        batch: largest batch size.
        dtype: dtype of the network.
        outermost: whether they are networks, and no branches.
    """
    own, passing, scratch = 0, [0, 0], 0
    for layers in chains:
        for layer, slot, keeps_output, keeps_gradient in _places(layers, outermost):
            count = ByteCount(batch, dtype, keeps_output, keeps_gradient)
            layer.count(count)
            own += count.own
            passing[slot] = max(passing[slot], count.passing)
            scratch = max(scratch, count.scratched)
    branches = [layer.branch for layers in chains for layer in layers if layer.branch]
    inner = None
    if branches:
        inner = needs(branches, batch, dtype, outermost=False)
        scratch = max(scratch, inner.scratch)
        inner = Needs(inner.own, inner.passing, 0, inner.branch)
    return Needs(own, (passing[0], passing[1]), scratch, inner)


def allocate(
    layers: Chain, batch: int, dtype: npt.DTypeLike, memory: Memory, *, outermost: bool = True
) -> None:
    """Allocate the buffers of a chain, with what can be shared in `memory`."""
    for layer, slot, keeps_output, keeps_gradient in _places(layers, outermost):
        layer.allocate(batch, dtype, Share(memory, slot, keeps_output, keeps_gradient))


def _places(layers: Chain, outermost: bool) -> Iterator[tuple[Layer, int, bool, bool]]:
    """Yield each layer with its piece for passing, and whether it keeps output and dx."""
    slot = 0
    for at, layer in enumerate(layers):
        # A layer that may pass on its input as it is does not take a turn.
        reader = next((after for after in layers[at + 1 :] if not after.passes_input), None)
        keeps_output = layer.passes_input or reader is None or reader.keeps_input
        keeps_gradient = layer.passes_input or (outermost and at == 0)
        yield layer, slot, keeps_output, keeps_gradient
        if not layer.passes_input:
            slot = 1 - slot

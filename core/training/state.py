"""The state of a training and the result of one update."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from core.nn.arrays import Array


class Step(NamedTuple):
    """Losses of one update, measured before it changes the weights."""

    rate: float
    loss: float
    """Plain cross-entropy of the mini-batch."""
    smoothed: float
    """Cross-entropy with the smoothed labels."""
    penalty: float
    """The L2 term."""

    @property
    def cost(self) -> float:
        """The quantity that the update minimises."""
        return self.smoothed + self.penalty


@dataclass(frozen=True)
class State:
    """State of a run between two updates; with its timeline, enough to resume it."""

    updates: int
    """Number of completed updates."""
    seconds: float
    """Training time so far, counted as in `Result`."""
    tensors: Mapping[str, Array]
    """Parameters and running statistics by name."""
    optimiser: Mapping[str, Array] = field(default_factory=dict)
    """Vectors of the optimiser by name, such as `velocity`, each flat, in the network's order."""

    def copy_into(self, tensors: Mapping[str, Array], optimiser: Mapping[str, Array]) -> None:
        """Copy tensors and vectors into those of a network and its optimiser.

        Args:
            tensors: those of the network by name.
            optimiser: those of the optimiser by name.

        Raises:
            ValueError: if names, shapes or dtypes differ; nothing is copied then.
        """
        if _forms(tensors) != _forms(self.tensors):
            raise ValueError("the tensors are those of another network")
        if _forms(optimiser) != _forms(self.optimiser):
            raise ValueError("the state is that of another optimiser")
        for name, value in tensors.items():
            np.copyto(value, self.tensors[name])
        for name, value in optimiser.items():
            np.copyto(value, self.optimiser[name])


def _forms(arrays: Mapping[str, Array]) -> dict[str, object]:
    """Return shapes and dtypes of arrays, which must match for them to replace others."""
    return {name: (array.shape, array.dtype) for name, array in arrays.items()}

"""Where a training stands: after one update, and between two."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from core.nn.arrays import Array


class Step(NamedTuple):
    """What one update found, before it changed the weights."""

    rate: float
    loss: float
    """Plain cross-entropy of the mini-batch."""
    smoothed: float
    """Cross-entropy against the smoothed labels."""
    penalty: float
    """The L2 term."""

    @property
    def cost(self) -> float:
        """What the update descends on."""
        return self.smoothed + self.penalty


@dataclass(frozen=True)
class State:
    """Where a run stands between two updates: with its timeline, all that it takes to go on."""

    updates: int
    """Those that have been done."""
    seconds: float
    """That they took, as `Result` counts them."""
    tensors: Mapping[str, Array]
    """What was learned, by name: parameters and running statistics."""
    velocity: Array | None = None
    """Of all parameters, flat, in the network's order; None without momentum."""


def form(vector: Array | None) -> object:
    """Return what two vectors that can stand for each other have in common."""
    return None if vector is None else (vector.shape, vector.dtype)

"""Stochastic gradient descent."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.optim.penalty import Array, cost_gradient


@dataclass(frozen=True)
class SGD:
    """Gradient descent with an L2 penalty on the weights and optional momentum.

    The cost is L + lambda * sum of w^2 over the entries that decay, whose gradient is
    G = g + 2 lambda w for those entries and G = g for the others. Without momentum

        w <- w - rate G

    With momentum mu, gradients accumulate in a velocity v that starts at 0 (Polyak 1964), in
    PyTorch's convention, where the rate multiplies the velocity and is not part of it:

        v <- mu v + G
        w <- w - rate v              or, after Nesterov,   w <- w - rate (G + mu v)

    Sutskever et al. 2013, "On the importance of initialization and momentum in deep learning".
    """

    momentum: float = 0.0
    """mu, from 0 to below 1."""
    nesterov: bool = False
    """Whether to use Nesterov momentum."""

    @property
    def state(self) -> tuple[str, ...]:
        """Names of the state vectors, see `Rule`."""
        return ("velocity",) if self.momentum else ()

    def step(
        self,
        weights: Array,
        gradients: Array,
        state: Sequence[Array],
        decays: int,
        rate: float,
        weight_decay: float,
        update: int,
        work: Array,
    ) -> None:
        """Update `weights` in place, see `Rule`."""
        spare, step = work
        if decays:
            w, g = weights[:decays], gradients[:decays]
            cost_gradient(w, g, weight_decay, step[:decays])
        np.copyto(step[decays:], gradients[decays:])
        # The gradients may stand in `spare` and are no longer needed.
        for velocity in state:
            np.multiply(velocity, self.momentum, out=velocity)
            np.add(velocity, step, out=velocity)
            if self.nesterov:
                np.add(step, np.multiply(velocity, self.momentum, out=spare), out=step)
            else:
                np.copyto(step, velocity)
        np.multiply(step, rate, out=step)
        np.subtract(weights, step, out=weights)

"""Stochastic gradient descent on flat vectors."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

CHUNK = 32_768
"""Number of entries processed at a time: five float32 vectors of this length fit in an L2 cache, so
each is read from memory only once."""


class SGD:
    """Gradient descent with an L2 penalty on the weights and optional momentum.

    The cost is L + lambda * sum of w^2 over the entries that decay, whose gradient is
    G = g + 2 lambda w for the first `decay_size` entries and G = g for the others. Without momentum

        w <- w - rate G

    With momentum mu, gradients accumulate in a velocity v that starts at 0 (Polyak 1964), in
    PyTorch's convention, where the rate multiplies the velocity and is not part of it:

        v <- mu v + G
        w <- w - rate v              or, after Nesterov,   w <- w - rate (G + mu v)

    Sutskever et al. 2013, "On the importance of initialization and momentum in deep learning".

    The vector is divided into blocks of equal size with one call of `step` each, so that several
    threads can share an update.

    Args:
        parameters: flat vector that is updated in place.
        decay_size: number of leading entries that decay.
        blocks: number of blocks.
        momentum: mu, from 0 to below 1.
        nesterov: whether to use Nesterov momentum.
        velocity: flat vector for v, shared and not copied; None allocates one if momentum is used.
    """

    def __init__(
        self,
        parameters: Array,
        decay_size: int,
        blocks: int = 1,
        momentum: float = 0.0,
        nesterov: bool = False,
        velocity: Array | None = None,
    ) -> None:
        self.parameters, self.decay_size = parameters, decay_size
        self.momentum, self.nesterov = momentum, nesterov
        self.velocity = np.zeros_like(parameters) if velocity is None and momentum else velocity
        bounds = [parameters.size * number // blocks for number in range(blocks + 1)]
        self.blocks = [slice(start, end) for start, end in pairwise(bounds)]

    def work(self) -> Array:
        """Return workspace for `step`; threads that run concurrently need one each."""
        return np.empty((2, min(CHUNK, len(self.parameters))), self.parameters.dtype)

    def update(self, gradients: Sequence[Array], rate: float, weight_decay: float) -> Any:
        """Update the whole vector.

        Args:
            gradients: flat vectors that sum to dL/dw, added in this order.
            rate: learning rate.
            weight_decay: lambda.

        Returns:
            The L2 term of the weights before the step, in double precision.
        """
        work = self.work()
        return sum(self.step(block, gradients, rate, weight_decay, work) for block in self.blocks)

    def step(
        self,
        block: slice,
        gradients: Sequence[Array],
        rate: float,
        weight_decay: float,
        work: Array,
    ) -> Any:
        """Update one block of `blocks`, with arguments and result as in `update`.

        Allocates nothing.
        """
        penalty: Any = 0.0
        for start in range(block.start, block.stop, CHUNK):
            chunk = slice(start, min(start + CHUNK, block.stop))
            w, g = self.parameters[chunk], gradients[0][chunk]
            total, step = work[:, : len(w)]
            for part in gradients[1:]:
                g = np.add(g, part[chunk], out=total)
            decays = max(0, self.decay_size - start) if weight_decay else 0
            if decays:
                penalty += l2_penalty(w, decays, weight_decay)
                cost_gradient(w[:decays], g[:decays], weight_decay, step[:decays])
            np.copyto(step[decays:], g[decays:])
            if self.velocity is not None:
                self._accelerate(self.velocity[chunk], step, total)
            np.multiply(step, rate, out=step)
            np.subtract(w, step, out=w)
        return penalty

    def _accelerate(self, velocity: Array, step: Array, work: Array) -> None:
        """Update the velocity, and replace the gradient in `step` by the step direction."""
        np.multiply(velocity, self.momentum, out=velocity)
        np.add(velocity, step, out=velocity)
        if self.nesterov:
            np.add(step, np.multiply(velocity, self.momentum, out=work), out=step)
        else:
            np.copyto(step, velocity)


def cost_gradient(parameters: Array, gradients: Array, weight_decay: float, out: Array) -> Array:
    """Return g + 2 lambda w, the gradient of the cost for weights that decay, in `out`.

    `out` must not overlap the other arrays.
    """
    np.multiply(parameters, 2.0 * weight_decay, out=out)
    return np.add(out, gradients, out=out)


def l2_penalty(parameters: Array, decay_size: int, weight_decay: float) -> Any:
    """Return lambda * sum of w^2 over the first `decay_size` entries, in double precision.

    This is a dot product without conjugation, so the complex-step method works on it.
    """
    weights = parameters[:decay_size]
    exact = np.result_type(parameters.dtype, np.float64).type
    return exact(np.dot(weights, weights)) * weight_decay

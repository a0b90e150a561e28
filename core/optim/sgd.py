"""Stochastic gradient descent on flat vectors."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

CHUNK = 32_768
"""Entries that are worked on at a time: five vectors of so many float32 fit into a level-2 cache,
and each is read from memory once."""


class SGD:
    """Gradient descent with an L2 penalty on the weights, and with momentum where there is any.

    The cost is L + lambda * sum of w^2 over the entries that decay, whose gradient is
    G = g + 2 lambda w for the first `decay_size` entries and G = g for the others. Without momentum

        w <- w - rate G

    With momentum mu, steps add up in a velocity v that starts at 0 (Polyak 1964), in PyTorch's
    convention, where the rate multiplies the velocity and is no part of it:

        v <- mu v + G
        w <- w - rate v              or, after Nesterov,   w <- w - rate (G + mu v)

    Sutskever et al. 2013, "On the importance of initialization and momentum in deep learning".

    The vector is cut into blocks of one size, and a step into one `step` for each, so that threads
    can share it.

    Args:
        parameters: flat vector that will be updated, in place.
        decay_size: how many leading entries decay.
        blocks: how many to make.
        momentum: mu, from 0 to below 1.
        nesterov: whether a step looks ahead.
        velocity: flat vector for v, shared and not copied; None makes one where there is momentum.
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
        """Return memory for `step`; threads that step at the same time need one each."""
        return np.empty((2, min(CHUNK, len(self.parameters))), self.parameters.dtype)

    def update(self, gradients: Sequence[Array], rate: float, weight_decay: float) -> Any:
        """Take a step on the whole vector.

        Args:
            gradients: parts of dL/dw, flat vectors, added in this order.
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
        """Take a step on one block of `blocks`; arguments and result as `update`, for its entries.

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
        """Turn the gradient in `step` into the direction of the step; move the velocity."""
        np.multiply(velocity, self.momentum, out=velocity)
        np.add(velocity, step, out=velocity)
        if self.nesterov:
            np.add(step, np.multiply(velocity, self.momentum, out=work), out=step)
        else:
            np.copyto(step, velocity)


def cost_gradient(parameters: Array, gradients: Array, weight_decay: float, out: Array) -> Array:
    """Return g + 2 lambda w, the gradient of the cost for weights that decay, in `out`.

    `out` must be memory of its own.
    """
    np.multiply(parameters, 2.0 * weight_decay, out=out)
    return np.add(out, gradients, out=out)


def l2_penalty(parameters: Array, decay_size: int, weight_decay: float) -> Any:
    """Return lambda * sum of w^2 over the first `decay_size` entries, in double precision.

    A plain dot product: nothing is conjugated, so that complex parameters give its complex step.
    """
    weights = parameters[:decay_size]
    exact = np.result_type(parameters.dtype, np.float64).type
    return exact(np.dot(weights, weights)) * weight_decay

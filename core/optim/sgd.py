"""Stochastic gradient descent on flat vectors."""

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

BLOCK = 32 * 1024
"""Entries handled at a time: weights, gradients and work of one block stay in an L2 cache."""


class SGD:
    """Plain gradient descent with an L2 penalty on the weights.

    The cost is L + lambda * sum of w^2 over the entries that decay, whose gradient is
    g + 2 lambda w; so

        w <- w - rate (g + 2 lambda w)   for the first `decay_size` entries,
        w <- w - rate g                  for the others.

    Args:
        parameters: a vector of the length and dtype that will be updated.
    """

    def __init__(self, parameters: Array) -> None:
        self.work = np.empty(min(BLOCK, parameters.size), parameters.dtype)

    def update(
        self,
        parameters: Array,
        gradients: Array,
        rate: float,
        weight_decay: float,
        decay_size: int,
    ) -> None:
        """Take one step, in place and without allocating anything.

        Args:
            parameters: flat vector, changed.
            gradients: dL/dw in the same order, left as it is.
            rate: learning rate.
            weight_decay: lambda.
            decay_size: how many leading entries decay.
        """
        self._step(parameters[:decay_size], gradients[:decay_size], rate, weight_decay)
        self._step(parameters[decay_size:], gradients[decay_size:], rate, 0.0)

    def _step(self, parameters: Array, gradients: Array, rate: float, weight_decay: float) -> None:
        for start in range(0, len(parameters), BLOCK):
            w, g = parameters[start : start + BLOCK], gradients[start : start + BLOCK]
            step = self.work[: len(w)]
            if weight_decay:
                cost_gradient(w, g, weight_decay, step)
                np.multiply(step, rate, out=step)
            else:
                np.multiply(g, rate, out=step)
            np.subtract(w, step, out=w)


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

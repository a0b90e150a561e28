"""The L2 penalty of the cost, lambda times the sum of the squared weights."""

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


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

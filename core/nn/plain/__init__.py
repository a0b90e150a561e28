"""The mathematics of every layer and of the loss, forward and backward, in plain NumPy.

This is the reference: nothing here is fast, nothing is reused, and every formula stands as it is
written on paper. The layers of `core.nn` compute the same in buffers that they allocate once, and
tests compare them with these functions.

A layer of kind `k` is two functions:

    k(x, ...)                  returns y
    k_backward(dy, x, ...)     returns the gradients of everything that y depends on, by name

Both take the layer's tensors and settings by their names. x is (N, H, W, C) for images, (N, L, C)
for sequences and (N, D) for vectors; dy, the gradient of the loss with respect to y, has the shape
of y. `dx` in a comment is dL/dx. Complex numbers, which the complex-step check passes through, are
compared by their real parts.
"""

from collections.abc import Callable
from typing import Any

from core.nn.plain import activations, convolution, loss, normalisation, pooling

LAYERS = (activations, convolution, normalisation, pooling)

__all__ = ["LAYERS", "activations", "convolution", "layer", "loss", "normalisation", "pooling"]


def layer(kind: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return the two functions of a kind of layer.

    Raises:
        LookupError: if there are none.
    """
    for module in LAYERS:
        if hasattr(module, kind):
            return getattr(module, kind), getattr(module, f"{kind}_backward")
    raise LookupError(f"{kind} has no plain form")

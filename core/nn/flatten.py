"""Flattening of images to vectors.

In plain NumPy: `core.nn.plain.activations.flatten`.
"""

from math import prod

from core.nn.arrays import Array, Shape
from core.nn.layer import Layer, Mode


class Flatten(Layer):
    """Reshape of images (N, H, W, C) to vectors (N, H W C).

    Arrays between layers are C-contiguous, so both directions are reshapes and copy nothing.
    """

    kind = "flatten"
    passes_input = True

    def __init__(self, input_shape: Shape) -> None:
        super().__init__(input_shape)
        self.output_shape = (prod(input_shape),)

    def forward(self, x: Array, mode: Mode) -> Array:
        """Return x as (N, D)."""
        return x.reshape(len(x), *self.output_shape)

    def backward(self, dy: Array) -> Array | None:
        """Return dy in the shape of the input, or None."""
        return dy.reshape(len(dy), *self.input_shape) if self.needs_input_gradient else None

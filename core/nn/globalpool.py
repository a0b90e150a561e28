"""Global average pooling.

In plain NumPy: `core.nn.plain.pooling.globalpool`.
"""

from math import prod

import numpy as np

from core.nn.arrays import Array, Shape
from core.nn.buffers import Buffers
from core.nn.layer import Layer, Mode, ShapeError


class GlobalAveragePool(Layer):
    """Global average pooling: the mean of each channel over all positions.

    y[n, c] = 1 / (H W) * sum over i, j of x[n, i, j, c]

    Backward passes 1 / (H W) of dy to every position. Lin, Chen and Yan 2014, "Network in network".

    Shapes: x (N, H, W, C) or (N, L, C), y (N, C).

    Args:
        input_shape: (H, W, C) or (L, C).

    Raises:
        ShapeError: if the input has neither shape.
    """

    kind = "globalpool"
    keeps_input = False

    def __init__(self, input_shape: Shape) -> None:
        super().__init__(input_shape)
        if len(input_shape) not in (2, 3):
            raise ShapeError(
                "global average pooling takes images of shape (height, width, channels) or "
                f"sequences of shape (steps, channels), not an input of shape {input_shape}"
            )
        self.output_shape = input_shape[-1:]
        self.places = prod(input_shape[:-1])

    def buffers(self, make: Buffers) -> None:
        """Allocate the output and the gradient."""
        self.y = make.output(self.output_shape)
        if self.needs_input_gradient:
            self.dx = make.gradient(self.input_shape)

    def forward(self, x: Array, mode: Mode) -> Array:
        """Return y for x."""
        np.add.reduce(self._places(x), axis=1, out=self.y)
        np.multiply(self.y, 1.0 / self.places, out=self.y)
        return self.y

    def backward(self, dy: Array) -> Array | None:
        """Return dx, or None."""
        if not self.needs_input_gradient:
            return None
        np.multiply(dy[:, None], 1.0 / self.places, out=self._places(self.dx))
        return self.dx

    def _places(self, images: Array) -> Array:
        """Return images as (N, H W, C)."""
        return images.reshape(len(images), self.places, -1)

"""Layer normalisation.

In plain NumPy: `core.nn.plain.normalisation.layernorm`.
"""

from math import prod

import numpy as np

from core.nn.arrays import Array, Shape
from core.nn.buffers import Buffers
from core.nn.channel_sums import sum_per_channel
from core.nn.layer import Layer, Mode, Parameter

EPSILON = 1e-5
"""Added to the variance, so that the division by its square root is defined; PyTorch's default."""


class LayerNorm(Layer):
    """Layer normalisation: normalise the channels of every position, then scale and shift them.

    With C channels at a position, in training and evaluation alike

        m = 1/C sum of x,   v = 1/C sum of (x - m)^2,   u = (x - m) / sqrt(v + eps)
        y = gamma u + beta

    Every x also changes m and v of its position. With g = gamma dy

        dgamma = sum of dy u,   dbeta = sum of dy   (over images and positions)
        dx = 1 / sqrt(v + eps) (g - 1/C sum of g - u 1/C sum of g u)   (sums over channels)

    No image depends on the others. For vectors, all values are the channels of one position. Ba,
    Kiros and Hinton 2016, "Layer normalization"; over channels as in Liu et al. 2022, "A ConvNet
    for the 2020s".

    Shapes: x, y (N, H, W, C), (N, L, C) or (N, C); gamma, beta (C,).

    Args:
        input_shape: shape of one image.
    """

    kind = "layernorm"
    keeps_input = False

    gamma: Array
    beta: Array
    dgamma: Array
    dbeta: Array

    def __init__(self, input_shape: Shape) -> None:
        super().__init__(input_shape)
        self.channels = input_shape[-1]
        self.places = prod(input_shape[:-1])

    def parameters(self) -> list[Parameter]:
        """Return scale gamma and shift beta of each channel; neither decays."""
        return [
            Parameter("gamma", (self.channels,), decays=False, fan_in=0, start=1.0),
            Parameter("beta", (self.channels,), decays=False, fan_in=0),
        ]

    def buffers(self, make: Buffers) -> None:
        """Allocate the output, u, the gradient, gamma dy, and one number per position."""
        self.y = make.output(self.output_shape)
        self.normalised = make.per_image(self.output_shape)
        # Also the workspace of the sums, so it is allocated even if dx is not needed.
        self.dx = make.gradient(self.input_shape)
        if self.needs_input_gradient:
            self.g = make.per_image(self.output_shape)
        self.inverse = make.per_image((self.places,))
        self.mean = make.per_image((self.places,))
        self.ones = make.per_image((), fill=1.0)
        self.row = make.scratch((prod(self.input_shape),))

    def forward(self, x: Array, mode: Mode) -> Array:
        """Return y for x."""
        x, y, u = self._positions(x), self._positions(self.y), self._positions(self.normalised)
        mean, inverse = self.mean[:, :, None], self.inverse[:, :, None]
        np.add.reduce(x, axis=2, keepdims=True, out=mean)
        np.divide(mean, self.channels, out=mean)
        np.subtract(x, mean, out=u)
        np.multiply(u, u, out=y)
        np.add.reduce(y, axis=2, keepdims=True, out=inverse)
        np.divide(inverse, self.channels, out=inverse)
        np.add(inverse, EPSILON, out=inverse)
        np.sqrt(inverse, out=inverse)
        np.divide(1.0, inverse, out=inverse)
        np.multiply(u, inverse, out=u)
        np.multiply(u, self.gamma, out=y)
        np.add(y, self.beta, out=y)
        return self.y

    def backward(self, dy: Array) -> Array | None:
        """Write dgamma and dbeta; return dx, or None."""
        dy, dx, u = self._positions(dy), self._positions(self.dx), self._positions(self.normalised)
        np.multiply(dy, u, out=dx)
        sum_per_channel(self.dx, self.ones, self.row, self.dgamma)
        sum_per_channel(dy, self.ones, self.row, self.dbeta)
        if not self.needs_input_gradient:
            return None
        g, mean = self._positions(self.g), self.mean[:, :, None]
        np.multiply(dx, self.gamma, out=dx)
        np.add.reduce(dx, axis=2, keepdims=True, out=mean)
        np.divide(mean, self.channels, out=mean)
        np.multiply(u, mean, out=dx)
        np.multiply(dy, self.gamma, out=g)
        np.subtract(g, dx, out=dx)
        np.add.reduce(g, axis=2, keepdims=True, out=mean)
        np.divide(mean, self.channels, out=mean)
        np.subtract(dx, mean, out=dx)
        np.multiply(dx, self.inverse[:, :, None], out=dx)
        return self.dx

    def _positions(self, array: Array) -> Array:
        """Return an array of the input's shape as (N, positions, C)."""
        return array.reshape(-1, self.places, self.channels)

"""The Gaussian error linear unit (GELU), in its form with tanh.

In plain NumPy: `core.nn.plain.activations.gelu`.
"""

from math import pi, sqrt

import numpy as np

from core.nn.arrays import Array
from core.nn.buffers import Buffers
from core.nn.layer import Layer, Mode

SCALE = sqrt(2.0 / pi)
CUBIC = 0.044715
"""Coefficients of the approximation of the normal distribution function by tanh."""


class GELU(Layer):
    """Gaussian error linear unit, elementwise, in its form with tanh.

    y = x/2 (1 + t),   t = tanh(k (x + c x^3)),   k = sqrt(2/pi),   c = 0.044715

    It is close to x times the probability that a standard normal number is below x. With
    dt/dx = (1 - t^2) k (1 + 3 c x^2), backward is

    dx = dy 1/2 (1 + t + x dt/dx)

    Hendrycks and Gimpel 2016, "Gaussian error linear units (GELUs)".

    Shapes: x, y (N, ...), any shape.
    """

    kind = "gelu"
    rectifies = True

    def buffers(self, make: Buffers) -> None:
        """Allocate the output, t, and the gradient with its workspace."""
        self.y = make.output(self.output_shape)
        self.t = make.per_image(self.output_shape)
        if self.needs_input_gradient:
            self.rest = make.per_image(self.input_shape)
            self.dx = make.gradient(self.input_shape)

    def forward(self, x: Array, mode: Mode) -> Array:
        """Return y for x, of the same shape."""
        self.x, t, y = x, self.t, self.y
        np.multiply(x, x, out=t)
        np.multiply(t, CUBIC * SCALE, out=t)
        np.add(t, SCALE, out=t)
        np.multiply(t, x, out=t)
        np.tanh(t, out=t)
        np.add(t, 1.0, out=y)
        np.multiply(y, x, out=y)
        np.multiply(y, 0.5, out=y)
        return y

    def backward(self, dy: Array) -> Array | None:
        """Return dx, or None."""
        if not self.needs_input_gradient:
            return None
        x, t, rest, dx = self.x, self.t, self.rest, self.dx
        np.multiply(t, t, out=rest)
        np.subtract(1.0, rest, out=rest)
        np.multiply(x, x, out=dx)
        np.multiply(dx, 3.0 * CUBIC * SCALE, out=dx)
        np.add(dx, SCALE, out=dx)
        np.multiply(dx, x, out=dx)
        np.multiply(dx, rest, out=dx)
        np.add(dx, t, out=dx)
        np.add(dx, 1.0, out=dx)
        np.multiply(dx, 0.5, out=dx)
        np.multiply(dx, dy, out=dx)
        return dx

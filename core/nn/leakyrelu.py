"""The leaky rectified linear unit.

In plain NumPy: `core.nn.plain.activations.leakyrelu`.
"""

import numpy as np
import numpy.typing as npt

from core.nn.arrays import Array, Shape
from core.nn.buffers import Buffers
from core.nn.layer import Layer, Mode
from core.nn.relu import distance_from_zero


class LeakyReLU(Layer):
    """Leaky rectifier y = x where x > 0, else a x, elementwise.

    Backward: dx = dy where x > 0, else a dy; at x = 0 it is a dy, as in PyTorch. Complex numbers
    are compared by their real parts. Maas, Hannun and Ng 2013, "Rectifier nonlinearities improve
    neural network acoustic models".

    Shapes: x, y (N, ...), any shape.

    Args:
        input_shape: shape of one image.
        slope: a, from 0 to 1.

    Raises:
        ValueError: if a is out of range.
    """

    kind = "leakyrelu"

    def __init__(self, input_shape: Shape, slope: float) -> None:
        super().__init__(input_shape)
        if not 0.0 <= slope <= 1.0:
            raise ValueError(f"a slope of {slope:g} is not from 0 to 1")
        self.slope = slope

    def buffers(self, make: Buffers) -> None:
        """Allocate the output, the derivative, which becomes the gradient, and a row of slopes."""
        self.y = make.per_image(self.output_shape)
        self.dx = make.gradient(self.input_shape)
        self.slopes = make.fixed(self.input_shape, fill=self.slope)

    def forward(self, x: Array, mode: Mode) -> Array:
        """Return y for x, of the same shape."""
        self.x = x
        self._write_derivative()
        np.multiply(x, self.dx, out=self.y)
        return self.y

    def decisions(self) -> Array:
        """Return where x was above 0, as booleans (N, ...)."""
        above: Array = np.greater(self.x.real, 0.0)
        return above

    def clearance(self, x: Array) -> npt.NDArray[np.float64]:
        """Return the smallest |x| above 0 of each image."""
        return distance_from_zero(x)

    def backward(self, dy: Array) -> Array | None:
        """Return dx, or None."""
        if not self.needs_input_gradient:
            return None
        self._write_derivative()
        np.multiply(self.dx, dy, out=self.dx)
        return self.dx

    def _write_derivative(self) -> None:
        """Write 1 where x > 0, and else a."""
        np.greater(self.x.real, 0.0, out=self.dx)
        # With a row, because NumPy takes a maximum with one number three times as long.
        np.maximum(self.dx, self.slopes, out=self.dx)

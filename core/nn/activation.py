"""The rectifier."""

import numpy as np

from core.nn.layer import Array, Buffer, Layer, Mode


class ReLU(Layer):
    """Rectifier y = max(x, 0), entry by entry.

    Backward: dx = dy where x > 0, else 0; at x = 0, where there is no derivative, 0 is taken, as
    PyTorch does. Complex numbers, which only the complex-step check brings, are compared by their
    real parts: the imaginary part is a perturbation that takes no decision.

    The derivative is kept as a 0 or 1 in the dtype of the network, and both passes multiply by it:
    NumPy multiplies numbers of one type several times faster than numbers by booleans.

    Shapes: x, y (N, ...), any shape.
    """

    kind = "relu"

    slope: Array
    y: Array
    dx: Array

    def buffers(self) -> dict[str, Buffer]:
        """Output, derivative, and the gradient."""
        needed = {"y": Buffer(self.output_shape), "slope": Buffer(self.input_shape)}
        if self.needs_input_gradient:
            needed["dx"] = Buffer(self.input_shape)
        return needed

    def forward(self, x: Array, mode: Mode) -> Array:
        """Return y for x, of the same shape."""
        np.greater(x.real, 0.0, out=self.slope)
        np.multiply(x, self.slope, out=self.y)
        return self.y

    def decisions(self) -> Array:
        """Return where x was above 0, as booleans (N, ...)."""
        return np.not_equal(self.slope, 0.0)

    def backward(self, dy: Array) -> Array | None:
        """Return dx, or None."""
        if not self.needs_input_gradient:
            return None
        np.multiply(dy, self.slope, out=self.dx)
        return self.dx

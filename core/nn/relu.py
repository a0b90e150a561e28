"""The rectified linear unit (ReLU).

In plain NumPy: `core.nn.plain.activations.relu`.
"""

import numpy as np
import numpy.typing as npt

from core.nn.arrays import Array
from core.nn.buffers import Buffers
from core.nn.layer import Layer, Mode


class ReLU(Layer):
    """Rectifier y = max(x, 0), elementwise.

    Backward: dx = dy where x > 0, else 0. At x = 0, where there is no derivative, 0 is used, as in
    PyTorch. Complex numbers, which only the complex-step check passes, are compared by their real
    parts: the imaginary part is a perturbation and must not select a branch.

    y > 0 exactly where x > 0, so the backward pass needs only y. The derivative, 0 or 1, is stored
    in the network's dtype: NumPy multiplies numbers of one type several times faster than numbers
    by booleans. The maximum is taken with a row of zeros, which NumPy does three times faster than
    with one zero.

    Shapes: x, y (N, ...), any shape.
    """

    kind = "relu"
    rectifies = True
    keeps_input = False

    def buffers(self, make: Buffers) -> None:
        """Allocate the output, the gradient, and zeros for one image."""
        self.y = make.per_image(self.output_shape)
        self.zeros = make.fixed(self.output_shape, fill=0.0)
        if self.needs_input_gradient:
            self.dx = make.gradient(self.input_shape)

    def forward(self, x: Array, mode: Mode) -> Array:
        """Return y for x, of the same shape."""
        if self.dtype.kind == "c":
            np.multiply(x, x.real > 0.0, out=self.y)
            return self.y
        np.maximum(x, self.zeros, out=self.y)
        return self.y

    def decisions(self) -> Array:
        """Return where x was above 0, as booleans (N, ...)."""
        above: Array = np.greater(self.y.real, 0.0)
        return above

    def clearance(self, x: Array) -> npt.NDArray[np.float64]:
        """Return the smallest |x| above 0 of each image."""
        return distance_from_zero(x)

    def backward(self, dy: Array) -> Array | None:
        """Return dx, or None."""
        if not self.needs_input_gradient:
            return None
        np.greater(self.y.real, 0.0, out=self.dx)
        np.multiply(self.dx, dy, out=self.dx)
        return self.dx


def distance_from_zero(x: Array) -> npt.NDArray[np.float64]:
    """Return the smallest |x| above 0 of each image (N,)."""
    rows = np.abs(x).reshape(len(x), -1)
    nearest: npt.NDArray[np.float64] = np.where(rows > 0, rows, np.inf).min(axis=1)
    return nearest

"""The fully connected layer.

In plain NumPy: `core.nn.plain.convolution.linear`.
"""

import numpy as np

from core.nn.arrays import Array, Shape
from core.nn.buffers import Buffers
from core.nn.layer import Layer, Mode, Parameter, ShapeError


class Linear(Layer):
    """Affine map y = x W + b.

    Shapes: x (N, D), weight W (D, K), bias b (K,), y (N, K).
    Backward: dW = x^T dy, db = sum over n of dy, dx = dy W^T.

    Args:
        input_shape: (D,).
        units: K.
        biased: whether the layer has a bias b.

    Raises:
        ShapeError: if the input is not a vector or there are no units.
    """

    kind = "linear"

    weight: Array
    bias: Array
    dweight: Array
    dbias: Array

    def __init__(self, input_shape: Shape, units: int, biased: bool = True) -> None:
        super().__init__(input_shape)
        if len(input_shape) != 1:
            raise ShapeError(
                f"a linear layer takes vectors of shape (length,), not an input of shape "
                f"{input_shape}: flatten it first"
            )
        if units < 1:
            raise ShapeError(f"a linear layer on a {input_shape} input needs 1 unit at least")
        self.output_shape, self.biased = (units,), biased

    def parameters(self) -> list[Parameter]:
        """Return the weight matrix and the bias."""
        (length,), (units,) = self.input_shape, self.output_shape
        weight = Parameter("weight", (length, units), decays=True, fan_in=length)
        bias = Parameter("bias", (units,), decays=False, fan_in=0)
        return [weight, bias] if self.biased else [weight]

    def buffers(self, make: Buffers) -> None:
        """Allocate the output, ones to sum with, and the input gradient."""
        self.y = make.output(self.output_shape)
        if self.biased:
            self.ones = make.per_image((), fill=1.0)
        if self.needs_input_gradient:
            self.dx = make.gradient(self.input_shape)

    def product(self) -> tuple[int, int, int]:
        """Return (1, D, K): one row for each image."""
        return 1, self.input_shape[0], self.output_shape[0]

    def forward(self, x: Array, mode: Mode) -> Array:
        """Return y (N, K) for x (N, D)."""
        self.x = x
        self.matmul(x, self.weight, out=self.y)
        if self.biased:
            np.add(self.y, self.bias, out=self.y)
        return self.y

    def backward(self, dy: Array) -> Array | None:
        """Write dW and db; return dx (N, D), or None."""
        self.matmul(self.x.T, dy, out=self.dweight)
        if self.biased:
            np.matmul(self.ones, dy, out=self.dbias)
        if not self.needs_input_gradient:
            return None
        self.matmul(dy, self.weight.T, out=self.dx)
        return self.dx

"""Dropout.

In plain NumPy: `core.nn.plain.activations.dropout`.
"""

import numpy as np

from core.nn.arrays import Array, Shape
from core.nn.buffers import Buffers
from core.nn.layer import Layer, Mode


class Dropout(Layer):
    """Inverted dropout: in training every value is set to zero with probability p.

    y = m x,   m = 0 with probability p, else 1 / (1 - p);   backward: dx = m dy

    The factor preserves the mean, so evaluation, y = x, needs no factor. Srivastava et al. 2014,
    "Dropout: a simple way to prevent neural networks from overfitting".

    Only `sample` changes the mask m, so all passes between two calls evaluate the same function;
    before the first call m is 1 everywhere. The mask is sampled in float32 whatever the dtype, so
    every dtype drops the same values.

    Shapes: x, y (N, ...), any shape.

    Args:
        input_shape: shape of one image.
        probability: p, from 0 to below 1.

    Raises:
        ValueError: if p is out of range.
    """

    kind = "dropout"
    stochastic = True
    batch_independent = False
    passes_input = True

    def __init__(self, input_shape: Shape, probability: float) -> None:
        super().__init__(input_shape)
        if not 0.0 <= probability < 1.0:
            raise ValueError(f"a probability of {probability:g} is not from 0 to below 1")
        self.probability = probability

    def buffers(self, make: Buffers) -> None:
        """Allocate the output, the mask, the noise it is computed from, and the gradient."""
        self.y = make.per_image(self.output_shape)
        self.mask = make.per_image(self.output_shape, fill=1.0)
        self.noise = make.per_image(self.output_shape, np.float32)
        if self.needs_input_gradient:
            self.dx = make.per_image(self.input_shape)

    def sample(self, rng: np.random.Generator) -> None:
        """Sample the mask of the training passes that follow."""
        rng.random(out=self.noise, dtype=np.float32)
        np.greater_equal(self.noise, self.probability, out=self.mask)
        np.multiply(self.mask, 1.0 / (1.0 - self.probability), out=self.mask)

    def forward(self, x: Array, mode: Mode) -> Array:
        """Return y for x; in evaluation that is x itself."""
        if mode is Mode.EVALUATION:
            return x
        np.multiply(x, self.mask, out=self.y)
        return self.y

    def backward(self, dy: Array) -> Array | None:
        """Return dx for the latest training pass, or None."""
        if not self.needs_input_gradient:
            return None
        np.multiply(dy, self.mask, out=self.dx)
        return self.dx

"""Batch normalisation.

In plain NumPy: `core.nn.plain.normalisation.batchnorm`.
"""

from math import prod

import numpy as np

from core.nn.arrays import Array, Shape
from core.nn.buffers import Buffers
from core.nn.channel_sums import product_per_channel, sum_per_channel
from core.nn.layer import Layer, Mode, Parameter, Statistic

EPSILON = 1e-5
"""Added to the variance, so that the division by its square root is defined."""


class BatchNorm(Layer):
    """Batch normalisation: normalise each channel over the batch, then scale and shift it.

    With M = N H W values of a channel in a batch, in training

        m = 1/M sum of x,   v = 1/M sum of (x - m)^2,   u = (x - m) / sqrt(v + eps)
        y = gamma u + beta

    and in evaluation the same with running values in place of m and v. Every x also changes m and
    v, so dL/dx is dy without its mean and without its component along u:

        dgamma = sum of dy u,   dbeta = sum of dy
        dx = gamma / sqrt(v + eps) (dy - 1/M dbeta - 1/M u dgamma)

    A backward pass after one in evaluation takes m and v for constants, so only the factor
    gamma / sqrt(v + eps) remains of dx, as in PyTorch.

    The batch is the input of this network: each shard has its own statistics. A training pass
    writes m and M / (M - 1) v, the unbiased estimate, to the batch statistics. Only
    `Network.update_running_stats` changes the running statistics, so repeated passes on a batch
    evaluate the same function. A single value has no unbiased variance, and 0 is written.

    Ioffe and Szegedy 2015, "Batch normalization: accelerating deep network training by reducing
    internal covariate shift".

    Shapes: x, y (N, H, W, C), (N, L, C) or (N, C); gamma, beta, and the statistics (C,).

    Args:
        input_shape: shape of one image.
    """

    kind = "batchnorm"
    batch_independent = False
    keeps_input = False

    gamma: Array
    beta: Array
    dgamma: Array
    dbeta: Array
    running_mean: Array
    running_variance: Array
    batch_mean: Array
    batch_variance: Array

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

    def statistics(self) -> list[Statistic]:
        """Return mean and variance of each channel."""
        return [
            Statistic("mean", (self.channels,), start=0.0),
            Statistic("variance", (self.channels,), start=1.0),
        ]

    def smallest_batch(self) -> int:
        """Return 2 if an image has a single value of each channel, else 1."""
        return 1 if self.places > 1 else 2

    def buffers(self, make: Buffers) -> None:
        """Allocate the output, x - m, the gradient, and workspace for sums and channels."""
        self.y = make.output(self.output_shape)
        self.centred = make.per_image(self.output_shape)
        if self.needs_input_gradient:
            self.dx = make.gradient(self.input_shape)
        self.ones = make.per_image((), fill=1.0)
        self.row = make.scratch((prod(self.input_shape),))
        self.inverse, self.scale, self.shift = (make.fixed((self.channels,)) for _ in range(3))

    def forward(self, x: Array, mode: Mode) -> Array:
        """Return y for x."""
        rows = x.reshape(len(x), -1)
        y, centred = self.y.reshape(rows.shape), self.centred.reshape(rows.shape)
        self.frozen = mode is Mode.EVALUATION
        if self.frozen:
            self.x = x
            self._invert(self.running_variance)
            np.multiply(self.gamma, self.inverse, out=self.scale)
            np.multiply(self.running_mean, self.scale, out=self.shift)
            np.subtract(self.beta, self.shift, out=self.shift)
            np.multiply(rows, self._tiled(self.scale), out=y)
            np.add(y, self._tiled(self.shift), out=y)
            return self.y
        count = len(x) * self.places
        mean, variance = self.batch_mean, self.batch_variance
        np.divide(self._sum(rows, mean), count, out=mean)
        np.subtract(rows, self._tiled(mean), out=centred)
        np.divide(self._sum_of_products(centred, centred, variance), count, out=variance)
        self._invert(variance)
        np.multiply(variance, count / max(1, count - 1), out=variance)
        np.multiply(self.gamma, self.inverse, out=self.scale)
        np.multiply(centred, self._tiled(self.scale), out=y)
        np.add(y, self._tiled(self.beta), out=y)
        return self.y

    def backward(self, dy: Array) -> Array | None:
        """Write dgamma and dbeta; return dx for the latest pass, or None."""
        rows, count = dy.reshape(len(dy), -1), len(dy) * self.places
        centred = self.centred.reshape(rows.shape)
        if self.frozen:
            np.subtract(self.x.reshape(rows.shape), self._tiled(self.running_mean), out=centred)
        self._sum_of_products(rows, centred, self.dgamma)
        np.multiply(self.dgamma, self.inverse, out=self.dgamma)
        self._sum(rows, self.dbeta)
        if not self.needs_input_gradient:
            return None
        dx = self.dx.reshape(rows.shape)
        if self.frozen:
            np.multiply(rows, self._tiled(self.scale), out=dx)
            return self.dx
        np.multiply(self.dgamma, self.inverse, out=self.shift)
        np.divide(self.shift, count, out=self.shift)
        np.multiply(centred, self._tiled(self.shift), out=dx)
        np.subtract(rows, dx, out=dx)
        np.divide(self.dbeta, count, out=self.shift)
        np.subtract(dx, self._tiled(self.shift), out=dx)
        np.multiply(dx, self._tiled(self.scale), out=dx)
        return self.dx

    def _sum(self, rows: Array, out: Array) -> Array:
        """Write the sum of each channel to `out` and return it."""
        return sum_per_channel(rows, self.ones, self.row, out)

    def _sum_of_products(self, a: Array, b: Array, out: Array) -> Array:
        """Write the sum of a b of each channel to `out` and return it."""
        return product_per_channel(a, b, self.row, out)

    def _tiled(self, channels: Array) -> Array:
        """Return per-channel values repeated over all positions of an image.

        The result is a buffer of the layer that the next call overwrites.
        """
        np.copyto(self.row.reshape(-1, self.channels), channels)
        return self.row

    def _invert(self, variance: Array) -> None:
        """Write 1 / sqrt(v + eps) to `inverse`."""
        np.add(variance, EPSILON, out=self.inverse)
        np.sqrt(self.inverse, out=self.inverse)
        np.divide(1.0, self.inverse, out=self.inverse)

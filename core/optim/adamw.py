"""Adam with decoupled weight decay."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from core.optim.penalty import Array

EPSILON = 1e-8
"""Added to the root of the mean square, so that a gradient of 0 divides by something."""


@dataclass(frozen=True)
class AdamW:
    """Steps of the size of the rate, in units of each weight's own typical gradient.

    Running means of the gradient and of its square start at 0. Until they have seen many gradients
    they are too small by a known factor, which the step of update t, counted from 1, takes out:

        m <- beta1 m + (1 - beta1) g              v <- beta2 v + (1 - beta2) g^2

        w <- (1 - rate 2 lambda) w - rate (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)

    Kingma and Ba 2015, "Adam: a method for stochastic optimization". The weights decay on their
    own and not through the gradient, which would be divided by its typical size: Loshchilov and
    Hutter 2019, "Decoupled weight decay regularization". PyTorch's weight_decay is 2 lambda, as for
    SGD, so that without Adam's division both would shrink the weights alike.
    """

    beta1: float = 0.9
    """Share of the running mean that each update keeps, from 0 to below 1."""
    beta2: float = 0.999
    """Share of the running mean square that each update keeps, from 0 to below 1."""

    @property
    def state(self) -> tuple[str, ...]:
        """Names of the state vectors, see `Rule`."""
        return ("mean", "square")

    def step(
        self,
        weights: Array,
        gradients: Array,
        state: Sequence[Array],
        decays: int,
        rate: float,
        weight_decay: float,
        update: int,
        work: Array,
    ) -> None:
        """Update `weights` in place, see `Rule`."""
        mean, square = state
        _, step = work
        np.multiply(mean, self.beta1, out=mean)
        np.add(mean, np.multiply(gradients, 1 - self.beta1, out=step), out=mean)
        np.multiply(square, self.beta2, out=square)
        np.multiply(gradients, gradients, out=step)
        np.add(square, np.multiply(step, 1 - self.beta2, out=step), out=square)

        np.sqrt(square, out=step)
        np.multiply(step, 1 / sqrt(1 - self.beta2 ** (update + 1)), out=step)
        np.add(step, EPSILON, out=step)
        np.divide(mean, step, out=step)
        np.multiply(step, rate / (1 - self.beta1 ** (update + 1)), out=step)
        if decays:
            shrunk = weights[:decays]
            np.multiply(shrunk, 1 - rate * 2 * weight_decay, out=shrunk)
        np.subtract(weights, step, out=weights)

"""The sums behind the numbers of the normalisation layers.

The input at the same place is the one term. What the mean and the deviation add, which depend on
all values that are normalised together, is the bias, with its parts among the facts.
"""

from math import sqrt

import numpy as np

from core.layers.explanation import Exact, Observed, Place, Sum, Terms, everywhere, single
from core.nn.layer import Mode


class NormalisedGroup:
    """The values that are normalised together with one value, in double precision.

    Args:
        seen: the pass.
        at: the place.
        over: "batch" for a channel over images and places, "channels" for a place.
        epsilon: what is added to the variance.
    """

    def __init__(self, seen: Observed, at: Place, over: str, epsilon: float) -> None:
        channel = at[-1]
        batch = over == "batch"
        select = np.s_[..., channel] if batch else (seen.image, *at[:-1])
        x, dy = (array[select].astype(np.float64).reshape(-1) for array in (seen.x, seen.dy))
        gamma = seen.tensors["gamma"].astype(np.float64)
        self.gamma = float(gamma[channel])
        self.beta = float(seen.tensors["beta"][channel])
        self.frozen = batch and seen.mode is Mode.EVALUATION
        if self.frozen:
            self.mean = float(seen.tensors["mean"][channel])
            self.variance = float(seen.tensors["variance"][channel])
        else:
            self.mean, self.variance = float(x.mean()), float(x.var())
        self.deviation = sqrt(self.variance + epsilon)
        self.u = (x - self.mean) / self.deviation
        """The normalised values."""
        self.g = dy * (self.gamma if batch else gamma)
        """Their gradients."""


def value(seen: Observed, at: Place, group: NormalisedGroup) -> Sum:
    """Return an output: (x - mean) gamma / deviation + beta."""
    scale, x = group.gamma / group.deviation, seen.value(at)
    facts = {
        "mean": group.mean,
        "deviation": group.deviation,
        "normalised": (x - group.mean) / group.deviation,
        "gamma": group.gamma,
        "beta": group.beta,
    }
    return Sum(single(at, x, scale), group.beta - group.mean * scale, facts)


def gradient(seen: Observed, at: Place, group: NormalisedGroup) -> Sum:
    """Return the gradient of an input, directly and through mean and deviation."""
    direct = single(at, seen.gradient(at), group.gamma / group.deviation)
    if group.frozen:
        return Sum(direct)
    u = (seen.value(at) - group.mean) / group.deviation
    mean = -float(group.g.mean()) / group.deviation
    deviation = -u * float((group.g * group.u).mean()) / group.deviation
    facts = {"through the mean": mean, "through the deviation": deviation}
    return Sum(direct, mean + deviation, facts)


def weight_gradient(seen: Observed, tensor: str, index: Place, u: Exact) -> Sum:
    """Return the gradient of gamma or beta: over all images and places of its channel.

    Args:
        seen: the pass.
        tensor: `gamma` or `beta`.
        index: the channel.
        u: the normalised values of that channel over images and places, flat.
    """
    [channel] = index
    dy = seen.dy[..., channel].reshape(-1)
    places = everywhere((*seen.dy.shape[:-1], 1))
    places[:, -1] = channel
    x = u if tensor == "gamma" else 1.0
    return Sum(Terms.of(places[:, 1:], x, dy, images=places[:, 0]))

"""Initial values of the parameters."""

from math import sqrt

import numpy as np
import numpy.typing as npt

from core.nn import chain
from core.nn.arrays import Array, Shape
from core.nn.layer import Parameter
from core.nn.network import Network


def he(rng: np.random.Generator, shape: Shape, fan_in: int, dtype: npt.DTypeLike) -> Array:
    """Return normally distributed numbers of variance 2 / fan_in.

    A rectifier halves the mean square of its input, and the factor 2 compensates for it, so that
    signals keep their scale through any number of layers: He et al. 2015, "Delving deep into
    rectifiers". Sampled in float64 and then rounded, so every dtype starts from the same numbers.
    """
    return (rng.standard_normal(shape) * sqrt(2.0 / fan_in)).astype(dtype)


def initialise(network: Network, rng: np.random.Generator) -> None:
    """Set weights with `he`, layer by layer, and all other parameters to their start value."""
    tensors = network.tensors()
    for name, _, parameter in chain.named(network.layers):
        if not isinstance(parameter, Parameter):
            continue
        view, _ = tensors[name]
        if parameter.fan_in:
            view[...] = he(rng, parameter.shape, parameter.fan_in, network.dtype)
        else:
            view.fill(parameter.start)

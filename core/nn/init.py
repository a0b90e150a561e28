"""Starting values."""

from math import sqrt

import numpy as np
import numpy.typing as npt

from core.nn.arrays import Array, Shape
from core.nn.network import Network


def he(rng: np.random.Generator, shape: Shape, fan_in: int, dtype: npt.DTypeLike) -> Array:
    """Return normal numbers of variance 2 / fan_in.

    A rectifier halves the mean square of what it is given, and the 2 makes up for it, so that
    signals keep their size through any number of layers: He et al. 2015, "Delving deep into
    rectifiers". Drawn in float64 and then rounded: every dtype starts from the same numbers.
    """
    return (rng.standard_normal(shape) * sqrt(2.0 / fan_in)).astype(dtype)


def initialise(network: Network, rng: np.random.Generator) -> None:
    """Set weights by `he`, layer after layer, and all else to what it starts at."""
    for layer in network.layers:
        for parameter in layer.parameters():
            view = getattr(layer, parameter.name)
            if parameter.fan_in:
                view[...] = he(rng, parameter.shape, parameter.fan_in, network.dtype)
            else:
                view.fill(parameter.start)

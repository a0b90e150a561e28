"""Arrays that a process shares with those that are forked from it."""

import mmap
from math import prod

import numpy as np
import numpy.typing as npt

from core.nn.arrays import Array, Shape


def zeros(shape: Shape, dtype: npt.DTypeLike) -> Array:
    """Return zeros in memory that stays one and the same after a fork, on both sides."""
    item = np.dtype(dtype).itemsize
    # mmap has no empty memory.
    memory = mmap.mmap(-1, max(1, prod(shape) * item))
    return np.frombuffer(memory, dtype, prod(shape)).reshape(shape)

"""Arrays in memory that a process shares with its forked children."""

import mmap
from math import prod

import numpy as np
import numpy.typing as npt

from core.nn.arrays import Array, Shape


def zeros(shape: Shape, dtype: npt.DTypeLike) -> Array:
    """Return an array of zeros in memory that stays shared after a fork."""
    item = np.dtype(dtype).itemsize
    # mmap cannot map 0 bytes.
    memory = mmap.mmap(-1, max(1, prod(shape) * item))
    return np.frombuffer(memory, dtype, prod(shape)).reshape(shape)

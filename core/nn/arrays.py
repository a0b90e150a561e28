"""Type aliases for arrays and shapes."""

from typing import Any

import numpy.typing as npt

Array = npt.NDArray[Any]
Shape = tuple[int, ...]
Gradients = dict[str, Array]
"""Gradients of a loss by the names of what it depends on."""

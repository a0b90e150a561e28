"""What a network and a loss take, and what they say of anything else.

Layers read arrays as they lie in memory, and write to buffers of one size: what lies otherwise
would be read past its end, and what is of another shape or dtype taken for what it is not. So it is
looked at once, where it comes in. What the numbers are is nobody's business here: a training that
diverges passes infinities and NaN, and sees it by the loss.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from core.nn.arrays import Array, Shape
from core.nn.layer import ShapeError


def check_array(what: str, array: Array, shape: Shape, dtype: np.dtype[Any]) -> None:
    """Refuse what is no plain array of this shape and dtype in C order; read-only ones are taken.

    Args:
        what: its name in messages, a plural such as "images".
        array: what was given.
        shape: the images first.
        dtype: in the byte order of this machine.

    Raises:
        TypeError: for another type or dtype.
        ShapeError: for another shape.
        ValueError: for another order in memory.
    """
    if type(array) is not np.ndarray:
        raise TypeError(_no_array(what, array))
    if array.dtype != dtype:
        raise TypeError(f"the {what} are {array.dtype}, not {dtype}; astype converts them")
    if array.shape != shape:
        if array.shape[1:] == shape[1:]:
            raise ShapeError(
                f"there are {len(array)} {what} instead of {shape[0]}; "
                "Network.resize sets how many come at once"
            )
        raise ShapeError(f"the {what} have shape {array.shape} instead of {shape}")
    if not array.flags.c_contiguous:
        raise ValueError(
            f"the {what} are not C-contiguous: shape {shape} with strides {array.strides}; "
            "np.ascontiguousarray copies them into order"
        )


def check_vector(name: str, vector: Array, length: int, dtype: np.dtype[Any]) -> None:
    """Refuse what tensors cannot be views of.

    Raises:
        TypeError: for another type or dtype.
        ShapeError: for another shape.
        ValueError: if it does not lie in one piece.
    """
    if type(vector) is not np.ndarray:
        raise TypeError(_no_array(f"{name} vector", vector))
    if vector.shape != (length,):
        raise ShapeError(
            f"a {name} vector of shape {vector.shape} does not suit layers that take one of shape "
            f"{(length,)}"
        )
    if vector.dtype != dtype:
        raise TypeError(f"the {name} vector is {vector.dtype}, the network {dtype}")
    if not vector.flags.c_contiguous:
        raise ValueError(
            f"the {name} vector has strides {vector.strides}, so that tensors cannot be views of "
            "it; it must lie in one piece"
        )


def check_labels(labels: Array | Sequence[int], out: Array, unsigned: Array, classes: int) -> None:
    """Copy labels to `out`, and refuse what are none.

    Args:
        labels: integers (N,) from 0 to `classes` - 1.
        out: intp (N,).
        unsigned: the same memory as uintp, where a number below 0 is a very large one.
        classes: how many there are.

    Raises:
        TypeError: if they are no array of integers.
        ShapeError: if there is not one for each image.
        ValueError: if one is no class.
    """
    if not isinstance(labels, np.ndarray):
        labels = np.array(labels)
    if type(labels) is not np.ndarray:
        raise TypeError(_no_array("labels", labels))
    if labels.dtype.kind not in "iu":
        raise TypeError(f"the labels are {labels.dtype}, not integers")
    if labels.shape != out.shape:
        raise ShapeError(f"the labels have shape {labels.shape} instead of {out.shape}")
    np.copyto(out, labels, casting="unsafe")
    # In a quarter of the time that a reduction by maximum takes.
    if unsigned[unsigned.argmax()] >= classes:
        wrong = labels[(labels < 0) | (labels >= classes)][0]
        raise ValueError(f"there is a label {wrong}; labels go from 0 to {classes - 1}")


def _no_array(what: str, given: object) -> str:
    kind = type(given).__name__
    return f"the type of the {what} is {kind}, not numpy.ndarray; np.asarray makes it one"

"""Checks of the arrays that are passed to a network or a loss.

Layers read arrays in memory order and write to buffers of a fixed size: an array with another
memory layout would be read past its end, and one of another shape or dtype misinterpreted. So each
array is checked once, on entry. The values are not checked: a diverging training passes infinities
and NaN, and detects them in the loss.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from core.nn.arrays import Array, Shape
from core.nn.layer import ShapeError


def check_array(what: str, array: Array, shape: Shape, dtype: np.dtype[Any]) -> None:
    """Check that `array` is a plain C-contiguous array of this shape and dtype.

    Read-only arrays are accepted.

    Args:
        what: name of the array in messages, a plural such as "images".
        array: the array to check.
        shape: required shape, with the batch as its first axis.
        dtype: required dtype, in native byte order.

    Raises:
        TypeError: if the type or the dtype differs.
        ShapeError: if the shape differs.
        ValueError: if the array is not C-contiguous.
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
    """Check that tensors can be views into `vector`.

    Raises:
        TypeError: if the type or the dtype differs.
        ShapeError: if the shape differs.
        ValueError: if the vector is not contiguous.
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
    """Copy labels to `out` and check them.

    Args:
        labels: integers (N,) from 0 to `classes` - 1.
        out: intp (N,).
        unsigned: the memory of `out` as uintp, in which negative numbers become very large ones.
        classes: number of classes.

    Raises:
        TypeError: if the labels are not an array of integers.
        ShapeError: if there is not one label for each image.
        ValueError: if a label is not a class.
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
    # argmax takes a quarter of the time of a maximum reduction.
    if unsigned[unsigned.argmax()] >= classes:
        wrong = labels[(labels < 0) | (labels >= classes)][0]
        raise ValueError(f"there is a label {wrong}; labels go from 0 to {classes - 1}")


def _no_array(what: str, given: object) -> str:
    kind = type(given).__name__
    return f"the type of the {what} is {kind}, not numpy.ndarray; np.asarray makes it one"

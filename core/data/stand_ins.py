"""Stand-ins for lists and NumPy objects while a pickle is read."""

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from core.data.dataset import Array

DEEPEST = 3
"""Maximum nesting of lists that form an array."""

INTEGERS = ("b1", "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8")
FLOATS = ("f2", "f4", "f8")


class Dtype:
    """Stand-in for `numpy.dtype`."""

    __slots__ = ("code", "order")

    def __init__(self, code: object = None, *_: object) -> None:
        self.code = code.decode("latin-1") if type(code) is bytes else code
        self.order = "<"

    def __setstate__(self, state: object) -> None:
        """Set the byte order."""
        if type(state) is tuple and len(state) > 1 and state[1] in (">", b">"):
            self.order = ">"

    def real(self) -> np.dtype[Any]:
        """Return the dtype.

        Raises:
            ValueError: if it is not numeric.
        """
        if self.code not in INTEGERS + FLOATS:
            raise ValueError("an array of other things than numbers")
        return np.dtype(f"{self.order}{self.code}")


class NdArray:
    """Stand-in for an array; its state is the argument of `ndarray.__setstate__`.

    Attributes:
        state: version, shape, dtype, whether the order is Fortran, and the bytes.
        axes: permutation of the axes; None for none.
    """

    __slots__ = ("axes", "state")

    def __init__(self, state: object = None, axes: object = None) -> None:
        self.state, self.axes = state, axes

    def __setstate__(self, state: object) -> None:
        self.state = state

    @classmethod
    def of_buffer(
        cls, raw: object, dtype: object, shape: object, order: object, axes: object = None
    ) -> "NdArray":
        """Return the array of a buffer, as in protocol 5."""
        return cls((1, shape, dtype, order in ("F", b"F"), raw), axes)


class List:
    """Stand-in for a list; integers from 0 to 255 take one byte each.

    Attributes:
        small: the items while all of them are such integers.
        items: the items otherwise.
    """

    __slots__ = ("items", "small")

    def __init__(self) -> None:
        self.small = bytearray()
        self.items: list[Any] | None = None

    def append(self, value: object) -> None:
        """Append one item."""
        self.extend([value])

    def extend(self, values: Sequence[Any]) -> None:
        """Append several items."""
        if self.items is None:
            try:
                self.small += bytes(values)
            except (TypeError, ValueError):
                self.items, self.small = list(self.small), bytearray()
            else:
                return
        self.items.extend(values)


def array_of(value: object, room: int = 1, depth: int = DEEPEST) -> Array:
    """Return the array that an object from a pickle represents.

    Args:
        value: an array or a list.
        room: maximum number of values. A list may contain the same list many times, and so
            represent far more values than the file contains.
        depth: maximum nesting of lists.

    Raises:
        ValueError: if it is not an array; the message describes what it is.
    """
    if type(value) is NdArray:
        return _plain(value)
    if type(value) is not List:
        raise ValueError("nothing" if value is None else "something that is no array")
    if value.items is None:
        return np.frombuffer(value.small, np.uint8)
    if all(type(item) is int for item in value.items):
        return _integers(value.items)
    if depth == 1:
        raise ValueError("lists in lists in lists")
    rows = []
    for item in value.items:
        rows.append(np.asarray(item) if type(item) is int else array_of(item, room, depth - 1))
        room -= rows[-1].size
        if room < 0 or not rows[-1].size or rows[-1].shape != rows[0].shape:
            raise ValueError("a list of lists that do not go together")
    return np.stack(rows)


def _integers(numbers: list[int]) -> Array:
    try:
        return np.array(numbers, np.int64)
    except OverflowError:
        raise ValueError("numbers of more than 64 bits") from None


def _plain(array: NdArray) -> Array:
    if type(array.state) is not tuple or len(array.state) != 5:
        raise ValueError("an array that says nothing of itself")
    _, shape, dtype, fortran_order, raw = array.state
    if type(dtype) is not Dtype or type(raw) is not bytes:
        raise ValueError("an array of other things than numbers")
    if type(shape) is not tuple or not all(type(side) is int and side >= 0 for side in shape):
        raise ValueError("an array without a shape")
    real = dtype.real()
    if len(shape) > 4 or prod(shape) * real.itemsize != len(raw):
        raise ValueError("an array whose bytes are not those of its shape")
    plain = np.frombuffer(raw, real).reshape(shape, order="F" if fortran_order else "C")
    if array.axes is None:
        return plain
    axes = array.axes if type(array.axes) is tuple else ()
    if not all(type(axis) is int for axis in axes) or sorted(axes) != list(range(len(shape))):
        raise ValueError("an array without an order of its axes")
    return plain.transpose(axes)

"""Reading the python version's pickles without trusting them.

A pickle is a program. The one allowed here can build dictionaries, lists, numbers and byte strings,
and name the three things of NumPy that an array is made from; for each of these it gets a stand-in
of ours, which keeps what it is told and runs nothing. Only then is the array made, by us.
"""

import io
import pickle
from typing import Any, ClassVar

import numpy as np

from core.data.dataset import Array, DataError
from core.data.layout import FETCH_AGAIN, PIXELS


class _Dtype:
    """Stands in for `numpy.dtype` in a pickle."""

    __slots__ = ("code",)

    def __init__(self, code: object = None, *_: object) -> None:
        self.code = code

    def __setstate__(self, state: object) -> None:
        """Ignore byte order and alignment: bytes have neither."""


class _Array:
    """Stands in for an array in a pickle; its state is what NumPy would be told."""

    __slots__ = ("state",)

    def __init__(self) -> None:
        self.state: object = None

    def __setstate__(self, state: object) -> None:
        self.state = state


ALLOWED = (
    *(pickle.PROTO, pickle.FRAME, pickle.STOP, pickle.MARK),
    *(pickle.NONE, pickle.NEWTRUE, pickle.NEWFALSE),
    *(pickle.BININT, pickle.BININT1, pickle.BININT2, pickle.LONG1),
    *(pickle.BINSTRING, pickle.SHORT_BINSTRING),
    *(pickle.BINBYTES, pickle.SHORT_BINBYTES, pickle.BINBYTES8),
    *(pickle.BINUNICODE, pickle.SHORT_BINUNICODE),
    *(pickle.EMPTY_TUPLE, pickle.TUPLE, pickle.TUPLE1, pickle.TUPLE2, pickle.TUPLE3),
    *(pickle.EMPTY_LIST, pickle.APPEND, pickle.APPENDS),
    *(pickle.EMPTY_DICT, pickle.SETITEM, pickle.SETITEMS),
    *(pickle.BINPUT, pickle.LONG_BINPUT, pickle.MEMOIZE, pickle.BINGET, pickle.LONG_BINGET),
    *(pickle.GLOBAL, pickle.STACK_GLOBAL, pickle.REDUCE, pickle.BUILD),
)
"""The instructions that plain data and arrays take in protocols 2 to 4."""


class _Unpickler(pickle._Unpickler):
    """An unpickler that knows NumPy's array and dtype and nothing else.

    It is the one written in Python: the one in C makes its table of remembered objects as large as
    a pickle asks, which can be all memory there is.
    """

    dispatch: ClassVar = {code[0]: pickle._Unpickler.dispatch[code[0]] for code in ALLOWED}

    def find_class(self, module: str, name: str) -> Any:
        """Return the stand-in for a global that a pickle names.

        Raises:
            pickle.UnpicklingError: for everything that is not part of an array.

        """
        if (module, name) == ("numpy", "ndarray"):
            return lambda *_: None
        if (module, name) == ("numpy", "dtype"):
            return lambda *arguments: _Dtype(*arguments)
        if name == "_reconstruct" and module in (
            "numpy.core.multiarray",
            "numpy._core.multiarray",
        ):
            return lambda *_: _Array()
        raise pickle.UnpicklingError(f"it asks for {module + '.' + name!r}")


def _set_item(unpickler: Any) -> None:
    value, key = unpickler.stack.pop(), unpickler.stack.pop()
    _put(unpickler.stack[-1], [key], [value])


def _set_items(unpickler: Any) -> None:
    items = unpickler.pop_mark()
    _put(unpickler.stack[-1], items[::2], items[1::2])


def _put(target: Any, keys: list[Any], values: list[Any]) -> None:
    # To hash a tuple of tuples of tuples ... can overflow the stack of the interpreter itself.
    if type(target) is not dict or not all(type(key) in (bytes, str) for key in keys):
        raise pickle.UnpicklingError("it has a key that is no name")
    target.update(zip(keys, values, strict=True))


def _build(unpickler: Any) -> None:
    state = unpickler.stack.pop()
    target = unpickler.stack[-1]
    if type(target) not in (_Array, _Dtype):
        raise pickle.UnpicklingError("it gives a state to what has none")
    target.__setstate__(state)


_Unpickler.dispatch[pickle.SETITEM[0]] = _set_item
_Unpickler.dispatch[pickle.SETITEMS[0]] = _set_items
_Unpickler.dispatch[pickle.BUILD[0]] = _build


def read_batch(blob: bytes, images: int, where: str) -> tuple[Array, Array]:
    """Return labels int64 (images,) and pixels uint8 (images, 3072) of one pickled file.

    Args:
        blob: the whole file.
        images: how many images it has to hold.
        where: the file, for the message.

    Raises:
        DataError: if the file is not such a pickle, whatever it is instead.

    """
    try:
        batch = _Unpickler(io.BytesIO(blob), encoding="bytes").load()
    except MemoryError:
        raise
    except KeyError:
        raise DataError(f"{where} is not a pickle of labels and pixels; {FETCH_AGAIN}") from None
    except Exception as error:  # damaged pickles fail in every way that Python has
        reason = str(error) or type(error).__name__
        raise DataError(
            f"{where} is not a pickle of labels and pixels: {reason[:200]}; {FETCH_AGAIN}"
        ) from None
    if not isinstance(batch, dict):
        raise DataError(f"{where} does not hold a dictionary; {FETCH_AGAIN}")
    return (
        _labels(batch.get(b"labels"), images, where),
        _pixels(batch.get(b"data"), images, where),
    )


def _labels(labels: object, images: int, where: str) -> Array:
    if (
        type(labels) is not list
        or len(labels) != images
        or not all(type(label) is int and 0 <= label <= 255 for label in labels)
    ):
        raise DataError(f"{where} does not hold {images:,} labels from 0 to 9; {FETCH_AGAIN}")
    return np.array(labels, np.int64)


def _pixels(array: object, images: int, where: str) -> Array:
    wrong = DataError(
        f"{where} does not hold pixels as uint8 of shape ({images}, {PIXELS}); {FETCH_AGAIN}"
    )
    if type(array) is not _Array or type(array.state) is not tuple or len(array.state) != 5:
        raise wrong
    _, shape, dtype, by_column, raw = array.state
    if (
        type(shape) is not tuple
        or shape != (images, PIXELS)
        or type(dtype) is not _Dtype
        or dtype.code not in (b"u1", "u1")
        or type(raw) is not bytes
        or len(raw) != images * PIXELS
    ):
        raise wrong
    pixels: Array = np.frombuffer(raw, np.uint8)
    return pixels.reshape(PIXELS, images).T if by_column else pixels.reshape(images, PIXELS)

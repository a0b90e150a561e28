"""Safe reading of the pickles in the python version of CIFAR-10.

A pickle is a program. The pickles allowed here can build dictionaries, lists, numbers and strings,
and refer to the few functions that construct NumPy's arrays and scalars. The unpickler replaces
these functions with stand-ins that only store their arguments, and arrays are built from them
afterwards.
"""

import io
import pickle
import struct
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from core.data.dataset import Array, DataError
from core.data.layout import FETCH_AGAIN, PIXELS
from core.data.stand_ins import Dtype, List, NdArray, array_of

ALLOWED = (
    *(pickle.PROTO, pickle.FRAME, pickle.STOP, pickle.MARK),
    *(pickle.NONE, pickle.NEWTRUE, pickle.NEWFALSE),
    *(pickle.BININT, pickle.BININT1, pickle.BININT2, pickle.LONG1),
    *(pickle.BINSTRING, pickle.SHORT_BINSTRING),
    *(pickle.BINBYTES, pickle.SHORT_BINBYTES, pickle.BINBYTES8, pickle.BYTEARRAY8),
    *(pickle.BINUNICODE, pickle.SHORT_BINUNICODE, pickle.BINUNICODE8),
    *(pickle.EMPTY_TUPLE, pickle.TUPLE, pickle.TUPLE1, pickle.TUPLE2, pickle.TUPLE3),
    *(pickle.EMPTY_LIST, pickle.APPEND, pickle.APPENDS),
    *(pickle.EMPTY_DICT, pickle.SETITEM, pickle.SETITEMS),
    *(pickle.BINPUT, pickle.LONG_BINPUT, pickle.MEMOIZE, pickle.BINGET, pickle.LONG_BINGET),
    *(pickle.GLOBAL, pickle.STACK_GLOBAL, pickle.REDUCE, pickle.BUILD),
)
"""The opcodes that plain data and arrays use in protocols 2 to 5."""

STEPS, MORE_STEPS = 100, 100_000
"""Maximum number of opcodes per image, and in addition: a label that is a NumPy scalar takes six. A
sequence of small integers, such as an image stored as a list, counts as one."""

STAND_INS: dict[tuple[str, str], Callable[..., Any]] = {
    ("numpy", "ndarray"): lambda *_: None,
    ("numpy", "dtype"): lambda *arguments: Dtype(*arguments),
    ("numpy.core.multiarray", "_reconstruct"): lambda *_: NdArray(),
    ("numpy.core.multiarray", "scalar"): lambda dtype, raw: array_of(
        NdArray((1, (), dtype, False, raw))
    ).item(),
    ("numpy.core.numeric", "_frombuffer"): NdArray.of_buffer,
}
"""Replacements of the globals in a pickle; names of NumPy 2 are mapped to those of NumPy 1."""

RUN, WAITING = 4096, 1_000_000
"""Maximum number of integers read at once, and on the stack before they are added to a list."""


class _Unpickler(pickle._Unpickler):
    """An unpickler for NumPy arrays and scalars and plain data only.

    It extends the implementation in Python: the one in C allocates its memo table as large as the
    pickle requests, which can exhaust the memory.

    Args:
        blob: the pickle.
        steps: maximum number of opcodes.
    """

    dispatch: ClassVar = {code[0]: pickle._Unpickler.dispatch[code[0]] for code in ALLOWED}

    def __init__(self, blob: bytes, steps: int) -> None:
        self.source = io.BytesIO(blob)
        self.size = self.room = len(blob)
        super().__init__(self.source, encoding="bytes")
        self.dispatch = _Counted(self.dispatch, steps)  # type: ignore[misc]

    def find_class(self, module: str, name: str) -> Any:
        """Return the stand-in for a global in a pickle.

        Raises:
            pickle.UnpicklingError: if the global is not needed for arrays.

        """
        legacy = module.replace("numpy._core.", "numpy.core.")
        stand_in = STAND_INS.get((legacy, name))
        if (legacy, name) == ("_codecs", "encode"):
            stand_in = self._encode
        if stand_in is None:
            raise pickle.UnpicklingError(f"it asks for {module + '.' + name!r}")
        return stand_in

    def _encode(self, text: str, code: str) -> bytes:
        """Return bytes that Python 3 wrote as text, because protocol 2 has no opcode for bytes."""
        if type(text) is not str or code != "latin1":
            raise pickle.UnpicklingError("it has text that stands for no bytes")
        # A pickle may encode the same text again and again.
        self.room -= len(text)
        if self.room < 0:
            raise pickle.UnpicklingError("it makes more than it holds")
        return text.encode("latin-1")


class _Counted(dict[int, Any]):
    """A table of opcodes that counts lookups and raises after too many."""

    def __init__(self, opcodes: dict[int, Any], limit: int) -> None:
        super().__init__(opcodes)
        self._left = limit

    def __getitem__(self, code: int) -> Any:
        self._left -= 1
        if self._left < 0:
            raise pickle.UnpicklingError("it has too many instructions for its images")
        return super().__getitem__(code)


def _empty_list(unpickler: Any) -> None:
    unpickler.append(List())


def _small_number(unpickler: Any) -> None:
    """Read an integer of one byte and all that follow it: pixels in a list are millions of them."""
    source = unpickler._unframer.current_frame or unpickler.source
    start = source.tell()
    ahead = np.frombuffer(source.getvalue()[start : start + 2 * RUN - 1], np.uint8)
    # Every further integer is preceded by its opcode.
    others = np.flatnonzero(ahead[1:-1:2] != pickle.BININT1[0])
    count = int(others[0]) + 1 if len(others) else (len(ahead) + 1) // 2
    source.seek(start + 2 * count - 1)
    unpickler.stack.extend(ahead[: 2 * count - 1 : 2].tolist())
    if len(unpickler.stack) > WAITING:
        raise pickle.UnpicklingError("it has too many numbers in no list")


def _bytearray(unpickler: Any) -> None:
    # Read as bytes, because pickle would allocate a bytearray of the claimed length in advance.
    (length,) = struct.unpack("<Q", unpickler.read(8))
    unpickler.append(unpickler.read(min(length, unpickler.size)))


def _set_item(unpickler: Any) -> None:
    value, key = unpickler.stack.pop(), unpickler.stack.pop()
    _put(unpickler.stack[-1], [key], [value])


def _set_items(unpickler: Any) -> None:
    items = unpickler.pop_mark()
    _put(unpickler.stack[-1], items[::2], items[1::2])


def _put(target: Any, keys: list[Any], values: list[Any]) -> None:
    # Hashing deeply nested tuples can overflow the C stack of the interpreter.
    if type(target) is not dict or not all(type(key) in (bytes, str) for key in keys):
        raise pickle.UnpicklingError("it has a key that is no name")
    # Keys written by Python 2 are bytes; those written by Python 3 are text.
    names = (key if type(key) is bytes else key.encode() for key in keys)
    target.update(zip(names, values, strict=True))


def _build(unpickler: Any) -> None:
    state = unpickler.stack.pop()
    target = unpickler.stack[-1]
    if type(target) not in (NdArray, Dtype):
        raise pickle.UnpicklingError("it gives a state to what has none")
    target.__setstate__(state)


for _code, _read in {
    pickle.EMPTY_LIST: _empty_list,
    pickle.BININT1: _small_number,
    pickle.BYTEARRAY8: _bytearray,
    pickle.SETITEM: _set_item,
    pickle.SETITEMS: _set_items,
    pickle.BUILD: _build,
}.items():
    _Unpickler.dispatch[_code[0]] = _read


def read_batch(blob: bytes, images: int, where: str) -> tuple[Array, Array]:
    """Return labels int64 (images,) and pixels uint8 (images, 3072) of one pickled file.

    Labels and pixels may be lists or arrays of any integer type, as in files that a program has
    read and pickled again.

    Args:
        blob: the whole file.
        images: required number of images.
        where: description of the file for error messages.

    Raises:
        DataError: if the file is not such a pickle.

    """
    unpickler = _Unpickler(blob, STEPS * images + MORE_STEPS)
    try:
        batch = unpickler.load()
    except MemoryError:
        raise
    except KeyError:
        raise DataError(f"{where} is not a pickle of labels and pixels; {FETCH_AGAIN}") from None
    except Exception as error:  # damaged pickles raise many types of exceptions
        reason = str(error) or type(error).__name__
        raise DataError(
            f"{where} is not a pickle of labels and pixels: {reason[:200]}; {FETCH_AGAIN}"
        ) from None
    finally:
        # The memo may refer to a method of the unpickler, a cycle that would delay its collection.
        unpickler.memo.clear()  # type: ignore[attr-defined]
    if type(batch) is not dict:
        raise DataError(f"{where} does not hold a dictionary; {FETCH_AGAIN}")
    if b"fine_labels" in batch:
        raise DataError(f"{where} is of CIFAR-100, with a hundred classes; {FETCH_AGAIN}")
    return (
        _labels(batch.get(b"labels"), images, where),
        _pixels(batch.get(b"data"), images, where),
    )


def _labels(value: object, images: int, where: str) -> Array:
    expected = f"{images:,} labels from 0 to 9"
    try:
        labels = array_of(value, images)
    except ValueError as error:
        raise DataError(f"{where} does not hold {expected} but {error}; {FETCH_AGAIN}") from None
    if labels.size != images or labels.dtype.kind not in "iub":
        raise DataError(f"{where} does not hold {expected} but {_describe(labels)}; {FETCH_AGAIN}")
    if labels.min() < 0 or labels.max() > 255:
        raise DataError(f"{where} does not hold {expected}: some are others; {FETCH_AGAIN}")
    return labels.reshape(images).astype(np.int64)


def _pixels(value: object, images: int, where: str) -> Array:
    expected = f"pixels as uint8 of shape ({images}, {PIXELS})"
    try:
        pixels = array_of(value, images * PIXELS)
    except ValueError as error:
        raise DataError(f"{where} does not hold {expected} but {error}; {FETCH_AGAIN}") from None
    if pixels.shape == (images, 32, 32, 3):
        pixels = pixels.transpose(0, 3, 1, 2)
    rows = pixels.shape[:1] == (images,) or pixels.ndim == 1
    if pixels.size != images * PIXELS or not rows or pixels.dtype.kind not in "iu":
        raise DataError(f"{where} does not hold {expected} but {_describe(pixels)}; {FETCH_AGAIN}")
    if pixels.dtype != np.uint8 and (pixels.min() < 0 or pixels.max() > 255):
        raise DataError(f"{where} does not hold {expected}: some are not 0 to 255; {FETCH_AGAIN}")
    return pixels.reshape(images, PIXELS).astype(np.uint8, copy=False)


def _describe(array: Array) -> str:
    return f"{array.dtype.name} of shape {array.shape}"

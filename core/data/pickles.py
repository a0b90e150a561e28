"""Reading the python version's pickles without trusting them.

A pickle is a program. The one allowed here can build dictionaries, lists, numbers and strings, and
name the few things that NumPy's arrays and numbers are made from; for each of these it gets a
stand-in of ours, which keeps what it is told and runs nothing. Only then are arrays made, by us.
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
"""The instructions that plain data and arrays take in protocols 2 to 5."""

STEPS, MORE_STEPS = 100, 100_000
"""Instructions at the most, an image and in all: a label that is a number of NumPy takes six. A run
of small numbers, such as those of a picture that is a list, counts as one."""

STAND_INS: dict[tuple[str, str], Callable[..., Any]] = {
    ("numpy", "ndarray"): lambda *_: None,
    ("numpy", "dtype"): lambda *arguments: Dtype(*arguments),
    ("numpy.core.multiarray", "_reconstruct"): lambda *_: NdArray(),
    ("numpy.core.multiarray", "scalar"): lambda dtype, raw: array_of(
        NdArray((1, (), dtype, False, raw))
    ).item(),
    ("numpy.core.numeric", "_frombuffer"): NdArray.of_buffer,
}
"""What the names in a pickle get, those of NumPy 2 as those of NumPy 1."""

RUN, WAITING = 4096, 1_000_000
"""Numbers that are read at once, and that may be read before they are put into a list."""


class _Unpickler(pickle._Unpickler):
    """An unpickler that knows NumPy's arrays and numbers and nothing else.

    It is the one written in Python: the one in C makes its table of remembered objects as large as
    a pickle asks, which can be all memory there is.

    Args:
        blob: the pickle.
        steps: instructions that it may have.
    """

    dispatch: ClassVar = {code[0]: pickle._Unpickler.dispatch[code[0]] for code in ALLOWED}

    def __init__(self, blob: bytes, steps: int) -> None:
        self.source = io.BytesIO(blob)
        self.size = self.room = len(blob)
        super().__init__(self.source, encoding="bytes")
        self.dispatch = _Counted(self.dispatch, steps)  # type: ignore[misc]

    def find_class(self, module: str, name: str) -> Any:
        """Return the stand-in for a global that a pickle names.

        Raises:
            pickle.UnpicklingError: for everything that is not part of an array.

        """
        plain = module.replace("numpy._core.", "numpy.core.")
        made = STAND_INS.get((plain, name))
        if (plain, name) == ("_codecs", "encode"):
            made = self._encode
        if made is None:
            raise pickle.UnpicklingError(f"it asks for {module + '.' + name!r}")
        return made

    def _encode(self, text: str, code: str) -> bytes:
        """Return the bytes that Python 3 wrote as text, having no instruction in protocol 2."""
        if type(text) is not str or code != "latin1":
            raise pickle.UnpicklingError("it has text that stands for no bytes")
        # The same text may be asked for again and again.
        self.room -= len(text)
        if self.room < 0:
            raise pickle.UnpicklingError("it makes more than it holds")
        return text.encode("latin-1")


class _Counted(dict[int, Any]):
    """Instructions that are counted as they are looked up."""

    def __init__(self, instructions: dict[int, Any], most: int) -> None:
        super().__init__(instructions)
        self._left = most

    def __getitem__(self, code: int) -> Any:
        self._left -= 1
        if self._left < 0:
            raise pickle.UnpicklingError("it has too many instructions for its images")
        return super().__getitem__(code)


def _empty_list(unpickler: Any) -> None:
    unpickler.append(List())


def _small_number(unpickler: Any) -> None:
    """Read a number of one byte, and those behind it: millions, where pixels are a list."""
    source = unpickler._unframer.current_frame or unpickler.source
    start = source.tell()
    ahead = np.frombuffer(source.getvalue()[start : start + 2 * RUN - 1], np.uint8)
    # Between two of them stands the instruction that the second is another.
    others = np.flatnonzero(ahead[1:-1:2] != pickle.BININT1[0])
    count = int(others[0]) + 1 if len(others) else (len(ahead) + 1) // 2
    source.seek(start + 2 * count - 1)
    unpickler.stack.extend(ahead[: 2 * count - 1 : 2].tolist())
    if len(unpickler.stack) > WAITING:
        raise pickle.UnpicklingError("it has too many numbers in no list")


def _bytearray(unpickler: Any) -> None:
    # As bytes: room for an array is taken before anybody knows whether there is so much to read.
    (length,) = struct.unpack("<Q", unpickler.read(8))
    unpickler.append(unpickler.read(min(length, unpickler.size)))


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
    # Python 2 knew text as bytes, and so does who reads it as that; all others have text.
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

    Labels and pixels may be lists or arrays, of any whole numbers, as programs leave them that
    read the file and pickled it again.

    Args:
        blob: the whole file.
        images: how many images it has to hold.
        where: the file, for the message.

    Raises:
        DataError: if the file is not such a pickle, whatever it is instead.

    """
    unpickler = _Unpickler(blob, STEPS * images + MORE_STEPS)
    try:
        batch = unpickler.load()
    except MemoryError:
        raise
    except KeyError:
        raise DataError(f"{where} is not a pickle of labels and pixels; {FETCH_AGAIN}") from None
    except Exception as error:  # damaged pickles fail in every way that Python has
        reason = str(error) or type(error).__name__
        raise DataError(
            f"{where} is not a pickle of labels and pixels: {reason[:200]}; {FETCH_AGAIN}"
        ) from None
    finally:
        # It may hold a method of its own, and would stay in memory for long.
        unpickler.memo.clear()  # type: ignore[attr-defined]
    if type(batch) is not dict:
        raise DataError(f"{where} does not hold a dictionary; {FETCH_AGAIN}")
    if b"fine_labels" in batch:
        raise DataError(f"{where} is of CIFAR-100, with a hundred classes; {FETCH_AGAIN}")
    return (
        _labels(batch.get(b"labels"), images, where),
        _pixels(batch.get(b"data"), images, where),
    )


def _labels(given: object, images: int, where: str) -> Array:
    right = f"{images:,} labels from 0 to 9"
    try:
        labels = array_of(given, images)
    except ValueError as error:
        raise DataError(f"{where} does not hold {right} but {error}; {FETCH_AGAIN}") from None
    if labels.size != images or labels.dtype.kind not in "iub":
        raise DataError(f"{where} does not hold {right} but {_words(labels)}; {FETCH_AGAIN}")
    if labels.min() < 0 or labels.max() > 255:
        raise DataError(f"{where} does not hold {right}: some are others; {FETCH_AGAIN}")
    return labels.reshape(images).astype(np.int64)


def _pixels(given: object, images: int, where: str) -> Array:
    right = f"pixels as uint8 of shape ({images}, {PIXELS})"
    try:
        pixels = array_of(given, images * PIXELS)
    except ValueError as error:
        raise DataError(f"{where} does not hold {right} but {error}; {FETCH_AGAIN}") from None
    if pixels.shape == (images, 32, 32, 3):
        pixels = pixels.transpose(0, 3, 1, 2)
    rows = pixels.shape[:1] == (images,) or pixels.ndim == 1
    if pixels.size != images * PIXELS or not rows or pixels.dtype.kind not in "iu":
        raise DataError(f"{where} does not hold {right} but {_words(pixels)}; {FETCH_AGAIN}")
    if pixels.dtype != np.uint8 and (pixels.min() < 0 or pixels.max() > 255):
        raise DataError(f"{where} does not hold {right}: some are not 0 to 255; {FETCH_AGAIN}")
    return pixels.reshape(images, PIXELS).astype(np.uint8, copy=False)


def _words(array: Array) -> str:
    return f"{array.dtype.name} of shape {array.shape}"

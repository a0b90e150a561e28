"""Data in a file that the processes of one machine map into memory, so that they share it."""

import mmap
import pickle
from pathlib import Path
from typing import Any

ALIGNED = 64
"""Bytes of which the place of every array is a multiple."""


def write(value: Any, path: Path) -> None:
    """Write an object to a new file.

    Raises:
        OSError: if it cannot be written; nothing is left of it then.
    """
    buffers: list[pickle.PickleBuffer] = []
    rest = pickle.dumps(value, protocol=5, buffer_callback=buffers.append)
    arrays = [buffer.raw() for buffer in buffers]
    try:
        with path.open("xb") as file:
            pickle.dump((rest, [len(array) for array in arrays]), file)
            for array in arrays:
                file.write(bytes(-file.tell() % ALIGNED))
                file.write(array)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def read(path: Path) -> Any:
    """Return the object that a file holds; its arrays are read-only views of the file.

    Unpickling runs code: the file must be one that only this user can write.

    Raises:
        OSError: if the file cannot be read.
    """
    with path.open("rb") as file:
        rest, lengths = pickle.load(file)
        at = file.tell()
        view = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    arrays = []
    for length in lengths:
        at += -at % ALIGNED
        arrays.append(view[at : at + length])
        at += length
    return pickle.loads(rest, buffers=arrays)

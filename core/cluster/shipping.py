"""Large data by their hash: once to each worker, and again where they were lost.

The client sends before the first work that needs them, to one worker at a time; a worker that
joins later gets them then. In a worker the data of the latest few hashes are kept as objects, so
that two calls get the very same one. A call that does not find its data, because the process is new
at an old address, ends with `MissingDataError`, and the client sends again.
"""

import pickle
import threading
from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from core.cluster import mapped

KEPT = 2
"""Data that a worker keeps at a time, the latest used."""


class MissingDataError(Exception):
    """A worker does not have the data of a call."""


@dataclass(frozen=True, eq=False)
class Shipped:
    """Data that calls refer to by their hash.

    Attributes:
        hash: identity of the contents.
        value: the data, which must be possible to pickle; large arrays within are not copied.
    """

    hash: str
    value: Any

    @cached_property
    def size(self) -> int:
        """Number of bytes that are sent to a worker."""
        buffers: list[pickle.PickleBuffer] = []
        rest = pickle.dumps(self.value, protocol=5, buffer_callback=buffers.append)
        return len(rest) + sum(buffer.raw().nbytes for buffer in buffers)


@dataclass(frozen=True)
class Sent:
    """One transfer of data."""

    worker: str
    """Address of the worker."""
    hash: str
    size: int
    """In bytes."""


# In the worker

_lock = threading.Lock()
_values: OrderedDict[str, Any] = OrderedDict()


def keep(name: str, value: Any) -> None:
    """Keep data in this process, instead of those used longest ago."""
    with _lock:
        _values[name] = value
        _values.move_to_end(name)
        while len(_values) > KEPT:
            _values.popitem(last=False)


def keep_file(name: str, path: str) -> None:
    """Keep data of a file, see `core.cluster.mapped`."""
    keep(name, mapped.read(Path(path)))


def kept(name: str) -> Any:
    """Return data that were kept.

    Raises:
        MissingDataError: if they are not there.
    """
    with _lock:
        if name not in _values:
            raise MissingDataError(name)
        _values.move_to_end(name)
        return _values[name]


def forget() -> None:
    """Let go of all data of this process."""
    with _lock:
        _values.clear()

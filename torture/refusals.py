"""A disk that refuses: the n-th call that a program makes of it fails, or all from that one on.

What `core.files` calls is replaced in that module. SQLite is asked to use other system
calls, as its own tests do: `xSetSystemCall` of its file layer takes the place of each.
"""

import ctypes
import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core import files


class Refusals:
    """Counts calls, and lets some of them fail.

    Args:
        first: the number of the first call that fails, from 1; 0 for none.
        forever: whether all after it fail, too.
        code: the error that they fail with.
    """

    def __init__(self, first: int, forever: bool, code: int) -> None:
        self.first, self.forever, self.code = first, forever, code
        self.calls = self.refused = 0
        self.healed = False
        self._kept: list[Any] = []
        """What C holds a pointer to."""

    def next(self) -> bool:
        """Count a call; tell whether it is to fail."""
        self.calls += 1
        wanted = self.calls >= self.first if self.forever else self.calls == self.first
        fails = bool(self.first) and wanted and not self.healed
        self.refused += fails
        return fails

    def _error(self) -> OSError:
        return OSError(self.code, os.strerror(self.code))

    # Files that are written whole

    def of_files(self) -> None:
        """Count what `core.files` asks of the disk."""
        refusals, replace = self, Path.replace

        class Os:
            """What `core.files` knows of the module."""

            def __getattr__(self, name: str) -> Any:
                found = getattr(os, name)
                return refusing(found) if name in ("open", "fsync", "fdopen") else found

        def refusing(call: Callable[..., Any]) -> Callable[..., Any]:
            def asked(*what: Any, **more: Any) -> Any:
                if refusals.next():
                    if call is os.fdopen:  # half of it is written
                        os.write(what[0], b"half")
                        os.close(what[0])
                    raise refusals._error()
                return call(*what, **more)

            return asked

        files.os = Os()  # type: ignore[attr-defined]
        Path.replace = refusing(replace)  # type: ignore[method-assign, assignment]

    # SQLite

    def of_sqlite(self) -> None:
        """Count what SQLite asks of the disk: opening, reading, writing, cutting and removing."""
        number, pointer, text = ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p
        size, offset = ctypes.c_size_t, ctypes.c_int64
        self._replace("open", number, text, number, number)
        self._replace("read", ctypes.c_ssize_t, number, pointer, size)
        self._replace("pread64", ctypes.c_ssize_t, number, pointer, size, offset)
        self._replace("write", ctypes.c_ssize_t, number, pointer, size)
        self._replace("pwrite64", ctypes.c_ssize_t, number, pointer, size, offset)
        self._replace("ftruncate", number, number, offset)
        self._replace("unlink", number, text)
        self._directories()

    def _replace(self, name: str, *signature: Any) -> None:
        kind = ctypes.CFUNCTYPE(*signature, use_errno=True)
        real = kind(_system_call(name))

        def asked(*what: Any) -> int:
            if self.next():
                ctypes.set_errno(self.code)
                return -1
            return int(real(*what))

        made = kind(asked)
        self._kept += [real, made]
        _set_system_call(name, made)

    def _directories(self) -> None:
        """Let the flush of a folder fail: a pipe stands for it, which cannot be flushed."""
        kind = ctypes.CFUNCTYPE(
            ctypes.c_int, ctypes.c_char_p, ctypes.POINTER(ctypes.c_int), use_errno=True
        )
        real = kind(_system_call("openDirectory"))

        def asked(path: bytes, found: Any) -> int:
            if not self.next():
                return int(real(path, found))
            reader, writer = os.pipe()
            os.close(writer)
            found[0] = reader
            return 0

        made = kind(asked)
        self._kept += [real, made]
        _set_system_call("openDirectory", made)


class _Layer(ctypes.Structure):
    """SQLite's `sqlite3_vfs`, as far as it is needed."""

    _fields_ = (
        ("version", ctypes.c_int),
        ("size", ctypes.c_int),
        ("longest", ctypes.c_int),
        ("rest", ctypes.c_void_p * (3 + 13)),
        (
            "set_call",
            ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p),
        ),
        ("get_call", ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p)),
    )


def _layer() -> Any:
    library = ctypes.CDLL("libsqlite3.so.0")
    library.sqlite3_vfs_find.restype = ctypes.POINTER(_Layer)
    return library.sqlite3_vfs_find(None)


def _system_call(name: str) -> int:
    layer = _layer()
    return int(layer.contents.get_call(layer, name.encode()))


def _set_system_call(name: str, made: Any) -> None:
    layer = _layer()
    code = layer.contents.set_call(layer, name.encode(), ctypes.cast(made, ctypes.c_void_p))
    if code:
        raise OSError(errno.ENOSYS, f"SQLite has no {name}")


def sqlite_can_be_refused() -> bool:
    """Return whether Python's SQLite is a library of the system that can be asked."""
    try:
        with Path("/proc/self/maps").open() as maps:
            return any("libsqlite3.so.0" in line for line in maps) and bool(_system_call("open"))
    except (OSError, AttributeError):
        return False

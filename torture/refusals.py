"""Injection of disk errors: the n-th disk call of a program fails, or all calls from it on.

The functions that `core.files` calls are replaced in that module. The system calls of SQLite are
replaced with `xSetSystemCall` of its VFS, as in SQLite's own tests.
"""

import ctypes
import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core import files


class Refusals:
    """Counts calls, and makes some of them fail.

    Args:
        first: number of the first call that fails, from 1; 0 for none.
        forever: whether all later calls fail, too.
        code: the error number.
    """

    def __init__(self, first: int, forever: bool, code: int) -> None:
        self.first, self.forever, self.code = first, forever, code
        self.calls = self.refused = 0
        self.healed = False
        self._kept: list[Any] = []
        """Objects that C code has pointers to."""

    def next(self) -> bool:
        """Count a call, and return whether it must fail."""
        self.calls += 1
        wanted = self.calls >= self.first if self.forever else self.calls == self.first
        fails = bool(self.first) and wanted and not self.healed
        self.refused += fails
        return fails

    def _error(self) -> OSError:
        return OSError(self.code, os.strerror(self.code))

    # Files that are written atomically

    def of_files(self) -> None:
        """Count the disk calls of `core.files`."""
        refusals, replace = self, Path.replace

        class Os:
            """Replaces the module `os` in `core.files`."""

            def __getattr__(self, name: str) -> Any:
                found = getattr(os, name)
                return refusing(found) if name in ("open", "fsync", "fdopen") else found

        def refusing(call: Callable[..., Any]) -> Callable[..., Any]:
            def wrapper(*what: Any, **more: Any) -> Any:
                if refusals.next():
                    if call is os.fdopen:  # simulates a partial write
                        os.write(what[0], b"half")
                        os.close(what[0])
                    raise refusals._error()
                return call(*what, **more)

            return wrapper

        files.os = Os()  # type: ignore[attr-defined]
        Path.replace = refusing(replace)  # type: ignore[method-assign, assignment]

    # SQLite

    def of_sqlite(self) -> None:
        """Count the calls of SQLite that open, read, write, truncate, delete and flush."""
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

        def wrapper(*what: Any) -> int:
            if self.next():
                ctypes.set_errno(self.code)
                return -1
            return int(real(*what))

        wrapped = kind(wrapper)
        self._kept += [real, wrapped]
        _set_system_call(name, wrapped)

    def _directories(self) -> None:
        """Make the flush of a folder fail, by returning a pipe, which cannot be flushed."""
        kind = ctypes.CFUNCTYPE(
            ctypes.c_int, ctypes.c_char_p, ctypes.POINTER(ctypes.c_int), use_errno=True
        )
        real = kind(_system_call("openDirectory"))

        def wrapper(path: bytes, found: Any) -> int:
            if not self.next():
                return int(real(path, found))
            reader, writer = os.pipe()
            os.close(writer)
            found[0] = reader
            return 0

        wrapped = kind(wrapper)
        self._kept += [real, wrapped]
        _set_system_call("openDirectory", wrapped)


class _Layer(ctypes.Structure):
    """The part of SQLite's `sqlite3_vfs` that is needed."""

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


def _set_system_call(name: str, wrapped: Any) -> None:
    layer = _layer()
    code = layer.contents.set_call(layer, name.encode(), ctypes.cast(wrapped, ctypes.c_void_p))
    if code:
        raise OSError(errno.ENOSYS, f"SQLite has no {name}")


def sqlite_can_be_refused() -> bool:
    """Return whether Python uses the system's SQLite library, whose calls can be replaced."""
    try:
        with Path("/proc/self/maps").open() as maps:
            return any("libsqlite3.so.0" in line for line in maps) and bool(_system_call("open"))
    except (OSError, AttributeError):
        return False

"""Reading CIFAR-10 from a .tar.gz in one pass, member by member, without writing to disk."""

import gzip
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, BinaryIO, cast

from core.data.dataset import DataError
from core.data.layout import FETCH_AGAIN, LAYOUTS, Layout
from core.files import opened

SLACK = 100_000
"""Maximum number of bytes before, between and after data files: headers, folders, a read-me file.
It is small enough that even a header crafted to be slow to parse takes only seconds."""

_BY_HAND = "unpack it, and name the folder that comes out"
OTHERS = {
    b"pk\x03\x04": f"it is a ZIP archive; {_BY_HAND}",
    b"bzh": f"it is packed with bzip2; {_BY_HAND}",
    b"\xfd7zxz": f"it is packed with xz; {_BY_HAND}",
    b"7z\xbc\xaf": f"it is a 7-Zip archive; {_BY_HAND}",
    b"rar!": f"it is a RAR archive; {_BY_HAND}",
    b"<!doctype": "it is a web page, which a server sent in its place",
    b"<html": "it is a web page, which a server sent in its place",
    b"version https://git-lfs": "it is a pointer of Git LFS; `git lfs pull` fetches the file",
}
"""Descriptions of other file types by their first bytes, in lower case."""


class _Bounded:
    """A stream that raises when more bytes are read than allowed, as from a decompression bomb."""

    def __init__(self, stream: IO[bytes], where: str) -> None:
        self._stream = stream
        self._where = where
        self._left = 0

    def allow(self, size: int) -> None:
        self._left = size

    def read(self, size: int) -> bytes:
        chunk = self._stream.read(size)
        self._left -= len(chunk)
        if self._left < 0:
            raise DataError(f"{self._where} holds more than CIFAR-10; {FETCH_AGAIN}")
        return chunk


def members(
    path: Path, layouts: tuple[Layout, ...] = LAYOUTS
) -> Iterator[tuple[Layout, str, bytes]]:
    """Iterate over the data files of an archive, in the order of the archive.

    Args:
        path: a .tar.gz with the folder of one of the layouts at any depth, or the .tar that some
            browsers unpack it to.
        layouts: the possible layouts; the first data file determines which one applies.

    Yields:
        The layout, the file's name, and its contents, of a valid size.

    Raises:
        DataError: if the archive is damaged or contains a member that CIFAR-10 does not: a link, a
            device, a path outside its folder, or a file of a wrong size.

    """
    try:
        with opened(path) as file, _unpacked(file) as stream:
            bounded = _Bounded(stream, str(path))
            bounded.allow(SLACK)
            with tarfile.open(fileobj=cast("IO[bytes]", bounded), mode="r|") as tar:
                yield from _files(tar, bounded, path, layouts)
            while bounded.read(65_536):
                pass
    except (DataError, MemoryError):
        raise
    except Exception as error:  # damaged archives raise many types of exceptions
        if isinstance(error, OSError) and error.errno is not None:
            raise DataError(f"cannot read {path}: {error.strerror}") from None
        text = str(error) or type(error).__name__
        raise DataError(f"{path} is not a sound .tar.gz: {text[:200]}; {FETCH_AGAIN}") from None


def _unpacked(file: BinaryIO) -> IO[bytes]:
    """Return the tar stream of a .tar or .tar.gz file.

    Raises:
        ValueError: if the file is in another format; the message says what to do.
    """
    head = file.read(tarfile.BLOCKSIZE)
    file.seek(0)
    if head[257:262] == b"ustar":
        return file
    for magic, description in OTHERS.items():
        if head.lstrip().lower().startswith(magic):
            raise ValueError(description)
    if not head:
        raise ValueError("it is empty")
    # The gzip module checks length and checksum; tarfile's own decompression does not.
    unzipped = gzip.GzipFile(fileobj=file)
    if unzipped.peek(2)[:2] == b"\x1f\x8b":
        raise ValueError("it was packed twice; unpack it once with gunzip, and name what comes out")
    return cast("IO[bytes]", unzipped)


def _files(
    tar: tarfile.TarFile, bounded: _Bounded, path: Path, layouts: tuple[Layout, ...]
) -> Iterator[tuple[Layout, str, bytes]]:
    chosen: Layout | None = None
    for member in tar:
        parts = member.name.removeprefix("./").split("/")
        if member.name.startswith("/") or ".." in parts:
            raise DataError(f"{path} holds {member.name!r}, which leads out of its folder")
        if member.isdir():
            continue
        if member.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or member.sparse is not None:
            raise DataError(f"{path} holds {member.name!r}, which is not a regular file")
        for layout in layouts if chosen is None else (chosen,):
            if parts[-2:-1] == [layout.folder] and parts[-1] in layout.files:
                chosen = layout
                layout.check_size(member.size, f"{parts[-1]} in {path}")
                bounded.allow(member.size + SLACK)
                stream = tar.extractfile(member)
                assert stream is not None  # None only for members that are not regular files
                yield layout, parts[-1], stream.read()

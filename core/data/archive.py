"""Reading CIFAR-10 from a .tar.gz, member by member, in one pass and never onto the disk."""

import gzip
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, BinaryIO, cast

from core.data.dataset import DataError
from core.data.layout import FETCH_AGAIN, LAYOUTS, Layout
from core.files import opened

SLACK = 100_000
"""Bytes that may lie before, between and after data files: headers, folders, a read-me file. So few
that even a header made to be slow to read is over in seconds."""

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
"""What else a file may be, by how it begins in small letters."""


class _Bounded:
    """A stream of which only so much can be read as was allowed, whatever it unpacks to."""

    def __init__(self, stream: IO[bytes], where: str) -> None:
        self._stream = stream
        self._where = where
        self._left = 0

    def allow(self, size: int) -> None:
        self._left = size

    def read(self, size: int) -> bytes:
        piece = self._stream.read(size)
        self._left -= len(piece)
        if self._left < 0:
            raise DataError(f"{self._where} holds more than CIFAR-10; {FETCH_AGAIN}")
        return piece


def members(
    path: Path, layouts: tuple[Layout, ...] = LAYOUTS
) -> Iterator[tuple[Layout, str, bytes]]:
    """Go through the data files of an archive in the order in which it holds them.

    Args:
        path: a .tar.gz of one of the layouts, its files in their folder, wherever that is; or the
            .tar in it, as browsers leave it that unpack what they fetch.
        layouts: what is looked for; the first data file decides which it is.

    Yields:
        The layout, the file's name, and its contents, of a size that is possible.

    Raises:
        DataError: if the archive is damaged or holds what CIFAR-10 does not: a link, a device, a
            path that leads out of its folder, a file of a wrong size, more than one file of a name.

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
    except Exception as error:  # a damaged archive fails in every way that gzip and tarfile have
        if isinstance(error, OSError) and error.errno is not None:
            raise DataError(f"cannot read {path}: {error.strerror}") from None
        text = str(error) or type(error).__name__
        raise DataError(f"{path} is not a sound .tar.gz: {text[:200]}; {FETCH_AGAIN}") from None


def _unpacked(file: BinaryIO) -> IO[bytes]:
    """Return the stream of the tar that a file is, or is packed from.

    Raises:
        ValueError: if it is packed in another way, with what to do.
    """
    head = file.read(tarfile.BLOCKSIZE)
    file.seek(0)
    if head[257:262] == b"ustar":
        return file
    for sign, what in OTHERS.items():
        if head.lstrip().lower().startswith(sign):
            raise ValueError(what)
    if not head:
        raise ValueError("it is empty")
    # The gzip module checks length and checksum, which tarfile's own reading does not.
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
                assert stream is not None  # a regular file has contents
                yield layout, parts[-1], stream.read()

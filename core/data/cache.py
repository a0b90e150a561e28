"""A cache of unpacked data sets, so that only the first start reads and hashes their files.

Each source has a folder of arrays, which are mapped into memory, and a manifest. A copy is used
only if the source is unchanged and every byte is as it was written; otherwise it counts as missing,
and the next one replaces it. A folder is made under a temporary name and renamed when it is
complete and on the disk, so that many processes may read and write at once.

The check finds damage, not forgery: whoever can write here can also change the data sets.
"""

import hashlib
import json
import os
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import Any, Self

import numpy as np

from core.data import cache_folder
from core.data.dataset import Array, Facts, Images, Labels, Shape
from core.data.pixel_sums import PixelSums
from core.data.progress import Progress
from core.errors import reason

VERSION = 1
"""Version of the format; a copy of another one is replaced."""

IMAGES, LABELS, SUMS, MANIFEST = "images.npy", "labels.npy", "sums.npy", "manifest"

MANIFEST_BYTES = 10_000
"""Maximum size of a manifest."""

CHUNK = 8 << 20
"""Bytes written at a time, after each of which the progress is reported."""

DAMAGED = (OSError, ValueError, LookupError, TypeError, ArithmeticError, RecursionError)
"""What reading something that is no copy of ours can raise."""


@dataclass(frozen=True)
class Source:
    """The identity of the files that a data set is read from.

    Attributes:
        name: name of its folder in the cache, which depends on the path alone: a changed source
            replaces its copy.
        files: name, size, times of change of contents and of attributes in nanoseconds, and number
            in the file system of every file.
    """

    name: str
    files: tuple[tuple[str, int, int, int, int], ...]

    @classmethod
    def of(cls, dataset: str, found: Path, names: Iterable[str]) -> Self:
        """Return the identity of an archive, or of the files `names` in a folder.

        Raises:
            OSError: if they cannot be looked at.
        """
        found = found.resolve()
        parts = {name: found / name for name in names} if found.is_dir() else {"": found}
        stats = [(name, path.stat()) for name, path in parts.items() if path.exists()]
        digest = hashlib.sha256(os.fsencode(found)).hexdigest()
        return cls(
            f"{dataset}-{digest[:16]}",
            tuple(
                # Programs can reset the time of the contents, but not that of the attributes.
                (name, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)
                for name, stat in stats
            ),
        )


@dataclass(frozen=True)
class Contents:
    """All images of a data set and what takes long to compute of them.

    Attributes:
        images: uint8, the training images and then the test images.
        labels: int64, one for each.
        facts: of these images.
    """

    images: Images
    labels: Labels
    facts: Facts


def load(source: Source, shape: tuple[int, *Shape], training: int) -> Contents | None:
    """Return the cached contents of a source, or None if there is no sound and current copy.

    Args:
        source: the source as it is now.
        shape: shape of all images together.
        training: number of training images, which come first.
    """
    place = cache_folder.folder() / source.name
    try:
        contents = _read(place, source, shape, training)
    except DAMAGED:
        return None
    cache_folder.used(place)
    return contents


def save(source: Source, contents: Contents, progress: Progress) -> tuple[str, ...]:
    """Write the contents of a source to the cache.

    Returns:
        A sentence for the user if they could not be written, else nothing.
    """
    sums = contents.facts.sums
    arrays: dict[str, Array] = {
        IMAGES: contents.images,
        LABELS: contents.labels,
        SUMS: np.stack([sums.values, sums.squares]),
    }
    size = sum(array.nbytes for array in arrays.values())
    shape: Any = contents.images.shape
    try:
        with cache_folder.draft(size) as draft:
            checksums = {}
            for name, array in arrays.items():
                watched = progress if name == IMAGES else None
                checksums[name] = _write(draft / name, array, watched)
            body = _body(source, contents.facts.hash, checksums).encode()
            with cache_folder.created(draft / MANIFEST) as file:
                file.write(_seal(body) + b"\n" + body)
            # One that another process has just made is as good, and may be in use.
            if load(source, shape, sums.count) is None:
                cache_folder.put(draft, source.name)
    except OSError as error:
        return (f"every start will read the images anew: {cache_folder.folder()}: {reason(error)}",)
    return ()


def _read(place: Path, source: Source, shape: tuple[int, *Shape], training: int) -> Contents:
    if not S_ISDIR(place.lstat().st_mode):
        raise ValueError("a link, which could lead anywhere")
    seal, _, body = _bytes(place / MANIFEST).partition(b"\n")
    if seal != _seal(body):
        raise ValueError("the manifest is not as it was written")
    manifest = json.loads(body)
    digest, checksums = manifest["hash"], manifest["checksums"]
    if type(digest) is not str or body.decode() != _body(source, digest, checksums):
        raise ValueError("a copy of something else, or of another version")
    size = int(np.prod(shape[1:]))
    images = _mapped(place / IMAGES, np.uint8, shape, checksums[IMAGES])
    labels = _mapped(place / LABELS, np.int64, shape[:1], checksums[LABELS]).copy()
    sums = _mapped(place / SUMS, np.int64, (2, size), checksums[SUMS]).copy()
    return Contents(images, labels, Facts(digest, PixelSums(training, *sums)))


def _body(source: Source, digest: str, checksums: dict[str, int]) -> str:
    """Return the text of a manifest, which is the same for the same contents."""
    facts = {"version": VERSION, "source": source.files, "hash": digest, "checksums": checksums}
    return json.dumps(facts, sort_keys=True)


def _seal(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest().encode()


def _bytes(path: Path) -> bytes:
    """Return the contents of a small regular file."""
    _check(path, None)
    with path.open("rb") as file:
        return file.read(MANIFEST_BYTES)


def _mapped(path: Path, dtype: type, shape: tuple[int, ...], checksum: int) -> Array:
    """Return an array as a read-only view of its file.

    Raises:
        ValueError: if the file does not hold exactly this array, with this checksum.
    """
    header = _header(np.dtype(dtype), shape)
    _check(path, len(header) + int(np.prod(shape)) * np.dtype(dtype).itemsize)
    with path.open("rb") as file:
        if file.read(len(header)) != header:
            raise ValueError("another array")
    # A plain array: each view of a memmap would cost some microseconds more.
    array: Array = np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
    if zlib.crc32(_bytes_of(array)) != checksum:
        raise ValueError("the bytes are not those that were written")
    return array


def _check(path: Path, size: int | None) -> None:
    """Check that a file is regular and of a size."""
    stat = path.lstat()
    if not S_ISREG(stat.st_mode) or size not in (None, stat.st_size):
        raise ValueError("a link, a device, or a file that was cut")


def _header(dtype: np.dtype[Any], shape: tuple[int, ...]) -> bytes:
    """Return the bytes before the values in a .npy file."""
    header = BytesIO()
    described = np.lib.format.dtype_to_descr(dtype)
    np.lib.format.write_array_header_1_0(
        header, {"descr": described, "fortran_order": False, "shape": shape}
    )
    return header.getvalue()


def _bytes_of(array: Array) -> memoryview:
    return memoryview(array.reshape(-1).view(np.uint8))  # type: ignore[arg-type]


def _write(path: Path, array: Array, progress: Progress | None) -> int:
    """Write a .npy file and return the checksum of its values."""
    values = _bytes_of(np.ascontiguousarray(array))
    with cache_folder.created(path) as file:
        file.write(_header(array.dtype, array.shape))
        for start in range(0, len(values), CHUNK):
            file.write(values[start : start + CHUNK])
            if progress is not None:
                done = min(1.0, (start + CHUNK) / len(values))
                progress(done, "keeping the images for the next start")
    return zlib.crc32(values)

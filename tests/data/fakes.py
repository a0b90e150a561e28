"""Small copies of CIFAR-10 in the published layouts, with a few images in each file."""

import gzip
import io
import pickle
import struct
import tarfile
import types
from pathlib import Path
from typing import Any

import numpy as np

from core.data.layout import PIXELS, Layout, binary_layout, python_layout

IMAGES = 4
BINARY = binary_layout(IMAGES)
PYTHON = python_layout(IMAGES)
LAYOUTS = (BINARY, PYTHON)


def contents(seed: int = 0) -> list[tuple[np.ndarray, np.ndarray]]:
    """Labels and planes of each of the six files."""
    rng = np.random.default_rng(seed)
    return [
        (
            rng.integers(0, 10, IMAGES, np.uint8),
            rng.integers(0, 256, (IMAGES, PIXELS), np.uint8),
        )
        for _ in range(6)
    ]


class Python2Pickler(pickle._Pickler):
    """Writes byte strings and NumPy's names as Python 2 did in the official files."""

    dispatch = dict(pickle._Pickler.dispatch)

    def save_bytes(self, value: bytes) -> None:
        self.write(pickle.BINSTRING + struct.pack("<i", len(value)) + value)
        self.memoize(value)

    def save_global(self, value: Any, name: str | None = None) -> None:
        if getattr(value, "__name__", "") == "_reconstruct":
            self.write(pickle.GLOBAL + b"numpy.core.multiarray\n_reconstruct\n")
            self.memoize(value)
        else:
            super().save_global(value, name)

    dispatch[bytes] = save_bytes
    dispatch[types.FunctionType] = dispatch[types.BuiltinFunctionType] = save_global


def batch(labels: np.ndarray, planes: np.ndarray) -> dict[bytes, Any]:
    return {
        b"batch_label": b"training batch",
        b"labels": labels.tolist(),
        b"data": planes,
        b"filenames": [b"name.png"] * len(labels),
    }


def python2_pickle(value: Any) -> bytes:
    file = io.BytesIO()
    Python2Pickler(file, protocol=2).dump(value)
    return file.getvalue()


def file_bytes(layout: Layout, labels: np.ndarray, planes: np.ndarray) -> bytes:
    if layout.kind == "binary":
        return np.concatenate([labels[:, None], planes], axis=1).tobytes()
    return python2_pickle(batch(labels, planes))


def files(layout: Layout, seed: int = 0) -> dict[str, bytes]:
    pairs = zip(layout.files, contents(seed), strict=True)
    return {name: file_bytes(layout, *content) for name, content in pairs}


def write_folder(parent: Path, layout: Layout, seed: int = 0) -> Path:
    folder = parent / layout.folder
    folder.mkdir(parents=True)
    for name, data in files(layout, seed).items():
        (folder / name).write_bytes(data)
    return folder


def member(name: str, data: bytes, **fields: Any) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for field, value in fields.items():
        setattr(info, field, value)
    return info, data


def data_members(layout: Layout, seed: int = 0) -> list[tuple[tarfile.TarInfo, bytes]]:
    return [member(f"{layout.folder}/{name}", data) for name, data in files(layout, seed).items()]


def tar_bytes(members: list[tuple[tarfile.TarInfo, bytes]]) -> bytes:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        for info, data in members:
            tar.addfile(info, io.BytesIO(data))
    return gzip.compress(plain.getvalue(), 1, mtime=0)


def archive_bytes(layout: Layout, seed: int = 0) -> bytes:
    return tar_bytes(data_members(layout, seed))

"""The memory that decoding a picture takes, and how to reduce it.

Measured with Pillow 13, as the growth of the process divided by the pixels of the picture.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from core.predictions.jpeg import bytes_in_scans

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

REDUCED = ("JPEG", "JPEG2000")
"""Formats that can be decoded at a reduced size."""

DECODERS = {"WEBP": 12, "AVIF": 6, "JPEG2000": 15, "QOI": 3}
"""Bytes per pixel that the decoder of a format takes in addition to the picture."""

WHOLE = ("WEBP", "AVIF", "JPEG2000", "TIFF")
"""Formats whose whole file is read into memory."""

ORIENTATION = 274

BYTES = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2}
"""Bytes per pixel of Pillow's modes; all others take 4."""


@dataclass(frozen=True)
class Need:
    """The memory that decoding takes, in bytes."""

    total: int
    scans: int
    """The part of `total` for the scans of a JPEG; see `core.predictions.jpeg`."""


def reduce(picture: "ImageFile", file: BinaryIO, kind: str, enough: int) -> Need:
    """Select the smallest sufficient size for decoding, and return the memory that it takes.

    Args:
        picture: the picture, opened but not decoded.
        file: the file of the picture.
        kind: the format of the picture.
        enough: minimum pixels of the shorter side.
    """
    changed: Any = picture
    scans, beside = 0, float(DECODERS.get(kind, 0))
    if kind == "JPEG":
        place = file.tell()
        scans = bytes_in_scans(file)
        file.seek(place)
        picture.draft(None, (enough, enough))
    width, height = picture.size
    each = float(BYTES.get(picture.mode, 4))
    if kind == "JPEG2000":
        power = min(_levels(file), max(0, (min(width, height) // enough).bit_length() - 1))
        changed.reduce = power
        # One byte per pixel remains, for data of the omitted resolutions.
        each, beside = each / 4**power, beside / 4**power + 1
    if kind == "TIFF" and changed.tag_v2.get(ORIENTATION, 1) != 1:
        beside += each  # Pillow rotates it after decoding, into a copy
    file_bytes = _length(file) if kind in WHOLE else 0
    return Need(int(width * height * (each + beside)) + file_bytes + scans, scans)


def _levels(file: BinaryIO) -> int:
    """Return the number of times that the size of a JPEG 2000 can be halved."""
    place = file.tell()
    file.seek(0)
    head = file.read(65_536)
    file.seek(place)
    code = head.find(b"\xff\x52", max(0, head.find(b"\xff\x4f\xff\x51")))
    return min(head[code + 9], 32) if 0 <= code < len(head) - 9 else 0


def _length(file: BinaryIO) -> int:
    place = file.tell()
    length = file.seek(0, 2)
    file.seek(place)
    return length

"""The memory needed to decode a JPEG, computed from its headers.

A picture in a single scan is decoded strip by strip, and decoding it at a reduced size takes hardly
any memory. If it has several scans, as in progressive files, the decoder stores the coefficients of
the whole picture until the last scan, whatever the requested size.
"""

import struct
from typing import BinaryIO

FRAMES = (*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0))
"""Markers of frame headers, which contain the size and the components of a picture."""

PROGRESSIVE = (0xC2, 0xC6, 0xCA, 0xCE)

SCAN, START, END = 0xDA, 0xD8, 0xD9

COEFFICIENT = 2
"""Bytes of a coefficient."""


def bytes_in_scans(file: BinaryIO) -> int:
    """Return the bytes that the stored coefficients take; 0 if none are stored.

    Args:
        file: the file, at any position; it is rewound. The result is 0 if it is not a JPEG.
    """
    file.seek(2)
    stored, components = 0, 0
    try:
        while True:
            marker, segment = _segment(file)
            if marker in FRAMES:
                height, width, components = struct.unpack(">xHHB", segment[:6])
                sides = [segment[7 + 3 * number] for number in range(components)]
                across, down = max(side >> 4 for side in sides), max(side & 15 for side in sides)
                share = sum((side >> 4) * (side & 15) for side in sides) / (across * down)
                stored = int(
                    COEFFICIENT * share * _round_up(width, 8 * across) * _round_up(height, 8 * down)
                )
                if marker in PROGRESSIVE:
                    return stored
            elif marker == SCAN:
                return stored if segment[0] < components else 0
    except (EOFError, IndexError, ValueError, ZeroDivisionError, struct.error):
        return 0  # the decoder will report the error
    finally:
        file.seek(0)


def _segment(file: BinaryIO) -> tuple[int, bytes]:
    """Return the next marker and its segment."""
    while True:
        byte = file.read(1)
        if not byte:
            raise EOFError
        if byte == b"\xff":
            break
    while byte == b"\xff":
        byte = file.read(1)
    if not byte or byte[0] in (0, START, END):
        raise ValueError("no segment")
    (length,) = struct.unpack(">H", file.read(2))
    return byte[0], file.read(length - 2)


def _round_up(side: int, block: int) -> int:
    return -(-side // block) * block

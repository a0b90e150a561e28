"""What it takes to decode a JPEG, told by its headers.

Where all of a picture comes in one scan it is decoded strip by strip, and at a reduced size nearly
for nothing. Where it comes in several, as in progressive files, the decoder has to keep the
coefficients of the whole picture until the last one, whatever the size that is asked for.
"""

import struct
from typing import BinaryIO

FRAMES = (*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0))
"""Markers with which the description of a picture begins."""

PROGRESSIVE = (0xC2, 0xC6, 0xCA, 0xCE)

SCAN, START, END = 0xDA, 0xD8, 0xD9

COEFFICIENT = 2
"""Bytes."""


def bytes_in_scans(file: BinaryIO) -> int:
    """Return how many bytes the coefficients take that are kept; 0 where none are.

    Args:
        file: at any place; it is left at its beginning. Anything but a JPEG gives 0.
    """
    file.seek(2)
    kept, components = 0, 0
    try:
        while True:
            marker, segment = _segment(file)
            if marker in FRAMES:
                height, width, components = struct.unpack(">xHHB", segment[:6])
                sides = [segment[7 + 3 * number] for number in range(components)]
                across, down = max(side >> 4 for side in sides), max(side & 15 for side in sides)
                share = sum((side >> 4) * (side & 15) for side in sides) / (across * down)
                kept = int(
                    COEFFICIENT * share * _whole(width, 8 * across) * _whole(height, 8 * down)
                )
                if marker in PROGRESSIVE:
                    return kept
            elif marker == SCAN:
                return kept if segment[0] < components else 0
    except (EOFError, IndexError, ValueError, ZeroDivisionError, struct.error):
        return 0  # whoever decodes it will say what is wrong
    finally:
        file.seek(0)


def _segment(file: BinaryIO) -> tuple[int, bytes]:
    """Return the next marker, and what follows it."""
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


def _whole(side: int, block: int) -> int:
    return -(-side // block) * block

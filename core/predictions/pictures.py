"""Any picture file, made into an image such as the network knows.

Pictures come from anywhere. Only formats that are widespread and that Pillow reads by itself are
tried, never those for which it starts another program; how much is read and unfolded is limited.
Large photographs are decoded at a reduced size where the format can be, and all are made smaller
strip by strip, so that no second copy of a large picture is made.
"""

import logging
import warnings
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from core.data.dataset import DataError, Images
from core.files import opened
from core.predictions import sizes

if TYPE_CHECKING:
    from PIL.Image import Image as Picture
    from PIL.Image import Transpose
    from PIL.ImageFile import ImageFile

SIZE = 32
"""Pixels down and across of an image."""

MAX_BYTES = 256_000_000
"""Of a file."""

MAX_PIXELS = 50_000_000
"""Of a picture that is decoded whole: a few kilobytes can unfold to any number of pixels."""

MAX_REDUCED = 400_000_000
"""Of a picture that is decoded at a reduced size: telephones make 200 million."""

MEMORY = 260_000_000
"""Bytes that decoding a picture may take: 16 million pixels of WebP, all others of `MAX_PIXELS`."""

FORMATS = ("PNG", "JPEG", "WEBP", "AVIF", "GIF", "BMP", "TIFF", "JPEG2000", "PPM", "QOI")

ENOUGH = 8 * SIZE
"""Pixels that are left to resize from, where a file can be read at a lower resolution."""

ORIENTATION = 0x0112
"""EXIF tag: how the camera was held."""

RANGES = (1.0, 255.0, 1023.0, 4095.0, 16_383.0, 65_535.0)
"""What numbers of more than 8 bits go up to: fractions, or as many bits as cameras have."""

STRIP = 1_000_000
"""Pixels that are made smaller at a time."""

_NOBODY = logging.NullHandler()


def read(path: Path) -> Images:
    """Return a picture as an image uint8 (32, 32, 3): its middle square, resized.

    It is turned as its camera was held, and put on white where it is transparent. Of several
    pictures in a file the first counts. Grey values of more than 8 bits, whole or not, go from 0
    for black to the least of `RANGES` that none of the picture exceeds, for white; where there are
    values below 0 or above 65,535, from the least of the picture to the greatest.

    Raises:
        DataError: if it cannot be read, is no picture, is broken or too large.
    """
    # What Pillow has to say about odd files would end up on the screen, in two ways.
    logging.getLogger("PIL").addHandler(_NOBODY)
    with _opened(path) as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _image(file, path)


def _opened(path: Path) -> BinaryIO:
    try:
        # A pipe or a device may have no end, or no beginning.
        about = path.stat()
        if not S_ISREG(about.st_mode):
            raise DataError(f"{path} is no file")
        if about.st_size > MAX_BYTES:
            raise DataError(f"{path} has more than {MAX_BYTES // 10**6} MB, too much for a picture")
        return opened(path)
    except FileNotFoundError:
        raise DataError(f"there is no file {path}") from None
    except ValueError:  # a zero byte in the name
        raise DataError(f"there is no file {path}") from None
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror or error}") from None


def _image(file: BinaryIO, path: Path) -> Images:
    from PIL import Image, UnidentifiedImageError

    Image.init()
    # Ours is the limit: what is decoded at a reduced size may have more pixels than Pillow's.
    Image.MAX_IMAGE_PIXELS = None
    formats = [name for name in FORMATS if name in Image.OPEN]
    kind = ""
    try:
        with Image.open(file, formats=formats) as picture:
            kind = "JPEG" if picture.format == "MPO" else picture.format or ""
            _refuse_large(picture, file, kind, path)
            return _small(picture)
    except DataError:
        raise
    except UnidentifiedImageError:
        names = ", ".join(formats[:-1])
        raise DataError(f"{path} is no picture in {names} or {formats[-1]}") from None
    except MemoryError:
        raise DataError(f"there is not enough memory to read {path}") from None
    except Exception:
        # Ten decoders, each with errors of its own, on bytes from anywhere.
        what = f"{kind} picture" if kind else "picture"
        raise DataError(f"{path} is a broken {what}, or of a kind that cannot be read") from None


def _refuse_large(picture: "ImageFile", file: BinaryIO, kind: str, path: Path) -> None:
    """Reduce the size at which a picture will be decoded, and refuse what would still be too large.

    Raises:
        DataError: with what is too large, and what to do.
    """
    width, height = picture.size
    most = MAX_REDUCED if kind in sizes.REDUCED else MAX_PIXELS
    size = f"{path} has {width:,} x {height:,} pixels"
    if width * height > most:
        raise DataError(f"{size}; {most // 10**6} million are the most for a picture")
    need = sizes.reduce(picture, file, kind, ENOUGH)
    if need.total > MEMORY:
        if need.scans:
            raise DataError(f"{size} in a progressive JPEG; save it as a plain one, or smaller")
        raise DataError(f"{size}, too many in {kind}; save it as JPEG, or smaller")


def _small(picture: "Picture") -> Images:
    """Return the middle square of a picture, resized."""
    from PIL import Image

    picture.load()
    # Read before anything is converted, which would lose it; some formats turn when they load.
    turn = _orientation(picture)
    width, height = picture.size
    side = min(width, height)
    factor = max(1, side // (4 * SIZE))
    reduced, low, high = _reduced(picture, factor)
    left, top = (width - side) / 2, (height - side) / 2
    # A box of fractions is exactly in the middle, so that it can be turned when it is small. The
    # colours of transparent pixels have no say: they are weighed by how much they cover.
    box = (left / factor, top / factor, (left + side) / factor, (top + side) / factor)
    small = reduced.resize((SIZE, SIZE), Image.Resampling.LANCZOS, box=box)
    if small.mode == "F":
        small = _grey(small, low, high)
    elif small.mode == "RGBa":
        ground = Image.new("RGBA", small.size, "white")
        small = Image.alpha_composite(ground, small.convert("RGBA")).convert("RGB")
    if turn is not None:
        small = small.transpose(turn)
    return np.array(small, np.uint8)


def _reduced(picture: "Picture", factor: int) -> tuple["Picture", float, float]:
    """Return a picture made smaller by a whole factor, and its least and greatest value.

    It is RGB, RGBa where it is transparent, or F for more than 8 bits; only those have the values.
    """
    from PIL import Image

    numbers = picture.mode[0] in "IF"
    mode = "F" if numbers else "RGBa" if picture.has_transparency_data else "RGB"
    width, height = picture.size
    made = Image.new(mode, (-(-width // factor), -(-height // factor)))
    rows = factor * max(1, STRIP // width // factor)
    low, high, known = np.inf, -np.inf, not numbers
    for top in range(0, height, rows):
        strip = picture.crop((0, top, width, min(height, top + rows)))
        if numbers:
            values = np.asarray(strip.convert("F"))
            known = known or bool(np.isfinite(values).any())
            values = np.nan_to_num(values, posinf=0.0, neginf=0.0)
            low, high = min(low, float(values.min())), max(high, float(values.max()))
            strip = Image.fromarray(values)
        elif mode == "RGBa":
            strip = strip.convert("RGBA").convert("RGBa")
        elif strip.mode != mode:
            strip = strip.convert(mode)
        made.paste(strip.reduce(factor) if factor > 1 else strip, (0, top // factor))
    if not known:
        raise ValueError("a picture of which no pixel is a number")
    return made, low, high


def _grey(picture: "Picture", low: float, high: float) -> "Picture":
    """Return a picture of numbers, the least and greatest of which are known, as RGB."""
    from PIL import Image

    most = next((most for most in RANGES if low >= 0 and high <= most), None)
    if most is not None:
        low, high = 0.0, most
    scaled = (np.asarray(picture, np.float64) - low) * (255 / ((high - low) or 1.0))
    return Image.fromarray(np.clip(np.rint(scaled), 0, 255).astype(np.uint8)).convert("RGB")


def _orientation(picture: "Picture") -> "Transpose | None":
    """Return how a picture is to be turned or mirrored; None where it is upright."""
    from PIL.Image import Transpose

    try:
        held = picture.getexif().get(ORIENTATION)
    except Exception:
        # What stands beside the pixels may be broken where they are not.
        return None
    return {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }.get(held if isinstance(held, int) else 1)

"""Conversion of a picture file to an image of the size that the network expects.

Picture files are untrusted. Only widespread formats that Pillow decodes itself are tried, never
those for which it starts another program, and the size of the file and of the decoded picture is
limited. Large photographs are decoded at a reduced size if the format supports it, and all pictures
are reduced strip by strip, so that a large picture is never copied.
"""

import logging
import warnings
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from core.data.dataset import DataError, Images, Shape
from core.files import opened
from core.predictions import sizes

if TYPE_CHECKING:
    from PIL.Image import Image as Picture
    from PIL.Image import Transpose
    from PIL.ImageFile import ImageFile

MAX_BYTES = 256_000_000
"""Maximum size of a file in bytes."""

MAX_PIXELS = 50_000_000
"""Maximum pixels of a picture decoded in full: a few kilobytes can expand to any number."""

MAX_REDUCED = 400_000_000
"""Maximum pixels of a picture decoded at a reduced size: telephones make 200 million."""

MEMORY = 260_000_000
"""Maximum bytes for decoding: enough for 16 million pixels of WebP, or `MAX_PIXELS` of others."""

FORMATS = ("PNG", "JPEG", "WEBP", "AVIF", "GIF", "BMP", "TIFF", "JPEG2000", "PPM", "QOI")

ENOUGH = 8
"""Minimum pixels for each of the image when a file is decoded at a lower resolution."""

REDUCED = 4
"""Minimum pixels for each of the image when a picture is first reduced by a whole number."""

ORIENTATION = 0x0112
"""EXIF tag of the orientation of the camera."""

RANGES = (1.0, 255.0, 1023.0, 4095.0, 16_383.0, 65_535.0)
"""Possible white values of pixels with more than 8 bits: fractions, or common bit depths."""

STRIP = 1_000_000
"""Number of pixels that are reduced at a time."""

_NULL_HANDLER = logging.NullHandler()


def read(path: Path, shape: Shape) -> Images:
    """Return the centre of a picture, resized to an image uint8 (H, W, C).

    The EXIF orientation is applied, and transparent pixels are blended with white. Of several
    pictures in a file the first is used. Grey values of more than 8 bits, integers or floats, are
    scaled so that 0 is black, and white is the smallest of `RANGES` that is not below any value of
    the picture. If some values are below 0 or above 65,535, black is the minimum of the picture and
    white the maximum.

    Args:
        path: the file.
        shape: height and width of the image, and its channels: 3 for colours, 1 for grey.

    Raises:
        DataError: if it cannot be read, or is not a picture, or is broken or too large; or if
            images of this shape are no pictures.
    """
    if shape[-1] not in (1, 3):
        raise DataError(f"a picture has colours or grey values, not {shape[-1]} channels")
    # Pillow would print logs and warnings about unusual files to the screen.
    logging.getLogger("PIL").addHandler(_NULL_HANDLER)
    with _opened(path) as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _image(file, path, shape)


def _opened(path: Path) -> BinaryIO:
    try:
        # A pipe or a device may block or be endless.
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


def _image(file: BinaryIO, path: Path, shape: Shape) -> Images:
    from PIL import Image, UnidentifiedImageError

    Image.init()
    # The limits above apply instead: a picture decoded at a reduced size may exceed Pillow's.
    Image.MAX_IMAGE_PIXELS = None
    formats = [name for name in FORMATS if name in Image.OPEN]
    kind = ""
    try:
        with Image.open(file, formats=formats) as picture:
            kind = "JPEG" if picture.format == "MPO" else picture.format or ""
            _refuse_large(picture, file, kind, path, ENOUGH * max(shape[:2]))
            return _small(picture, shape)
    except DataError:
        raise
    except UnidentifiedImageError:
        names = ", ".join(formats[:-1])
        raise DataError(f"{path} is no picture in {names} or {formats[-1]}") from None
    except MemoryError:
        raise DataError(f"there is not enough memory to read {path}") from None
    except Exception:
        # Ten decoders can raise any kind of error on untrusted bytes.
        what = f"{kind} picture" if kind else "picture"
        raise DataError(f"{path} is a broken {what}, or of a kind that cannot be read") from None


def _refuse_large(picture: "ImageFile", file: BinaryIO, kind: str, path: Path, enough: int) -> None:
    """Select the size at which a picture is decoded, and refuse one that is still too large.

    Args:
        picture: the picture, not decoded yet.
        file: its file.
        kind: its format.
        path: the path of the file.
        enough: minimum pixels of the shorter side.

    Raises:
        DataError: if it is too large; the message suggests what to do.
    """
    width, height = picture.size
    limit = MAX_REDUCED if kind in sizes.REDUCED else MAX_PIXELS
    size = f"{path} has {width:,} x {height:,} pixels"
    if width * height > limit:
        raise DataError(f"{size}; {limit // 10**6} million are the most for a picture")
    need = sizes.reduce(picture, file, kind, enough)
    if need.total > MEMORY:
        if need.scans:
            raise DataError(f"{size} in a progressive JPEG; save it as a plain one, or smaller")
        raise DataError(f"{size}, too many in {kind}; save it as JPEG, or smaller")


def _small(picture: "Picture", shape: Shape) -> Images:
    """Return the centre of a picture, resized to `shape`."""
    from PIL import Image

    picture.load()
    # Read before a conversion, which would lose it, but after loading, which turns some formats.
    turn = _orientation(picture)
    width, height = picture.size
    down, across = reversed(shape[:2]) if _swaps_sides(turn) else shape[:2]
    scale = min(width / across, height / down)
    factor = max(1, int(scale / REDUCED))
    reduced, low, high = _reduced(picture, factor)
    wide, tall = scale * across, scale * down
    left, top = (width - wide) / 2, (height - tall) / 2
    # A box with fractional coordinates is exactly central, so that the result can be turned after
    # resizing. Colours are weighted by alpha, so those of transparent pixels have no influence.
    box = (left / factor, top / factor, (left + wide) / factor, (top + tall) / factor)
    small = reduced.resize((across, down), Image.Resampling.LANCZOS, box=box)
    if small.mode == "F":
        small = _grey(small, low, high)
    elif small.mode == "RGBa":
        ground = Image.new("RGBA", small.size, "white")
        small = Image.alpha_composite(ground, small.convert("RGBA")).convert("RGB")
    if turn is not None:
        small = small.transpose(turn)
    return np.array(small.convert("L") if shape[-1] == 1 else small, np.uint8).reshape(shape)


def _reduced(picture: "Picture", factor: int) -> tuple["Picture", float, float]:
    """Return a picture reduced by an integer factor, and the minimum and maximum of its values.

    Its mode is RGB, RGBa if it is transparent, or F for more than 8 bits. The minimum and maximum
    are meaningful only for mode F.
    """
    from PIL import Image

    numbers = picture.mode[0] in "IF"
    mode = "F" if numbers else "RGBa" if picture.has_transparency_data else "RGB"
    width, height = picture.size
    reduced = Image.new(mode, (-(-width // factor), -(-height // factor)))
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
        reduced.paste(strip.reduce(factor) if factor > 1 else strip, (0, top // factor))
    if not known:
        raise ValueError("a picture of which no pixel is a number")
    return reduced, low, high


def _grey(picture: "Picture", low: float, high: float) -> "Picture":
    """Return a picture of mode F as RGB, given the minimum and maximum of its values."""
    from PIL import Image

    limit = next((limit for limit in RANGES if low >= 0 and high <= limit), None)
    if limit is not None:
        low, high = 0.0, limit
    scaled = (np.asarray(picture, np.float64) - low) * (255 / ((high - low) or 1.0))
    return Image.fromarray(np.clip(np.rint(scaled), 0, 255).astype(np.uint8)).convert("RGB")


def _orientation(picture: "Picture") -> "Transpose | None":
    """Return how a picture must be rotated or mirrored; None if it is upright."""
    from PIL.Image import Transpose

    try:
        held = picture.getexif().get(ORIENTATION)
    except Exception:
        # The metadata may be broken even though the pixels are not.
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


def _swaps_sides(turn: "Transpose | None") -> bool:
    """Return whether height and width change places when a picture is turned."""
    from PIL.Image import Transpose as To

    return turn in (To.TRANSPOSE, To.TRANSVERSE, To.ROTATE_90, To.ROTATE_270)

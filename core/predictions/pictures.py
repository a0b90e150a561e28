"""Any picture file, made into an image such as the network knows.

Pictures come from anywhere. Only formats that are widespread and that Pillow reads by itself are
tried, never those for which it starts another program; how much is read and unfolded is limited.
"""

import io
import logging
import warnings
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING

import numpy as np

from core.data.dataset import DataError, Images

if TYPE_CHECKING:
    from PIL.Image import Image as Picture
    from PIL.Image import Transpose

SIZE = 32
"""Pixels down and across of an image."""

MAX_BYTES = 64_000_000
"""Of a file."""

MAX_PIXELS = 50_000_000
"""Of a picture: a file of a few kilobytes can unfold to any number of them."""

FORMATS = ("PNG", "JPEG", "WEBP", "AVIF", "GIF", "BMP", "TIFF", "JPEG2000", "PPM", "QOI")

ENOUGH = 8 * SIZE
"""Pixels that are left to resize from, where a file can be read at a lower resolution."""

ORIENTATION = 0x0112
"""EXIF tag: how the camera was held."""

_NOBODY = logging.NullHandler()


def read(path: Path) -> Images:
    """Return a picture as an image uint8 (32, 32, 3): its middle square, resized.

    It is turned as its camera was held, and put on white where it is transparent.

    Raises:
        DataError: if it cannot be read, is no picture, is broken or too large.
    """
    content = _content(path)
    # What Pillow has to say about odd files would end up on the screen, in two ways.
    logging.getLogger("PIL").addHandler(_NOBODY)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _image(content, path)


def _content(path: Path) -> bytes:
    try:
        # A pipe or a device may have no end, or no beginning.
        if not S_ISREG(path.stat().st_mode):
            raise DataError(f"{path} is no file")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise DataError(f"there is no file {path}") from None
    except ValueError:  # a zero byte in the name
        raise DataError(f"there is no file {str(path)!r}") from None
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror or error}") from None
    if len(content) > MAX_BYTES:
        raise DataError(f"{path} has more than {MAX_BYTES // 10**6} MB, too much for a picture")
    return content


def _image(content: bytes, path: Path) -> Images:
    from PIL import Image, UnidentifiedImageError

    Image.init()
    formats = [name for name in FORMATS if name in Image.OPEN]
    kind = ""
    try:
        with Image.open(io.BytesIO(content), formats=formats) as picture:
            kind = picture.format or ""
            width, height = picture.size
            if width * height > MAX_PIXELS:
                raise DataError(_too_large(path, f"{width:,} x {height:,} pixels"))
            return _small(picture)
    except DataError:
        raise
    except UnidentifiedImageError:
        names = ", ".join(formats[:-1])
        raise DataError(f"{path} is no picture in {names} or {formats[-1]}") from None
    except Image.DecompressionBombError:
        raise DataError(_too_large(path, "far more pixels")) from None
    except MemoryError:
        raise DataError(f"there is not enough memory to read {path}") from None
    except Exception:
        # Ten decoders, each with errors of its own, on bytes from anywhere.
        what = f"{kind} picture" if kind else "picture"
        raise DataError(f"{path} is a broken {what}, or of a kind that cannot be read") from None


def _too_large(path: Path, size: str) -> str:
    return f"{path} has {size}; {MAX_PIXELS // 10**6} million are the most for a picture"


def _small(picture: "Picture") -> Images:
    """Return the middle square of a picture, resized."""
    from PIL import Image

    picture.draft(None, (ENOUGH, ENOUGH))
    picture.load()
    # Read before anything is converted, which would lose it; some formats turn when they load.
    turn = _orientation(picture)
    plain = _plain(picture)
    width, height = plain.size
    side = min(width, height)
    left, top = (width - side) / 2, (height - side) / 2
    # A box of fractions is exactly in the middle, so that it can be turned when it is small. The
    # colours of transparent pixels have no say: Pillow weighs them by how much they cover.
    small = plain.resize(
        (SIZE, SIZE),
        Image.Resampling.LANCZOS,
        box=(left, top, left + side, top + side),
        reducing_gap=4.0,
    )
    if small.mode == "F":
        small = _grey(small, stretched=picture.mode == "F")
    elif small.mode == "RGBA":
        ground = Image.new("RGBA", small.size, "white")
        small = Image.alpha_composite(ground, small).convert("RGB")
    if turn is not None:
        small = small.transpose(turn)
    return np.array(small, np.uint8)


def _plain(picture: "Picture") -> "Picture":
    """Return a picture in a mode that can be resized: RGB, RGBA, or F for more than 8 bits."""
    if picture.mode[0] in "IF":
        return picture.convert("F")
    wanted = "RGBA" if picture.has_transparency_data else "RGB"
    # Pillow would copy what is in the right mode already: a few hundred megabytes at the most.
    return picture if picture.mode == wanted else picture.convert(wanted)


def _grey(picture: "Picture", *, stretched: bool) -> "Picture":
    """Return a picture of 16 bits as RGB; `stretched`, one of any numbers, darkest to brightest."""
    from PIL import Image

    values = np.nan_to_num(np.asarray(picture, np.float64), posinf=0.0, neginf=0.0)
    low, high = (float(values.min()), float(values.max())) if stretched else (0.0, 65_535.0)
    scaled = (values - low) * (255 / ((high - low) or 1.0))
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

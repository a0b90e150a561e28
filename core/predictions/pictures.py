"""Any picture, made into an image such as the network knows."""

import warnings
from pathlib import Path

import numpy as np

from core.data.dataset import DataError, Images

SIZE = 32
MAX_BYTES = 100_000_000
MAX_PIXELS = 50_000_000
"""Of a picture: a small file can unfold to any number of them."""


def read(path: Path) -> Images:
    """Return a picture as (32, 32, 3), uint8: its middle square, made small.

    It is turned as its camera says, and what shines through is put on white.

    Raises:
        DataError: if it cannot be read, is no picture, or is too large, in one sentence.
    """
    from PIL import Image, ImageOps

    try:
        if path.stat().st_size > MAX_BYTES:
            raise DataError(f"{path} is too large for a picture: over {MAX_BYTES // 10**6} MB")
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a bomb is only warned of
            with Image.open(path) as picture:
                width, height = picture.size
                if width * height > MAX_PIXELS:
                    raise DataError(
                        f"{path} has {width:,} x {height:,} pixels, more than "
                        f"{MAX_PIXELS // 10**6} million"
                    )
                picture.draft("RGB", (8 * SIZE, 8 * SIZE))
                turned = ImageOps.exif_transpose(picture).convert("RGBA")
            ground = Image.new("RGBA", turned.size, "white")
            ground.alpha_composite(turned)
            small = ImageOps.fit(ground.convert("RGB"), (SIZE, SIZE), Image.Resampling.LANCZOS)
    except DataError:
        raise
    except FileNotFoundError:
        raise DataError(f"there is no file {path}") from None
    except OSError as error:
        what = "it is no picture" if error.errno is None else error.strerror
        raise DataError(f"cannot read {path}: {what}") from None
    except Exception as error:
        # Readers of many formats, each with errors of its own, on a file from anywhere.
        words = str(error).splitlines()[0][:100] if str(error) else type(error).__name__
        raise DataError(f"cannot read {path}: it is no sound picture ({words})") from None
    return np.asarray(small, np.uint8).copy()

"""Any picture becomes an image, and anything else a sentence."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from core.data.dataset import DataError
from core.predictions import pictures


def saved(path: Path, picture: Image.Image, **how: object) -> Path:
    picture.save(path, **how)
    return path


def colour(path: Path) -> list[int]:
    image = pictures.read(path)
    assert image.shape == (32, 32, 3)
    assert image.dtype == np.uint8
    return [int(value) for value in image.reshape(-1, 3).mean(axis=0).round()]


@pytest.mark.parametrize("ending", ["png", "bmp", "gif", "tiff", "webp", "ppm"])
@pytest.mark.parametrize("size", [(32, 32), (5, 3), (640, 31), (1, 1)])
def test_kinds_and_sizes(tmp_path: Path, ending: str, size: tuple[int, int]) -> None:
    path = saved(tmp_path / f"a.{ending}", Image.new("RGB", size, (200, 100, 50)))
    assert np.abs(np.array(colour(path)) - (200, 100, 50)).max() <= 3


@pytest.mark.parametrize(
    ("mode", "value", "expected"),
    [
        ("L", 90, [90, 90, 90]),
        ("1", 1, [255, 255, 255]),
        ("RGBA", (0, 0, 0, 0), [255, 255, 255]),
        ("RGBA", (255, 0, 0, 255), [255, 0, 0]),
        ("LA", (0, 0), [255, 255, 255]),
        ("P", 0, [0, 0, 0]),
    ],
)
def test_modes(tmp_path: Path, mode: str, value: object, expected: list[int]) -> None:
    assert colour(saved(tmp_path / "a.png", Image.new(mode, (40, 40), value))) == expected


def test_an_image_of_the_data_set_stays_what_it_is(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 3)).astype(np.uint8)
    assert np.array_equal(pictures.read(saved(tmp_path / "a.png", Image.fromarray(pixels))), pixels)


def test_the_middle_square_is_taken_and_the_camera_is_believed(tmp_path: Path) -> None:
    wide = Image.new("RGB", (96, 32), "red")
    wide.paste((0, 255, 0), (32, 0, 64, 32))
    assert colour(saved(tmp_path / "wide.png", wide)) == [0, 255, 0]
    halves = Image.new("RGB", (64, 64), "black")
    halves.paste((255, 255, 255), (0, 0, 64, 32))
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    turned = pictures.read(saved(tmp_path / "turned.jpg", halves, exif=exif, quality=95))
    assert turned[2].mean() < 40 < 200 < turned[-3].mean()


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it has so many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 100)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(100_000, 100_000), (9_000, 9_000), (2**31 - 1, 2**31 - 1)])
def test_bombs_are_refused(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(bomb(*size))
    with pytest.raises(DataError) as caught:
        pictures.read(path)
    assert "\n" not in str(caught.value)


def test_what_is_no_picture_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no file"):
        pictures.read(tmp_path / "nothing")
    with pytest.raises(DataError, match="cannot read"):
        pictures.read(tmp_path)
    text = tmp_path / "a.png"
    text.write_text("words")
    with pytest.raises(DataError, match="it is no picture"):
        pictures.read(text)


VALID = io.BytesIO()
Image.new("RGB", (20, 20), "red").save(VALID, "png")


@given(
    content=st.one_of(
        st.binary(max_size=200),
        st.builds(
            lambda at, with_: VALID.getvalue()[:at] + with_ + VALID.getvalue()[at + len(with_) :],
            st.integers(0, 80),
            st.binary(min_size=1, max_size=20),
        ),
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
def test_any_bytes_are_a_picture_or_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    try:
        image = pictures.read(path)
    except DataError as error:
        assert "\n" not in str(error)  # noqa: PT017
    else:
        assert image.shape == (32, 32, 3)

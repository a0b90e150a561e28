"""Any picture file becomes an image, or is refused with a one-sentence error."""

import io
import os
import struct
import subprocess
import sys
import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps, features

from core.data.dataset import DataError, Images, Shape
from core.predictions import pictures
from core.predictions.jpeg import bytes_in_scans

ANY_NUMBER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)

LOSSLESS = ["PNG", "BMP", "TIFF", "PPM", "GIF"]
KINDS = [*LOSSLESS, "JPEG", "WEBP", "QOI"] + (["JPEG2000"] if features.check("jpg_2000") else [])


def smooth(width: int, height: int) -> Any:
    """A picture with four different corners, which survives lossy compression."""
    y, x = np.mgrid[:height, :width]
    red, green = 255 * x / max(1, width - 1), 255 * y / max(1, height - 1)
    return np.stack([red, green, (red + green) / 2], axis=-1).astype(np.uint8)


def saved(folder: Path, picture: Image.Image, kind: str = "PNG", **options: Any) -> Path:
    path = folder / f"a.{kind.lower()}"
    picture.save(path, kind, **options)
    return path


def read(path: Path, shape: Shape = (32, 32, 3)) -> Images:
    return pictures.read(path, shape)


def encoded(kind: str) -> bytes:
    file = io.BytesIO()
    Image.fromarray(smooth(40, 36)).save(file, kind)
    return file.getvalue()


CONTENTS = {kind: encoded(kind) for kind in KINDS if kind != "QOI"}


def refused(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        read(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
    return str(caught.value)


def close(found: Any, expected: Any, most: int) -> bool:
    assert found.shape == (32, 32, 3)
    assert found.dtype == np.uint8
    assert found.flags.c_contiguous
    assert found.flags.writeable
    return int(np.abs(found.astype(int) - np.asarray(expected, int)).max()) <= most


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "PPM"])
def test_an_image_of_the_right_size_stays_as_it_is(tmp_path: Path, kind: str) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    assert np.array_equal(read(saved(tmp_path, Image.fromarray(pixels), kind)), pixels)


@pytest.mark.parametrize("size", [(32, 32), (64, 64), (100, 100), (641, 641), (20, 20), (1, 1)])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "QOI"])
def test_any_size_in_any_format(tmp_path: Path, kind: str, size: tuple[int, int]) -> None:
    found = read(saved(tmp_path, Image.fromarray(smooth(*size)), kind))
    expected = Image.fromarray(smooth(*size)).resize((32, 32), Image.Resampling.LANCZOS)
    assert close(found, expected, 26 if kind in ("GIF", "JPEG", "WEBP", "JPEG2000") else 6)


@pytest.mark.parametrize(("width", "height"), [(96, 32), (32, 96), (97, 32), (800, 300), (33, 32)])
def test_the_middle_square_is_taken(tmp_path: Path, width: int, height: int) -> None:
    found = read(saved(tmp_path, Image.fromarray(smooth(width, height))))
    side = min(width, height)
    left, top = (width - side) / 2, (height - side) / 2
    expected = Image.fromarray(smooth(width, height)).resize(
        (32, 32), Image.Resampling.LANCZOS, (left, top, left + side, top + side)
    )
    assert close(found, expected, 3)


@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "PNG", "WEBP"])
@pytest.mark.parametrize("held", range(1, 9))
def test_a_camera_may_be_held_in_any_way(tmp_path: Path, held: int, kind: str) -> None:
    picture = Image.fromarray(smooth(90, 60))
    tags = Image.Exif()
    tags[pictures.ORIENTATION] = held
    found = read(saved(tmp_path, picture, kind, exif=tags))
    tagged = picture.copy()
    tagged.getexif()[pictures.ORIENTATION] = held
    upright = ImageOps.exif_transpose(tagged)
    expected = ImageOps.fit(upright, (32, 32), Image.Resampling.LANCZOS)
    assert close(found, expected, 12)


@pytest.mark.parametrize("held", [0, 9, 65_535])
def test_an_orientation_that_is_none_is_upright(tmp_path: Path, held: int) -> None:
    tags = Image.Exif()
    tags[pictures.ORIENTATION] = held
    found = read(saved(tmp_path, Image.fromarray(smooth(40, 40)), exif=tags))
    assert close(found, read(saved(tmp_path, Image.fromarray(smooth(40, 40)))), 0)


def test_broken_tags_do_not_spoil_a_picture(tmp_path: Path) -> None:
    broken = b"Exif\0\0II*\0\xff\xff\xff\x7f" + b"\xff" * 30
    path = saved(tmp_path, Image.fromarray(smooth(40, 40)), "JPEG", exif=broken)
    found = read(path)
    plain = saved(tmp_path, Image.fromarray(smooth(40, 40)), "JPEG")
    assert close(found, read(plain), 0)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA", "P", "tRNS"])
def test_what_is_transparent_becomes_white(tmp_path: Path, mode: str) -> None:
    pixels = np.zeros((64, 64, 4), np.uint8)
    pixels[..., 0] = 200
    pixels[:, :32, 3] = 255
    path = tmp_path / "a.png"
    if mode == "tRNS":
        plain = np.zeros((64, 64), np.uint8)
        plain[:, 32:] = 7
        Image.fromarray(plain).save(path, transparency=7)
    elif mode in ("P", "PA"):
        plain = np.zeros((64, 64), np.uint8)
        plain[:, 32:] = 1
        picture = Image.fromarray(plain, "P")
        picture.putpalette([200, 0, 0, 9, 9, 9])
        picture.save(path, transparency=1)
    else:
        Image.fromarray(pixels).convert(mode).save(path)
    found = read(path)
    assert (found[:, 20:] == 255).all()
    left = found[:, :12].reshape(-1, 3)
    assert (left[:, 2] < 100).all()
    # The colour of transparent pixels does not bleed into the visible ones.
    assert (found[:, 17:] >= 240).all()


def test_half_transparent_is_half_white(tmp_path: Path) -> None:
    pixels = np.full((40, 40, 4), (200, 100, 0, 128), np.uint8)
    found = read(saved(tmp_path, Image.fromarray(pixels)))
    assert close(found, np.full((32, 32, 3), (227, 177, 127)), 1)


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "YCbCr", "I;16", "I", "F"])
def test_every_way_to_store_a_grey_ramp(tmp_path: Path, mode: str) -> None:
    ramp = np.tile(np.linspace(0, 255, 64), (64, 1))
    path = tmp_path / "a.tiff"
    if mode in ("I;16", "I"):
        wide = np.rint(ramp * 257)
        Image.fromarray(wide.astype(np.uint16 if mode == "I;16" else np.int32)).save(path)
    elif mode == "F":
        Image.fromarray((ramp / 255 * 3 - 1).astype(np.float32)).save(path)
    else:
        Image.fromarray(ramp.astype(np.uint8)).convert(mode).save(path)
    found = read(path)
    assert np.abs(found.astype(int) - found[..., :1]).max() <= 8
    if mode != "1":
        expected = np.repeat(ramp.reshape(64, 32, 2).mean(axis=2)[:32, :, None], 3, axis=2)
        assert close(found, expected, 12)


def test_numbers_that_are_none_in_a_picture(tmp_path: Path) -> None:
    values = np.full((40, 40), 3.0, np.float32)
    values[3], values[7], values[9] = np.nan, np.inf, -np.inf
    path = tmp_path / "a.tiff"
    Image.fromarray(values).save(path)
    assert read(path).shape == (32, 32, 3)


def test_an_animation_is_its_first_picture(tmp_path: Path) -> None:
    frames = [Image.fromarray(np.full((40, 40, 3), value, np.uint8)) for value in (200, 10)]
    path = saved(tmp_path, frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert close(read(path), np.full((32, 32, 3), 200), 2)


RAMP = np.tile(np.linspace(0, 255, 64), (64, 1))


@pytest.mark.parametrize("most", [1, 255, 1023, 4095, 16_383, 65_535])
@pytest.mark.parametrize("kind", [np.int32, np.uint16, ">u2", np.float32])
def test_numbers_go_up_to_the_least_that_holds_them(tmp_path: Path, kind: Any, most: int) -> None:
    values = RAMP * most / 255
    if np.dtype(kind).kind != "f":
        values = np.rint(values)
    path = tmp_path / "a.tiff"
    Image.fromarray(values.astype(kind)).save(path)
    found = read(path)
    shown = np.rint(values * 255 / most) if most == 1 else RAMP
    left, right = shown[:, :16].mean(), shown[:, -16:].mean()
    assert abs(found[:, :8].mean() - left) < 3
    assert abs(found[:, -8:].mean() - right) < 3


@pytest.mark.parametrize(("low", "high"), [(-5, 20), (0, 70_000), (-2.5, 0.5), (100_000, 200_000)])
def test_other_numbers_go_from_the_least_to_the_greatest(
    tmp_path: Path, low: float, high: float
) -> None:
    values = low + RAMP / 255 * (high - low)
    path = tmp_path / "a.tiff"
    Image.fromarray(values.astype(np.float32)).save(path)
    found = read(path)
    assert found[:, 0].max() <= 4
    assert found[:, -1].min() >= 251


def test_a_picture_without_a_number_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tiff"
    values = np.full((64, 64), np.nan, np.float32)
    Image.fromarray(values).save(path)
    with pytest.raises(DataError, match="is a broken TIFF picture"):
        read(path)
    values[:8, :8] = 200
    Image.fromarray(values).save(path)
    assert read(path).max() > 50


def test_the_range_is_that_of_all_of_a_picture_however_it_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = np.full((64, 64), 7, np.int32)
    values[-1, -1] = 40_000
    path = tmp_path / "a.tiff"
    Image.fromarray(values).save(path)
    assert read(path)[:16].max() == 0
    monkeypatch.setattr(pictures, "STRIP", 64)
    assert read(path)[:16].max() == 0


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "I;16"])
@pytest.mark.parametrize("size", [(1111, 700), (300, 901), (257, 40)])
def test_strips_give_what_a_whole_picture_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str, size: tuple[int, int]
) -> None:
    picture = Image.fromarray(smooth(*size))
    if mode == "I;16":
        picture = Image.fromarray(smooth(*size)[..., 2].astype(np.uint16) * 257)
    path = saved(tmp_path, picture if mode == "I;16" else picture.convert(mode))
    whole = read(path)
    monkeypatch.setattr(pictures, "STRIP", 10)
    assert close(read(path), whole, 0)


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_a_photograph_of_a_telephone_is_decoded_at_a_reduced_size(
    tmp_path: Path, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "MAX_PIXELS", 1_000_000)
    monkeypatch.setattr(pictures, "MEMORY", 1_000_000)
    picture = Image.fromarray(smooth(1600, 1200)).convert(mode)
    tags = Image.Exif()
    tags[pictures.ORIENTATION] = 6
    found = read(saved(tmp_path, picture, "JPEG", exif=tags))
    expected = read(saved(tmp_path, picture.resize((160, 120)), "JPEG", exif=tags))
    assert close(found, expected, 12)
    assert "1 million are the most" in refused(saved(tmp_path, picture.convert("RGB"), "PNG"))


@pytest.mark.parametrize(("width", "height"), [(12_000, 9_000), (16_320, 12_240)])
def test_no_photograph_of_a_telephone_is_too_large(tmp_path: Path, width: int, height: int) -> None:
    content = bytearray(CONTENTS["JPEG"])
    sides = content.index(b"\xff\xc0") + 5
    content[sides : sides + 4] = struct.pack(">HH", height, width)
    path = tmp_path / "a.jpg"
    path.write_bytes(content)  # truncated; the rest is grey
    assert read(path).shape == (32, 32, 3)
    content[sides : sides + 4] = struct.pack(">HH", 65_000, 65_000)
    path.write_bytes(content)
    assert "65,000 x 65,000 pixels; 400 million are the most" in refused(path)


@pytest.mark.parametrize("subsampling", [0, 2])
def test_scans_that_would_all_be_kept_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, subsampling: int
) -> None:
    picture = Image.fromarray(smooth(1600, 1200))
    plain = saved(tmp_path, picture, "JPEG", subsampling=subsampling)
    with plain.open("rb") as file:
        assert bytes_in_scans(file) == 0
    path = tmp_path / "progressive.jpg"
    picture.save(path, progressive=True, subsampling=subsampling)
    with path.open("rb") as file:
        took = bytes_in_scans(file)
    assert took == 1600 * 1200 * (6 if subsampling == 0 else 3)
    assert close(read(path), read(plain), 3)
    monkeypatch.setattr(pictures, "MEMORY", 2_000_000)
    assert read(plain).shape == (32, 32, 3)
    assert "1,600 x 1,200 pixels in a progressive JPEG; save it as" in refused(path)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF", "BMP"])
def test_what_would_take_too_much_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    path = saved(tmp_path, Image.fromarray(smooth(400, 300)), kind)
    assert read(path).shape == (32, 32, 3)
    monkeypatch.setattr(pictures, "MEMORY", 400 * 300 * 4 - 1)
    assert f"400 x 300 pixels, too many in {kind}; save it as JPEG" in refused(path)


@pytest.mark.skipif(not features.check("jpg_2000"), reason="Pillow has no JPEG 2000")
def test_jpeg_2000_is_decoded_at_a_reduced_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path, Image.fromarray(smooth(1100, 1050)), "JPEG2000")
    monkeypatch.setattr(pictures, "MEMORY", 1100 * 1050 * 8 + path.stat().st_size)
    found = read(path)
    assert close(found, read(saved(tmp_path, Image.fromarray(smooth(1100, 1050)))), 12)
    flat = tmp_path / "flat.jp2"  # without lower resolutions
    Image.fromarray(smooth(1100, 1050)).save(flat, num_resolutions=1)
    assert "too many in JPEG2000" in refused(flat)


def test_the_first_of_several_photographs(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (600, 400), colour) for colour in ("red", "blue")]
    path = tmp_path / "a.jpg"
    frames[0].save(path, "MPO", save_all=True, append_images=frames[1:])
    assert close(read(path), np.full((32, 32, 3), (254, 0, 0)), 3)


# Files that are not pictures


def png(width: int, height: int, content: bytes = b"") -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", content)


@pytest.mark.parametrize(
    ("width", "height"),
    [(10_000, 5_001), (10_000, 10_000), (20_000, 20_000), (1, 50_000_001)],
)
@pytest.mark.filterwarnings("error")
def test_a_bomb_is_refused_before_it_unfolds(tmp_path: Path, width: int, height: int) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png(width, height, zlib.compress(bytes(100_000))))
    assert "50 million are the most" in refused(path)


def test_as_many_pixels_as_may_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path, Image.fromarray(smooth(40, 25)))
    monkeypatch.setattr(pictures, "MAX_PIXELS", 1_000)
    assert read(path).shape == (32, 32, 3)
    monkeypatch.setattr(pictures, "MAX_PIXELS", 999)
    assert "40 x 25 pixels" in refused(path)


def test_a_file_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path, Image.fromarray(smooth(40, 40)))
    monkeypatch.setattr(pictures, "MAX_BYTES", path.stat().st_size)
    assert read(path).shape == (32, 32, 3)
    monkeypatch.setattr(pictures, "MAX_BYTES", path.stat().st_size - 1)
    assert "too much for a picture" in refused(path)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    assert "there is no file" in refused(tmp_path / "nothing.png")
    assert "is no file" in refused(tmp_path)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert "is no file" in refused(pipe)
    with pytest.raises(DataError, match="there is no file"):
        read(Path("a\0b"))
    with pytest.raises(DataError, match="cannot read"):
        read(Path("a" * 5_000))


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, Image.fromarray(smooth(40, 40)))
    path.chmod(0)
    assert "Permission denied" in refused(path)


def test_programs_are_not_started_for_a_picture(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 40 40\n%%EndComments\nshowpage")
    assert "is no picture in PNG" in refused(path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"P6 4x 5 255 " + bytes(60), "is a broken picture"),
        (b"P6 4 5 255 " + bytes(59), "is a broken PPM picture"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\1IHDR", "is a broken picture"),
        (png(2**31 - 1, 2**31 - 1), "50 million are the most"),
        (png(40, 40), "is a broken PNG picture"),
        (b"", "is no picture in PNG"),
        (b"\xff\xd8\xff", "is no picture in PNG"),
    ],
)
def test_broken_pictures_are_told_from_none(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(content)
    assert words in refused(path)


def test_nothing_is_said_beside_the_sentence(tmp_path: Path) -> None:
    # Pillow logs an error about this file, which goes to stderr if there is no handler.
    content = bytearray(CONTENTS["TIFF"])
    samples = struct.pack("<HHI", 277, 3, 1)
    assert samples in content
    place = content.index(samples) + 8
    content[place : place + 2] = struct.pack("<H", 16_387)
    path = tmp_path / "a.tiff"
    path.write_bytes(content)
    program = (
        "import sys\nfrom pathlib import Path\n"
        "from core.data.dataset import DataError\nfrom core.predictions import pictures\n"
        "try: pictures.read(Path(sys.argv[1]), (32, 32, 3))\n"
        "except DataError as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    assert done.stdout.startswith(f"{path} is ")


def survives(path: Path, content: bytes) -> None:
    """Check that a file becomes an image or is refused in one sentence, without other output."""
    path.write_bytes(content)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            found = read(path)
        except DataError as error:
            sentence = str(error)
        else:
            sentence = ""
            assert close(found, found, 0)
    assert "\n" not in sentence


@given(content=st.binary(max_size=400))
@ANY_NUMBER
def test_any_bytes(tmp_path: Path, content: bytes) -> None:
    survives(tmp_path / "a", content)


@given(
    kind=st.sampled_from(list(CONTENTS)),
    places=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=12),
    head=st.booleans(),
)
@ANY_NUMBER
def test_any_damage(tmp_path: Path, kind: str, places: list[tuple[float, int]], head: bool) -> None:
    content = bytearray(CONTENTS[kind])
    for where, value in places:
        # Half of the time in the header, which contains the size.
        content[int(where * (min(64, len(content)) if head else len(content)))] = value
    survives(tmp_path / "a", bytes(content))


@given(kind=st.sampled_from(list(CONTENTS)), where=st.floats(0, 1, exclude_max=True))
@ANY_NUMBER
def test_any_end(tmp_path: Path, kind: str, where: float) -> None:
    survives(tmp_path / "a", CONTENTS[kind][: int(where * len(CONTENTS[kind]))])

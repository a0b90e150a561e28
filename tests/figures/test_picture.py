"""The figure of the prediction for one picture, with any file name."""

import os
from math import nan
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.figures import page
from core.figures import picture as figures
from tests.figures.test_compare import is_whole
from tests.figures.test_predictions import is_drawn, texts

IMAGE = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
LIKELY = [("automobile", 0.987), ("truck", 0.01), ("cat", 0.003), ("dog", 0.0), ("ship", 0.0)]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", ["a.png", "W" * 70 + ".png", "my first $own$ car.jpg"])
def test_it_says_what_it_is_taken_for(name: str) -> None:
    figure = figures.figure(IMAGE, LIKELY, name, "arch-2-11 after 24,000")
    assert is_whole(figure)
    found = texts(figure)
    assert [text for text in found if text in ("automobile", "98.7 %", "truck", "1.0 %")] == [
        "automobile",
        "98.7 %",
        "truck",
        "1.0 %",
    ]
    assert "arch-2-11 after 24,000" in found
    assert name.replace(" ", "") in "".join(found).replace(" ", "")
    [picture] = figure.axes[0].images
    assert np.array_equal(picture.get_array(), IMAGE)
    widths = [bar.get_width() for bar in figure.axes[1].patches]  # type: ignore[attr-defined]
    assert widths == [share for _, share in LIKELY]


@pytest.mark.filterwarnings("error")
def test_probabilities_that_are_none_are_drawn() -> None:
    assert is_whole(figures.figure(IMAGE, [("cat", nan), ("dog", nan)], "a.png", "x"))


def test_the_file_is_named_after_the_picture(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        path = figures.export(IMAGE, LIKELY, tmp_path / "new", "my car.jpg", "arch-2-1")
    finally:
        os.umask(before)
    assert path == tmp_path / "new" / "picture-my car.png"
    assert path.stat().st_mode & 0o777 == 0o644
    assert is_drawn(path)
    with Image.open(path) as drawn:
        assert drawn.width == round(page.WIDTH * page.DPI)
    long = figures.export(IMAGE, LIKELY, tmp_path, "ä" * 120 + ".jpg", "arch-2-1")
    assert long.exists()
    odd = figures.export(IMAGE, LIKELY, tmp_path, "con\x1b[2J\n\udce9$a$ $b$.jpg", "arch-2-1")
    assert odd.name == "picture-con-2J-a- -b.png"
    assert odd.exists()

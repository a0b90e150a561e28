"""The figure of some images, of any shape and number."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.figures import page
from core.figures.drawing import FigureError
from core.figures.images import Captioned, export, images_figure

SHAPES = [(32, 32, 3), (28, 28, 1), (12, 40, 2), (64, 8, 4), (60, 1, 3), (1, 9, 5), (1, 1, 1)]


def shown(shape: tuple[int, int, int], count: int) -> list[Captioned]:
    images: Any = np.random.default_rng(0).integers(0, 256, (count, *shape), np.uint8)
    return [Captioned(image, ("12,345 $a$_b", "mirrored")) for image in images]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("count", [1, 2, 7, 40])
def test_every_image_is_drawn_over_its_caption(shape: tuple[int, int, int], count: int) -> None:
    figure = images_figure(shown(shape, count), "test, all classes", "a note")
    figure.canvas.draw()
    assert len(figure.axes) == count
    boxes = [axes.get_position() for axes in figure.axes]
    assert all(0 <= box.x0 < box.x1 <= 1 and 0 < box.y0 < box.y1 < 1 for box in boxes)
    assert figure.get_size_inches()[0] >= page.WIDTH
    for axes in figure.axes:
        texts = [text for text in axes.texts if text.get_text()]
        assert [text.get_text() for text in texts] == ["12,345 $a$_b", "mirrored"]
        if 1 in shape[:2]:
            assert len(axes.lines) == shape[2]


def test_a_square_picture_stays_square(tmp_path: Path) -> None:
    figure = images_figure(shown((32, 32, 3), 6), "six", "")
    width, height = figure.get_size_inches()
    for axes in figure.axes:
        box = axes.get_position()
        assert box.width * width == pytest.approx(box.height * height)


def test_it_is_written_where_no_folder_is(tmp_path: Path) -> None:
    path = export(shown((8, 8, 3), 3), tmp_path / "not" / "there.png", "three", "note")
    with Image.open(path) as image:
        assert np.asarray(image.convert("L")).min() < 100


def test_a_file_in_the_way_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FigureError, match="could not be drawn"):
        export(shown((8, 8, 3), 3), tmp_path / "file" / "there.png", "three", "note")

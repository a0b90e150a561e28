"""The figures of an evaluation, with any result."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib import colormaps
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from PIL import Image

from core.data.layout import CLASSES
from core.figures import page
from core.figures import predictions as figures
from core.figures.drawing import FigureError
from core.predictions.evaluation import Evaluation, export

FIGURES = ["confusion.png", "classes.png", "mistakes.png", "filters.png"]
TEXTS = ["evaluation.json", "evaluation.csv"]


def evaluated(count: int = 500, skill: float = 2.0, classes: tuple[str, ...] = CLASSES) -> Any:
    """The evaluation of a network that is mostly correct, on images of noise."""
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 10, count)
    logits = rng.normal(size=(count, 10))
    logits[np.arange(count), labels] += skill
    odds = np.exp(logits)
    images = rng.integers(0, 256, (count, 32, 32, 3), np.uint8)
    probabilities = (odds / odds.sum(axis=1, keepdims=True)).astype(np.float32)
    return Evaluation(
        "arch-2-1", 4_800, "cifar10", "here", "test", classes, images, labels, probabilities, 1.2
    )


def filters(count: int = 10, high: int = 4, wide: int = 4) -> Any:
    return np.random.default_rng(0).random((count, high, wide, 3))


def texts(figure: Figure) -> list[str]:
    figure.canvas.draw()
    found = [*figure.texts, *(text for axes in figure.axes for text in axes.texts)]
    return [text.get_text() for text in found]


def is_drawn(path: Path) -> bool:
    with Image.open(path) as image:
        pixels = np.asarray(image.convert("L"))
        assert 3.5 <= image.size[0] / page.DPI <= 8
    return bool((pixels < 128).sum() > 0.006 * page.DPI**2)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("count", "skill"), [(0, 0), (1, 99), (1, -99), (9, 0), (500, 2), (500, 99), (500, -99)]
)
def test_whatever_it_came_to_is_drawn(tmp_path: Path, count: int, skill: float) -> None:
    folder = tmp_path / "not" / "there yet"
    found = evaluated(count, skill)
    assert export(found, folder) == [folder / name for name in TEXTS]
    assert figures.export(found, filters(), folder) == [folder / name for name in FIGURES]
    assert {path.name for path in folder.iterdir()} == {*FIGURES, *TEXTS}
    assert all(is_drawn(folder / name) for name in FIGURES)
    assert json.loads((folder / "evaluation.json").read_text())["images"] == count
    assert len((folder / "evaluation.csv").read_text().splitlines()) == 11


def test_a_network_without_filters_has_no_picture_of_them(tmp_path: Path) -> None:
    found = figures.export(evaluated(), None, tmp_path)
    assert {path.name for path in found} == {*FIGURES} - {"filters.png"}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("count", "high", "wide"),
    [(1, 1, 1), (1, 32, 32), (3, 5, 5), (7, 2, 2), (64, 3, 32), (160, 16, 16), (1024, 3, 3),
     (2, 1, 32), (5, 32, 2)],
)  # fmt: skip
def test_any_number_of_filters_of_any_shape(
    tmp_path: Path, count: int, high: int, wide: int
) -> None:
    figure = figures.filters_figure(filters(count, high, wide), "x")
    assert len(figure.axes) == min(count, figures.MAX_FILTERS)
    width, height = figure.get_size_inches()
    assert height < 12
    for axes in figure.axes:
        box = axes.get_position()
        assert 0 <= box.x0 < box.x1 <= 1
        assert 0 <= box.y0 < box.y1 <= 1
        # The aspect ratio is preserved.
        assert box.width * width / wide == pytest.approx(box.height * height / high)
    said = " ".join(texts(figure))
    assert f"{count:,} filter" in said
    assert ("the first 144" in said) == (count > 144)


def test_pictures_do_not_lie_on_each_other() -> None:
    for figure in (
        figures.filters_figure(filters(13), "x"),
        figures.mistakes_figure(evaluated(), "x"),
    ):
        boxes = [axes.get_position() for axes in figure.axes]
        for number, box in enumerate(boxes):
            assert not any(box.overlaps(other) for other in boxes[:number])


def test_the_matrix_says_everything() -> None:
    found = evaluated()
    figure = figures.confusion_figure(found, "a run")
    axes = figure.axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted class", "true class")
    assert figure.axes[1].get_ylabel() == "share of the images of a class"
    for labels in (axes.get_xticklabels(), axes.get_yticklabels()):
        assert [label.get_text() for label in labels] == list(CLASSES)
    cells = [text.get_text() for text in axes.texts]
    assert cells == [f"{count:,}" for count in found.confusion.reshape(-1)]
    assert figure.get_suptitle() == f"a run: {100 * found.accuracy:.1f} % of 500 test images right"


def test_numbers_can_be_read_on_every_shade() -> None:
    def light(colour: Any) -> float:
        parts = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
        return float(np.dot(parts, (0.2126, 0.7152, 0.0722)))

    for shade in colormaps["Blues"](np.linspace(0, 1, 500)):
        one, other = sorted((light(to_rgb(figures._readable(shade))), light(shade[:3])))
        assert (other + 0.05) / (one + 0.05) > 3.9


def test_classes_are_in_order_and_told_by_more_than_colour() -> None:
    found = evaluated()
    axes = figures.classes_figure(found, "").axes[0]
    order = np.argsort(-found.class_accuracy, kind="stable")
    assert [label.get_text() for label in axes.get_yticklabels()] == [CLASSES[at] for at in order]
    marks = {line.get_marker(): line for line in axes.lines if line.get_marker() in ("o", "D")}
    np.testing.assert_allclose(marks["o"].get_xdata(), 100 * found.class_accuracy[order])
    np.testing.assert_allclose(marks["D"].get_xdata(), 100 * found.precision[order])
    assert axes.get_xlim() == (0, 100)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("count", [1, 7, 1000])
def test_the_interval_is_that_of_wilson(share: float, count: int) -> None:
    low, high = figures._interval(share, count)
    assert 0 <= low <= share + 1e-12
    assert share - 1e-12 <= high <= 1
    for edge in (low, high):
        # By definition: the proportions that are 1.96 of their own standard deviations away.
        distance = 1.96 * np.sqrt(edge * (1 - edge) / count)
        assert abs(edge - share) == pytest.approx(distance, abs=1e-9)


def test_mistakes_are_the_surest_with_both_classes() -> None:
    found = evaluated()
    figure = figures.mistakes_figure(found, "a run")
    worst = found.mistakes()
    assert len(figure.axes) == len(worst) == 20
    for axes, each in zip(figure.axes, worst, strict=True):
        assert [text.get_text() for text in axes.texts] == [
            f"{CLASSES[each.predicted]} {100 * each.probability:.1f} %",
            f"is {CLASSES[each.label]} {100 * each.label_probability:.1f} %",
            f"image {each.index:,}",
        ]
        assert np.array_equal(axes.images[0].get_array(), each.image)
    assert "no mistakes" in texts(figures.mistakes_figure(evaluated(9, 99), ""))


@pytest.mark.filterwarnings("ignore:Glyph")
@pytest.mark.parametrize("name", ["", "$x_{$ and $y$", "größe 大", "ab " * 60, "a\nb"], ids=repr)
def test_any_name_is_taken(tmp_path: Path, name: str) -> None:
    found = evaluated(60, 1, classes=(name or "a",) * 10)
    figures.export(found, filters(), tmp_path, name)
    assert all(is_drawn(tmp_path / file) for file in FIGURES)


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FigureError, match=r"confusion.png could not be drawn: File exists"):
        figures.export(evaluated(9), None, tmp_path / "file")

"""The figure of a benchmark, with any set of contenders."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from core.benchmark import tables
from core.figures import benchmark as figures
from core.figures import page
from tests.benchmark.made import benchmark, noisy, quick


def texts(figure: Figure) -> list[str]:
    found = [text.get_text().strip() for axes in figure.axes for text in axes.texts]
    found += [text.get_text() for legend in figure.legends for text in legend.get_texts()]
    return found + [text.get_text() for text in figure.texts]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("sides", [{}, {"torch": False}, {"floor": False}])
@pytest.mark.parametrize("names", [("arch-2",), ("arch-1", "conv3x3", "final")])
def test_it_is_drawn(names: tuple[str, ...], sides: dict[str, bool], tmp_path: Path) -> None:
    made = benchmark(names, **sides)
    files = tables.export(made, tmp_path / "deep", benchmark(("arch-2",)))
    [drawn] = figures.export(made, tmp_path / "deep")
    assert [file.suffix for file in files] == [".csv", ".md"]
    assert {file.with_suffix(".png") for file in files} == {drawn}
    with Image.open(drawn) as image:
        assert (np.asarray(image.convert("L")) < 128).sum() > 0.006 * page.DPI**2
        assert image.size[0] >= 4.6 * page.DPI


def test_it_says_what_it_shows() -> None:
    figure = figures.bars(benchmark(("arch-2", "arch-5")))
    found = texts(figure)
    for words in ("this network", "PyTorch as written", "bare matrix products", "0.500 ms",
                  "1.00 ms", "2.00", "1.50", "x PyTorch", "over floor"):  # fmt: skip
        assert words in found
    assert "in parts of that of PyTorch as written" in figure.axes[0].get_xlabel()
    alone = figures.bars(benchmark(("arch-2",), torch=False))
    assert "PyTorch as written" not in texts(alone)
    assert "in parts of that of this network" in alone.axes[0].get_xlabel()


@pytest.mark.parametrize("cpu", ["A processor", "Intel(R) Xeon(R) Processor E5-2680 v4 @ 2.40GHz"])
def test_what_it_was_made_on_is_all_on_the_page(cpu: str) -> None:
    made = noisy(benchmark())
    figure = figures.bars(replace(made, machine=replace(made.machine, cpu=cpu, load=16.88)))
    figure.canvas.draw()
    page, label = figure.bbox, figure.axes[0].xaxis.label.get_window_extent()
    for text in figure.texts:
        box = text.get_window_extent()
        assert page.x0 <= box.x0, text
        assert box.x1 <= page.x1, text
        assert page.y0 <= box.y0, text
        assert not box.overlaps(label), text
    assert " ".join(texts(figure)[-1:-4:-1]).count(cpu.split()[-1]) == 1


def test_a_quick_look_and_noisy_rows_are_marked() -> None:
    figure = figures.bars(noisy(quick(benchmark())))
    assert "a quick look: 25 updates of each" in texts(figure)
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert [label for label in labels if "noisy" in label] == ["arch-2\nnoisy", "arch-5\nnoisy"]
    assert "noisy where that is over a third of it" in figure.axes[0].get_xlabel()
    plain = figures.bars(benchmark())
    assert not any("quick" in text for text in texts(plain))
    assert "noisy" not in plain.axes[0].get_xlabel()


def test_bars_begin_at_nought_and_are_as_long_as_the_times() -> None:
    axes = figures.bars(benchmark(("arch-2",))).axes[0]
    assert axes.get_xlim()[0] == 0
    widths = [bar.get_width() for bar in axes.patches if bar.get_y() > -5]
    assert widths == pytest.approx([0.25, 0.5, 0.75, 1.0])

"""The report of a study and its figures, with any part of the results."""

import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from core.benchmark.cases import PUBLISHED
from core.data import home
from core.figures import reproduce as figures
from core.figures.architectures import architectures
from core.figures.dynamics import best
from core.reproduce import report
from core.reproduce.claims import judge
from core.reproduce.curves import read as curves_of
from core.reproduce.plan import StudySettings, jobs
from core.reproduce.published import ACCURACIES
from core.reproduce.results import Findings, look
from core.reproduce.study import Study
from core.runs.session import store
from tests.benchmark.made import noisy
from tests.reproduce.made import FULL, QUICK, cifar10_of, complete, record

NAMES = ("architectures", "smoothing", "best")


@pytest.fixture(autouse=True)
def cifar10(convsole_home: Path) -> None:
    cifar10_of(convsole_home / "data")


def made(settings: StudySettings = FULL) -> Findings:
    complete(store(), settings)
    return look(settings, None, store())


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Findings, list[Path]]]:
    """A complete study, and the files of its figures in the folder of the report."""
    root = tmp_path_factory.mktemp("study")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(home.HOME_VARIABLE, str(root))
        cifar10_of(root / "data")
        found = made()
        yield found, figures.export(found, store(), root / "deep" / "report")


def reports(folder: Path) -> list[Path]:
    return [folder / "report.html", folder / "report.md"]


def words(figure: Figure) -> list[str]:
    parts = [figure, *figure.subfigs]
    legends = [text for part in parts for each in part.legends for text in each.get_texts()]
    return [text.get_text() for text in legends] + [
        text for axes in figure.axes for text in (axes.get_xlabel(), axes.get_ylabel())
    ]


def test_everything_is_written(written: tuple[Findings, list[Path]]) -> None:
    files = written[1]
    assert [file.name for file in files] == [
        f"{name}.{ending}" for name in NAMES for ending in ("png", "svg", "pdf")
    ]
    for png, svg, pdf in zip(files[::3], files[1::3], files[2::3], strict=True):
        with Image.open(png) as image:
            assert image.size[0] == 1020  # a column of 3.4 inches at 300 dots
            assert (np.asarray(image.convert("L")) < 128).sum() > 500
        ElementTree.parse(svg)
        assert pdf.read_bytes().startswith(b"%PDF")


class Reader(HTMLParser):
    """Collects the tags of a page and the resources that it loads."""

    def __init__(self) -> None:
        super().__init__()
        self.sources: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.sources += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in ("meta", "img", "link", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_fetches_nothing_and_holds_its_pictures(
    written: tuple[Findings, list[Path]],
) -> None:
    file = reports(written[1][0].parent)[0]
    page = file.read_text(encoding="utf-8")
    reader = Reader()
    reader.feed(page)
    assert reader.open == []
    assert len(reader.sources) == len(NAMES)
    for name, source in zip(NAMES, reader.sources, strict=True):
        head, content = source.split(",")
        assert head == "data:image/svg+xml;base64"
        assert b64decode(content) == file.with_name(f"{name}.svg").read_bytes()
    assert not re.search(r"url\(|@import|https?://(?!www\.w3)", page)
    assert "prefers-color-scheme: dark" in page
    assert "@media print" in page


def test_both_reports_say_all_that_was_published_and_what_holds(
    written: tuple[Findings, list[Path]],
) -> None:
    found, files = written
    for file in reports(files[0].parent):
        text = file.read_text(encoding="utf-8")
        for published in ACCURACIES.values():
            for number in (published.train, published.validation, published.test):
                assert f"{number:.2f}" in text
        for seconds in PUBLISHED.values():
            assert f"{seconds.numpy:.2f}" in text
            assert f"{seconds.torch:.2f}" in text
        assert "258.18" in text
        assert text.count("✓ held") == 4
        assert "15 of 15 published accuracies are reproduced" in text
        assert "54.27 ± 0.47" in text
        assert "24,500 images added by flips and shifts" in text
        assert all(run.id in text for run in found.runs.values())


def test_a_quick_look_says_everywhere_that_it_is_none(tmp_path: Path) -> None:
    found = made(QUICK)
    figures.export(found, store(), tmp_path)
    for file in reports(tmp_path):
        text = file.read_text(encoding="utf-8")
        assert "It reproduces nothing" in text
        assert text.count("○ not judged") == 4
        assert "✓" not in text
    for figure in (architectures(found), best(None, found)):
        assert figure.get_suptitle() == "quick look: reproduces nothing"


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("count", [0, 5])
def test_whatever_there_is_can_be_written(count: int, tmp_path: Path) -> None:
    study = Study.of("full")
    for job in jobs(FULL, "cifar10")[:count]:
        record(job, store(), study)
    figures.export(look(FULL, None, store()), store(), tmp_path)
    page, text = reports(tmp_path)
    assert f"Unfinished: {count} of 24 runs are done" in text.read_text(encoding="utf-8")
    assert "<code>convsole reproduce</code> goes on" in page.read_text(encoding="utf-8")


def test_figures_name_their_quantities_and_units() -> None:
    found = made()
    assert {"accuracy (%)", "training time (s)", "training", "validation", "test", "published",
            "NumPy", "PyTorch"} <= set(words(architectures(found)))  # fmt: skip
    curves = curves_of(found, "final", store())
    assert {"cross-entropy (nats)", "accuracy (%)", "update", "training",
            "validation"} <= set(words(best(curves, found)))  # fmt: skip
    assert "test, at the end: 69.1 %" in words(best(curves, found))


def test_bars_begin_at_nought_and_are_as_high_as_what_they_stand_for() -> None:
    found = made()
    above, published, here = architectures(found).axes
    assert above.get_ylim() == (0, 100)
    heights = [bar.get_height() for bar in above.patches]
    parts = ("train", "validation", "test")
    means = [found.accuracy(name, part).mean for part in parts for name in ACCURACIES]  # type: ignore[union-attr]
    assert heights == pytest.approx(means)
    heights = [bar.get_height() for bar in published.patches]
    assert heights == [93.99, 96.16, 99.18, 132.93, 100.29, 117.75, 149.57,
                       87.41, 81.48, 86.62, 114.21, 129.95, 229.58, 258.18]  # fmt: skip
    assert here.patches[0].get_height() == pytest.approx(0.58 * 4.8)
    assert here.get_ylim()[0] == 0


def test_noisy_times_are_marked_in_the_report_and_its_figure() -> None:
    found = made()
    assert found.timing is not None
    found = replace(found, timing=noisy(found.timing))
    _, _, here = architectures(found).axes
    assert here.get_title() == "measured here, ~ noisy"
    labels = [label.get_text() for label in here.get_xticklabels()]
    assert labels == ["1", "2~", "3", "4", "5~", "6", "7"]
    text = report.markdown(found, judge(found), [])
    for words in ("| arch-2 noisy |", "| arch-5 noisy |", "noisy: arch-2, arch-5.",
                  "arch-2 (PyTorch), arch-5 (PyTorch)"):  # fmt: skip
        assert words in text


def test_curves_are_means_over_the_seeds() -> None:
    found = made()
    curves = curves_of(found, "final", store())
    assert curves is not None
    for column in ("train_loss", "validation_accuracy"):
        each = [
            store().history(found.runs[f"final/{seed}"]).evaluations.read()[column]
            for seed in range(3)
        ]
        np.testing.assert_allclose(curves.mean(column), np.mean(each, axis=0))
        np.testing.assert_array_equal(curves.range(column)[1], np.max(each, axis=0))
    accuracy = best(curves, found).axes[1]
    np.testing.assert_allclose(accuracy.lines[0].get_ydata(), 100 * curves.mean("train_accuracy"))
    assert [line.get_xdata()[0] for line in accuracy.lines if len(line.get_xdata()) == 2] == [
        1600, 4800, 11_200
    ]  # fmt: skip

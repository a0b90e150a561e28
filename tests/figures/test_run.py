"""The figures of a run, with any history."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from core.figures import page
from core.figures import run as figures
from core.figures.drawing import FigureError
from core.training.events import Evaluated, Finished, Result, Started, UpdateDone
from core.training.history import History

NAMES = ["loss.png", "accuracy.png", "rate.png"]


def told(updates: int, every: int = 100, finished: bool = True) -> History:
    """A plausible run: noise around a falling loss, three cycles of the rate."""
    rng, history = np.random.default_rng(0), History()
    history.add(Started("cifar10", "here", 33_050, updates, 490, 100))
    for update in range(1, updates + 1):
        height = 1 - abs((update % 1600) / 800 - 1)
        mean = 1.1 + 1.2 * np.exp(-update / 800) + 0.2 * height
        loss = mean * np.exp(0.09 * rng.normal())
        history.add(UpdateDone(update, 0.1 * height, loss, loss + 0.4))
        if update % every == 0:
            history.add(Evaluated(update, mean, 1 - mean / 2.6, mean + 0.1, 0.95 - mean / 2.6))
    if finished:
        result = Result("arch-2", "cifar10", 0, updates, 5.0, 33_050, 0.6, 0.54, 0.559, 1.1, 1.2)
        history.add(Finished(result, stopped=False))
    return history


def words(figure: Figure) -> list[str]:
    return [text.get_text() for legend in figure.legends for text in legend.get_texts()]


def is_drawn(path: Path) -> bool:
    with Image.open(path) as image:
        pixels = np.asarray(image.convert("L"))
        wide, high = image.size
        # A column of a page.
        assert 3.5 <= wide / page.DPI <= 4
        assert high < wide
    return bool((pixels < 128).sum() > 0.006 * page.DPI**2)


def test_the_resolution_is_that_of_a_printer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    written = figures.export(told(300), tmp_path, "a run")
    with Image.open(written[0]) as image:
        assert image.size[0] >= 3.5 * 200


@pytest.mark.filterwarnings("error")
def test_a_run_that_was_stopped_at_once_is_drawn(tmp_path: Path) -> None:
    history = told(0)
    figures.export(history, tmp_path, "a run")
    assert all(is_drawn(tmp_path / name) for name in NAMES)


def test_what_was_measured_at_a_stop_is_drawn_apart(tmp_path: Path) -> None:
    history = told(300, finished=False)
    assert history.started is not None
    history.started = replace(history.started, updates=4800, evaluate_every=100)
    history.total = 4800
    best = history.best()
    history.add(Evaluated(320, 1.0, 0.6, 0.1, 0.99))
    result = Result("arch-2", "cifar10", 0, 320, 5.0, 33_050, 0.6, 0.99, 0.559, 1.1, 0.1)
    history.add(Finished(result, stopped=True))
    made = figures.accuracy_figure(history, "a run")
    assert best is not None
    assert f"best: {100 * best[0]:.1f} % at {best[1]}" in words(made)
    for label in ("validation, at the stop: 99.0 %", "training, at the stop: 60.0 %",
                  "test, at the stop: 55.9 %"):  # fmt: skip
        assert label in words(made)
    curves = [line for line in made.axes[0].lines if len(line.get_xdata()) > 1]
    assert {float(max(line.get_xdata())) for line in curves} == {300.0}
    assert "at the stop: 0.100" in words(figures.loss_figure(history, "a run"))
    unknown = replace(result, test_accuracy=float("nan"))
    history.add(Finished(unknown, stopped=True))
    assert not any("test" in label for label in words(figures.accuracy_figure(history, "a run")))


@pytest.mark.parametrize("updates", [0, 1, 2, 7, 300, 24_000])
@pytest.mark.parametrize("every", [1, 100])
def test_runs_of_any_length_are_drawn(tmp_path: Path, updates: int, every: int) -> None:
    if updates == 24_000 and every == 1:
        every = 10
    history = told(updates, every) if updates else History()
    folder = tmp_path / "not" / "there yet"
    assert figures.export(history, folder, "a run") == [folder / name for name in NAMES]
    assert sorted(path.name for path in folder.iterdir()) == sorted(NAMES)
    assert all(is_drawn(folder / name) for name in NAMES)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 1e300, 0.0])
@pytest.mark.parametrize("alone", [True, False])
def test_numbers_that_are_none_do_no_harm(tmp_path: Path, value: float, alone: bool) -> None:
    history = History() if alone else told(50, 10)
    history.add(UpdateDone(51, value, value, value))
    history.add(Evaluated(51, value, 0.1, value, 0.1))
    assert all(is_drawn(path) for path in figures.export(history, tmp_path, "diverged"))


@pytest.mark.filterwarnings("ignore:Glyph")
@pytest.mark.parametrize(
    "title", ["", "$x_{$ and $y$", "größe 大", "ab " * 60, "a\nb", "%s {} \\"], ids=repr
)
def test_any_title_is_taken(tmp_path: Path, title: str) -> None:
    history = told(20, 5)
    assert all(is_drawn(path) for path in figures.export(history, tmp_path, title))


def test_axes_and_legends_say_what_is_shown() -> None:
    history = told(4800)
    loss = figures.loss_figure(history, "arch-2, seed 0")
    axes = loss.axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("update", "loss (nats)")
    losses = history.evaluations.read()["validation_loss"]
    assert words(loss) == [
        "training, each update",
        "training, smoothed over 50",
        "optimised cost, smoothed over 50",
        "validation",
        f"lowest: {losses.min():.3f} at {(losses.argmin() + 1) * 100:,}",
    ]
    assert loss.get_suptitle() == "arch-2, seed 0"
    accuracy = figures.accuracy_figure(history, "")
    assert accuracy.axes[0].get_ylabel() == "accuracy (%)"
    best = history.best()
    assert best is not None
    assert words(accuracy) == [
        "training sample",
        "validation",
        f"best: {100 * best[0]:.1f} % at {best[1]:,}",
        "test, at the end: 55.9 %",
    ]
    rate = figures.rate_figure(history, "")
    assert rate.axes[0].get_ylabel() == "learning rate"
    assert words(rate) == []
    low, high = rate.axes[0].get_ylim()
    assert low == 0
    assert 0.1 < high < 0.12


def test_nothing_is_told_by_colour_alone() -> None:
    for figure in (figures.loss_figure(told(4800), ""), figures.accuracy_figure(told(4800), "")):
        lines = [line for line in figure.axes[0].lines if line.get_linestyle() != "None"]
        dashes: dict[object, set[str]] = {}
        for line in lines:
            dashes.setdefault(line.get_color(), set()).add(str(line._unscaled_dash_pattern))
        # Every colour has a dash pattern that no other colour has.
        assert len(dashes) >= 2
        patterns = [pattern for of_colour in dashes.values() for pattern in of_colour]
        assert len(patterns) == len(set(patterns)) == len(dashes)


def test_thousands_are_separated_and_epochs_counted() -> None:
    figure = figures.rate_figure(told(4800), "")
    figure.canvas.draw()
    ticks = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert "2,000" in ticks
    [top] = figure.axes[0].child_axes
    assert top.get_xlabel() == "epoch"
    assert top.get_xlim()[1] == pytest.approx(4800 * 1.02 / 490)
    # Within the first epoch there is no axis of epochs.
    assert figures.rate_figure(told(100), "").axes[0].child_axes == []


def test_one_wild_batch_does_not_flatten_the_rest() -> None:
    history = told(4800)
    history.add(UpdateDone(4801, 0.1, 1e6, 1e6))
    assert figures.loss_figure(history, "").axes[0].get_ylim()[1] < 5


def test_a_long_run_is_thinned() -> None:
    for line in figures.loss_figure(told(24_000), "").axes[0].lines:
        assert len(line.get_xdata()) <= 2 * page.BUCKETS + 2  # type: ignore[arg-type]


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FigureError, match=r"^loss.png could not be drawn: File exists; acc"):
        figures.export(told(5, 2), tmp_path / "file", "")

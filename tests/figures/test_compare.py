"""The figures of a comparison: markers of edits, and a table without truncated text."""

import dataclasses
import json
from pathlib import Path

import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from PIL import Image

from core.figures import compare as figures
from core.figures import differences, page
from core.figures.curve_styles import COLOURS, DASHES, MARKERS
from core.runs import compare
from core.runs.compare import AXES, Axis, Compared
from core.runs.records import RunState
from core.training.timeline import Edit
from tests.runs.test_compare import LOWER, compared, edited

LONG = "W" * 60 + " lower lambda half way"


def many(count: int, name: str = "", **settings: object) -> list[Compared]:
    """Runs of which the second and third were edited at the same update, the third again."""
    edits = {2: [LOWER], 3: [LOWER, Edit(4, {"label_smoothing": 0.1, "eta_max": 0.05})]}
    made = []
    for number in range(1, count + 1):
        each = edited(number, *edits.get(number, ()))
        own = dataclasses.replace(
            each.run,
            name=f"{name} {number}".strip(),
            settings=each.run.settings | {"seed": number} | settings,
        )
        made.append(Compared(own, each.history))
    return made


def drawn(runs: list[Compared], axis: Axis = "update") -> Figure:
    return figures.figure(compare.curves(runs, "loss", axis), "loss", axis, 0, False)


def uprights(figure: Figure) -> list[tuple[float, str]]:
    """Positions and colours of vertical lines."""
    [axes] = figure.axes
    return sorted(
        (float(line.get_xdata()[0]), to_hex(line.get_color()).upper())  # type: ignore[index]
        for line in axes.lines
        if list(line.get_ydata()) == [0, 1]
    )


def is_whole(figure: Figure) -> bool:
    """Whether everything that is drawn is inside the figure."""
    figure.canvas.draw()
    box, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
    return bool(box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height)


def test_the_table_says_what_was_measured_at_a_stop() -> None:
    first, second = many(2)
    result = {"validation_accuracy": 0.402, "test_accuracy": 0.391}
    runs = [
        Compared(dataclasses.replace(each.run, state=state, result=result), each.history)
        for each, state in ((first, RunState.FINISHED), (second, RunState.STOPPED))
    ]
    rows = dict(differences._rows(runs))
    assert rows["test accuracy"] == ["39.1 %", "-"]
    assert rows["validation accuracy at the stop"] == ["-", "40.2 %"]
    assert rows["test accuracy at the stop"] == ["-", "39.1 %"]
    assert not any("stop" in label for label, _ in differences._rows(runs[:1]))


@pytest.mark.parametrize(("axis", "at"), [("update", (2, 4)), ("epoch", (2 / 7, 4 / 7)),
                                          ("time", (1, 2))])  # fmt: skip
def test_an_edit_is_marked_in_the_colour_of_its_run(axis: Axis, at: tuple[float, float]) -> None:
    figure = drawn(many(4), axis)
    second, third = COLOURS[1], COLOURS[2]
    assert uprights(figure) == sorted([(at[0], second), (at[0], third), (at[1], third)])
    # And by the marker of its run above the axes, in a row for each run.
    [axes] = figure.axes
    above = {
        line.get_marker(): line.get_window_extent().y0
        for line in axes.lines
        if list(line.get_ydata())[:1] == [1.0]
    }
    assert set(above) == {MARKERS[1], MARKERS[2]}
    assert len(set(above.values())) == 2
    assert "settings of a run changed" in [text.get_text() for text in figure.legends[0].texts]


def test_without_edits_nothing_is_marked() -> None:
    figure = drawn([compared(1), compared(2)])
    assert uprights(figure) == []
    assert len(figure.legends[0].texts) == 2


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", ["a", "lower lambda half way, then label smoothing", LONG])
@pytest.mark.parametrize("count", [1, 2, 3, 10])
def test_nothing_is_cut(count: int, name: str) -> None:
    runs = many(count, name)
    for axis in AXES:
        assert is_whole(drawn(runs, axis))
    table = differences.figure(runs)
    assert is_whole(table)
    assert table.get_figwidth() <= differences.WIDEST + 1e-9
    words = "".join(text.get_text() for text in table.axes[0].texts)
    assert f"{name} {count}".replace(" ", "") in words.replace(" ", "")


@pytest.mark.parametrize("name", ["a", LONG])
@pytest.mark.parametrize("count", [2, 4, 10])
def test_no_word_of_a_label_is_broken(count: int, name: str) -> None:
    runs = many(count, name)
    for number, each in enumerate(runs):
        shape = ("none", "fresh")[number % 2], ("pixel", "channel")[number % 2]
        each.run.settings.update(zip(("augmentation", "normalisation"), shape, strict=True))
        numbers = (
            "half_cycle",
            "cycles",
            "copies",
            "largest_shift",
            "training_sample",
            "batch_size",
        )
        each.run.settings.update(dict.fromkeys(numbers, number + 1))  # more rows than runs
    words = {text.get_text() for text in differences.figure(runs).axes[0].texts}
    assert {"augmentation", "normalisation"} <= words


@pytest.mark.parametrize("count", [2, 10])
def test_cells_of_the_table_do_not_touch(count: int) -> None:
    table = differences.figure(many(count, LONG))
    table.canvas.draw()
    boxes = [text.get_window_extent() for text in table.axes[0].texts if text.get_text()]
    for number, box in enumerate(boxes):
        for other in boxes[number + 1 :]:
            apart = box.x1 <= other.x0 or other.x1 <= box.x0
            # Lines of a cell are close: descenders of one can overlap ascenders of the next.
            assert apart or min(box.y1, other.y1) - max(box.y0, other.y0) < 0.02 * table.dpi


def test_the_table_says_what_differs_and_how_it_came_out() -> None:
    runs = [compared(1), edited(2, LOWER)]
    words = [text.get_text() for text in differences.figure(runs).axes[0].texts]
    assert "2 runs: only what differs" in words
    assert words[words.index("edits") + 1 :][:2] == ["none", "lambda 0.003 → 0.001 after 2"]
    assert "test accuracy" in words
    assert "seed" not in words


def test_no_two_runs_look_alike_without_colour_either() -> None:
    assert len(set(COLOURS)) == len(set(MARKERS)) == len(MARKERS) == 10
    assert len(set(DASHES)) == 5
    for strokes in DASHES:  # as many dashes as gaps
        assert len(strokes) % 2 == 0
        assert all(1 <= length <= 10 for length in strokes)


@pytest.mark.filterwarnings("error")
def test_files_are_written(tmp_path: Path) -> None:
    folder = tmp_path / "not there yet"
    texts = compare.export_comparison(many(3), folder, "validation_accuracy", "time", 0.5)
    drawn = figures.export(many(3), folder, texts[0].stem, "validation_accuracy", "time", 0.5)
    assert sorted([*texts, *drawn]) == sorted(folder.iterdir())
    endings = [".json", "-curves.csv", "-runs.csv", ".png", "-runs.png"]
    for file, ending in zip([*texts, *drawn], endings, strict=True):
        assert file.name.endswith(ending)
    for file in drawn:
        with Image.open(file) as picture:
            assert picture.width >= 3.7 * page.DPI
    assert len(json.loads(texts[0].read_text())) == 3


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("count", [1, 2, 10])
def test_runs_without_points_are_drawn(count: int) -> None:
    runs = [compared(number, 0) for number in range(1, count + 1)]
    assert is_whole(drawn(runs))
    assert is_whole(differences.figure(runs))


@pytest.mark.parametrize(("low", "high"), [(14.0, 60.0), (1.2, 3.3), (1e-5, 0.1), (50.0, 51.0)])
def test_an_axis_of_logarithms_has_round_numbers_in_any_range(low: float, high: float) -> None:
    ticks = list(figures._Decades().tick_values(low, high))
    assert 3 <= len(ticks) <= 8
    assert ticks == sorted(set(ticks))
    assert all(low <= tick <= high for tick in ticks)
    assert all(tick == pytest.approx(float(f"{tick:.3g}"), rel=1e-9) for tick in ticks)


def test_an_axis_of_logarithms_of_nothing_has_no_ticks() -> None:
    assert list(figures._Decades().tick_values(0.0, 1.0)) == []


def test_curves_over_logarithms_are_whole() -> None:
    lines = compare.curves(many(3), "validation_accuracy")
    assert is_whole(figures.figure(lines, "validation_accuracy", "update", 0.0, True))


def test_names_are_shown_as_they_are() -> None:
    names = ["_hidden", "$a$ $b$", r"\$x", "a_b", "$"]
    runs = [
        Compared(dataclasses.replace(each.run, name=name), each.history)
        for each, name in zip(many(len(names)), names, strict=True)
    ]
    figure = drawn(runs)
    figure.canvas.draw()
    texts = figure.legends[0].get_texts()
    assert [text.get_text() for text in texts] == [*names, "settings of a run changed"]
    assert not any(text.get_parse_math() for text in texts[:-1])

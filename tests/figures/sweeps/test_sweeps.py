"""The figures of a study, with any number of trials in any state."""

import colorsys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from PIL import Image

from core.figures import drawing
from core.figures.curve_styles import COLOURS
from core.figures.sweeps import coordinates, curves, importance, slices
from core.figures.sweeps.export import export
from core.runs import compare
from core.runs.compare import Compared
from core.runs.session import store
from core.sweeps.analysis.importance import Importance
from core.sweeps.analysis.labels import label
from core.sweeps.analysis.places import accuracy_scale
from core.sweeps.analysis.places import places as places_of
from core.sweeps.analysis.snapshot import Snapshot
from tests.runs.made import recorded
from tests.sweeps.made_snapshot import RUNGS, SPACE, finalists, made
from tui.widgets.digits import ON_DARK

SHARES = [
    Importance("a", 0.1, 0.05, 0.2),
    Importance("b", 0.7, 0.6, 0.8),
    Importance("c", 0.2, 0.2, 0.2),
]


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def test_every_setting_has_an_axis_with_the_ends_of_its_range() -> None:
    found = texts(coordinates.figure(made()))
    for name in SPACE:
        assert label(name) in found
    for end in ("0.003", "0.3", "1e-5", "0.01", "none", "fresh", "0.99", "50", "200"):
        assert end in found
    assert [each for each in found if each in "12345" and len(each) == 1 and each != "2"]
    assert any("1: trial 5  2: trial 6" in each for each in found)


def test_the_best_are_in_colour_and_above_the_others() -> None:
    axes = coordinates.figure(made(), best=3).axes[0]
    coloured = [line for line in axes.lines if len(line.get_xdata()) == len(SPACE) + 1]  # type: ignore[arg-type]
    assert len(coloured) == 3
    [*lines] = [each for each in axes.collections if isinstance(each, LineCollection)]
    assert min(line.get_zorder() for line in coloured) > max(each.get_zorder() for each in lines)


def test_a_line_without_an_accuracy_or_a_setting_has_gaps() -> None:
    snapshot = made()
    row = replace(snapshot.rows[0], mean=None, settings={"eta_max": 0.03})
    scale = accuracy_scale(snapshot)
    places = places_of(row, snapshot.dimensions, scale)
    assert places[0] == pytest.approx(0.5)
    assert np.isnan(places[1:]).all()
    coordinates.figure(replace(snapshot, rows=(row,)))


def test_a_slice_tells_whole_trainings_from_those_cut_short() -> None:
    figure = slices.figure(made(), "eta_max")
    words = [text.get_text() for text in figure.legends[0].get_texts()]
    assert words[:2] == ["judged at an earlier rung", "trained to the end"]
    assert words[2] == "trial 5: 0.046, 59.6 %"
    axes = figure.axes[0]
    assert axes.get_xscale() == "log"
    assert axes.get_xlabel() == "highest rate (log scale)"


def test_the_slice_of_a_choice_has_its_values_as_ticks() -> None:
    axes = slices.figure(made(), "augmentation").axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["none", "fresh"]


def test_importance_has_the_largest_on_top_and_an_interval_each() -> None:
    axes = importance.figure(SHARES, "title").axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a", "c", "b"]
    assert [bar.get_width() for bar in axes.patches] == pytest.approx([10, 20, 70])  # type: ignore[attr-defined]
    [container] = [each for each in axes.collections if isinstance(each, LineCollection)]
    ends = [segment[:, 0].tolist() for segment in container.get_segments()]
    assert np.allclose(ends, [[5, 20], [20, 20], [60, 80]])


def test_curves_have_the_rungs_and_a_cross_where_a_trial_diverged() -> None:
    axes = curves.figure(made()).axes[0]
    upright = {line.get_xdata()[0] for line in axes.lines if line.get_linestyle() == ":"}  # type: ignore[index]
    upright |= {
        line.get_xdata()[0]  # type: ignore[index]
        for line in axes.lines
        if len(line.get_xdata()) == 2 and line.get_xdata()[0] == line.get_xdata()[1]  # type: ignore[arg-type, index]
    }
    assert upright == set(RUNGS)
    assert any(line.get_marker() == "x" for line in axes.lines)


@pytest.mark.parametrize("count", [0, 1, 2, 7, 600])
def test_whatever_there_is(count: int) -> None:
    snapshot = made(count)
    with drawing.settings():
        for figure in (
            coordinates.figure(snapshot),
            curves.figure(snapshot),
            *(slices.figure(snapshot, name) for name in SPACE),
        ):
            assert drawing.rendered(figure, "png").startswith(b"\x89PNG")


def test_names_that_look_like_formulas_stay_as_they_are() -> None:
    space = {"$a$": {"log": [1.0, 10.0]}, "_b": {"choice": ["$x$", "_y"]}}
    snapshot = made(5, space=space)
    rows = tuple(replace(r, settings={"$a$": 2.0, "_b": "$x$"}, mean=0.5) for r in snapshot.rows)
    with drawing.settings():
        for name in space:
            drawing.rendered(slices.figure(replace(snapshot, rows=rows), name), "png")
        found = coordinates.figure(replace(snapshot, rows=rows))
        drawing.rendered(found, "png")
    assert "$a$" in texts(found)


def test_all_figures_are_written_in_three_formats(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot: Snapshot = made(8)
    files = export(snapshot, tmp_path / "a", "wide", shares=SHARES)
    names = {file.name for file in files}
    kinds = ("curves", "coordinates", "importance", *SPACE)
    assert names == {f"wide-{kind}.{ending}" for kind in kinds for ending in ("png", "svg", "pdf")}
    with Image.open(tmp_path / "a" / "wide-coordinates.png") as image:
        assert np.asarray(image).std() > 0
    monkeypatch.setattr(drawing, "rendered", lambda *_: b"")
    assert not any("importance" in file.name for file in export(snapshot, tmp_path / "b", "wide"))


def at_work(snapshot: Snapshot) -> list[Compared]:
    """Return recorded runs for the trials of a study, with more points than rungs."""
    runs = recorded(store(), len(snapshot.trials), updates=80)
    return [
        Compared(replace(run, number=row.run), store().history(run))
        for run, row in zip(runs, snapshot.trials, strict=True)
        if row.run is not None
    ]


def test_curves_are_the_whole_ones_of_the_runs_one_for_each_trial() -> None:
    snapshot = finalists(12)
    runs = at_work(snapshot)
    [line] = compare.curves(runs[:1], "validation_accuracy")
    whole = curves.figure(snapshot, 3, runs).axes[0]
    drawn = [each for each in whole.lines if np.array_equal(each.get_xdata(), line.x)]
    assert len(line.x) > len(RUNGS)
    assert len(drawn) == len(runs)
    figure = curves.figure(snapshot, 3, runs)
    words = [text.get_text() for text in figure.legends[0].get_texts()]
    first = snapshot.ranked[0]
    assert words[0] == f"trial {first.number}, {100 * (first.mean or 0):.1f} % (3 seeds)"
    assert "first seed" in figure.legends[0].get_title().get_text()


def test_pictures_of_finalists_show_a_trial_once_at_its_mean() -> None:
    snapshot = finalists()
    axes = slices.figure(snapshot, "eta_max", 1).axes[0]
    heights = np.concatenate([np.asarray(line.get_ydata(), float) for line in axes.lines])
    assert len(heights) == len(snapshot.ranked)
    best = snapshot.ranked[0]
    assert 100 * (best.mean or 0) == pytest.approx(heights[-1])
    found = texts(coordinates.figure(snapshot))
    numbers = ", ".join(map(str, sorted(row.number for row in snapshot.ranked[:3])))
    assert f"at the mean of several seeds: trials {numbers}" in found


def conditional(snapshot: Snapshot, name: str) -> Snapshot:
    """Return a study in which the best trial and some others do not have a setting."""
    lacking = {snapshot.ranked[0].number, snapshot.ranked[2].number}
    rows = tuple(
        replace(row, settings={each: row.settings[each] for each in row.settings if each != name})
        if row.number in lacking
        else row
        for row in snapshot.rows
    )
    return replace(snapshot, rows=rows)


def test_the_best_have_one_sign_in_every_slice_and_those_left_out_are_counted() -> None:
    snapshot = conditional(made(40), "momentum")
    second = snapshot.ranked[1]
    for name in ("eta_max", "momentum"):
        figure = slices.figure(snapshot, name)
        [line] = [each for each in figure.axes[0].lines if each.get_label() == "1"]
        assert line.get_color() == COLOURS[1]
        assert line.get_xdata()[0] == second.settings[name]  # type: ignore[index]
    title = figure.legends[0].get_title().get_text()
    assert "2 trials for which the setting does not exist" in title.replace("\n", " ")
    assert "a gap in a line: the setting does not exist for its trial" in texts(
        coordinates.figure(snapshot)
    )


def test_the_best_that_were_cut_short_have_another_sign() -> None:
    snapshot = made(40)
    left_out = {row.key for row in snapshot.ranked[2:] if row.seeds}
    rows = tuple(row for row in snapshot.rows if row.key not in left_out)
    snapshot, place, best = replace(snapshot, rows=rows), 2, 3
    axes = slices.figure(snapshot, "eta_max", best).axes[0]
    faces = {each.get_label(): each.get_markerfacecolor() for each in axes.lines}
    assert (faces["0"], faces[str(place)]) == (COLOURS[0], "none")
    figure = coordinates.figure(snapshot, best)
    assert {f"({best})", "1"} <= set(texts(figure))
    assert "faint, number in parentheses: judged at an earlier rung" in texts(figure)
    words = curves.words(snapshot, snapshot.ranked[place])
    assert words.endswith(f"(rung {snapshot.ranked[place].rung})")


def test_a_study_without_pruning_does_not_speak_of_rungs() -> None:
    whole = [row for row in made(40).rows if row.seeds]
    snapshot = replace(made(40, pruning={"kind": "none"}), rows=tuple(whole))
    for figure in (coordinates.figure(snapshot, 3), slices.figure(snapshot, "eta_max", 3)):
        legend = [each.get_text() for box in figure.legends for each in box.get_texts()]
        assert not any("rung" in each for each in (*texts(figure), *legend))
    axes = curves.figure(snapshot).axes[0]
    assert not [line for line in axes.lines if list(line.get_ydata()) == [0, 1]]


def test_the_axis_of_a_choice_has_a_guide_for_each_and_says_that_points_are_spread() -> None:
    figure = slices.figure(made(40), "batch_size")
    assert figure.axes[0].get_xticks().tolist() == [0, 1, 2]
    assert all(line.get_visible() for line in figure.axes[0].get_xgridlines())
    assert "spread sideways for reading" in figure.legends[0].get_title().get_text()
    assert "spread" not in slices.figure(made(40), "eta_max").legends[0].get_title().get_text()


def hue(colour: str) -> float:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return colorsys.rgb_to_hsv(red, green, blue)[0]


@pytest.mark.parametrize("slot", range(5))
def test_the_hues_of_the_best_are_those_of_the_app(slot: int) -> None:
    apart = [abs(hue(ON_DARK[slot]) - hue(colour)) for colour in COLOURS[:5]]
    assert min(apart) == apart[slot]

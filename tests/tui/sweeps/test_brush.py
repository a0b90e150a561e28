"""Tests of brushes, and of what is chosen of an open study."""

import pytest

from core.settings import SettingError
from core.sweeps.analysis.places import ACCURACY
from tests.sweeps.made_snapshot import made
from tui.sweeps.book import OpenStudy
from tui.sweeps.brush import STEP, Brushes


def test_a_range_narrows_from_either_side_and_is_never_empty() -> None:
    brushes = Brushes()
    for _ in range(3):
        brushes = brushes.moved("a", "low", 1)
    assert brushes.of("a") == (pytest.approx(3 * STEP), 1.0)
    brushes = brushes.moved("a", "high", -1).moved("b", "low", 1)
    assert brushes.of("a")[1] == pytest.approx(1 - STEP)
    for _ in range(100):
        brushes = brushes.moved("a", "low", 1)
    low, high = brushes.of("a")
    assert high - low == pytest.approx(STEP)
    for _ in range(100):
        brushes = brushes.moved("a", "low", -1).moved("a", "high", 1)
    assert "a" not in brushes.ranges
    assert "b" in brushes.ranges
    assert brushes.without("b") == Brushes()


def test_the_steps_of_a_choice_are_its_values() -> None:
    brushes = Brushes().moved("a", "low", 1, choices=3)
    assert brushes.of("a") == (0.5, 1.0)
    brushes = brushes.moved("a", "low", 1, choices=3).moved("a", "low", 1, choices=3)
    assert brushes.of("a") == (1.0, 1.0)


def test_only_trials_within_all_ranges_are_shown() -> None:
    study = OpenStudy(made(40))
    assert len(study.shown()) == 40
    study.brushes = study.brushes.moved("batch_size", "high", -1, choices=3)
    assert {row.settings["batch_size"] for row in study.shown()} == {50, 100}
    study.brushes = study.brushes.moved("eta_max", "low", 1)
    assert all(row.settings["eta_max"] > 0.0037 for row in study.shown())
    assert study.narrowed


def test_a_range_of_the_accuracy_leaves_out_trials_without_one() -> None:
    study = OpenStudy(made(40))
    study.brushes = study.brushes.moved(ACCURACY, "low", 1)
    assert study.shown()
    assert all(row.best is not None for row in study.shown())


def test_the_best_are_those_of_what_is_shown() -> None:
    study = OpenStudy(made(40))
    first = study.leading()
    assert len(first) == 5
    study.narrow("augmentation:none")
    among = study.leading()
    assert among != first
    assert {row.settings["augmentation"] for row in among} == {"none"}
    assert study.more(2)
    assert len(study.leading()) == 7
    assert study.more(100)
    assert not study.more(1)
    assert len(study.leading()) == 10


def test_what_was_chosen_stays_when_the_study_goes_on() -> None:
    study = OpenStudy(made(40))
    study.narrow("state:finished")
    study.brushes = study.brushes.moved("eta_max", "low", 1)
    study.more(1)
    again = OpenStudy(made(41), study)
    assert (again.filter, again.brushes, again.best) == ("state:finished", study.brushes, 6)
    assert {row.state.value for row in again.shown()} == {"finished"}


def test_a_filter_that_cannot_be_read_changes_nothing() -> None:
    study = OpenStudy(made(40))
    with pytest.raises(SettingError):
        study.narrow("nosuch:1")
    assert study.filter == ""
    assert len(study.shown()) == 40

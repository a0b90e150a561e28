"""Tests that the settings of an update depend only on the edits."""

import pytest

from core import plan as planning
from core.config.experiment import Experiment
from core.settings import SettingError
from core.training.timeline import EDITABLE, Edit, Timeline
from tests.runs.made import EXPERIMENT

BASE = EXPERIMENT.changed(half_cycle=10, cycles=3)


def test_without_edits_it_is_the_experiment() -> None:
    timeline, schedule = Timeline(BASE), planning.schedule(BASE)
    assert timeline.updates == BASE.total_updates == 60
    assert [timeline.at(update) for update in (0, 59)] == [BASE, BASE]
    assert [timeline.schedule.rate(u) for u in range(60)] == [schedule.rate(u) for u in range(60)]
    assert Timeline(BASE.changed(max_updates=25)).updates == 25


def test_an_edit_holds_from_its_update_on() -> None:
    timeline = Timeline(BASE).edited(15, {"weight_decay": 0.5}).edited(30, {"eta_max": 0.02})
    assert [timeline.at(u).weight_decay for u in (14, 15, 59)] == [0.003, 0.5, 0.5]
    assert [timeline.at(u).eta_max for u in (14, 29, 30)] == [0.1, 0.1, 0.02]
    assert timeline.schedule.rate(29) == Timeline(BASE).schedule.rate(29)
    assert timeline.schedule.rate(30) == pytest.approx(0.02)
    assert timeline.updates == 60


def test_cycles_and_their_length_change_the_end() -> None:
    assert Timeline(BASE).edited(30, {"cycles": 5}).updates == 100
    # Half of the second cycle has passed, so half of 40 updates remain of it.
    assert Timeline(BASE).edited(30, {"half_cycle": 20}).updates == 30 + 20 + 40
    constant = Timeline(BASE.changed(schedule="constant"))
    assert constant.edited(30, {"half_cycle": 20}).updates == 30 + 20 + 40
    assert constant.edited(30, {"eta_max": 0.5}).schedule.rate(30) == 0.5


def test_edits_of_a_later_update_stay() -> None:
    later = Timeline(BASE).edited(40, {"eta_max": 0.5})
    both = later.edited(20, {"eta_max": 0.3})
    assert [edit.update for edit in both.edits] == [20, 40]
    assert [both.at(u).eta_max for u in (0, 20, 39, 40)] == [0.1, 0.3, 0.3, 0.5]
    with pytest.raises(SettingError, match="eta_min"):
        later.edited(20, {"eta_min": 0.05}).edited(30, {"eta_max": 0.06}).edited(
            10, {"eta_min": 0.08}
        ).edited(5, {"eta_max": 0.07})


def test_edits_of_the_same_update_hold_in_their_order() -> None:
    timeline = Timeline(BASE).edited(20, {"eta_max": 0.3}).edited(20, {"eta_max": 0.2})
    assert timeline.at(20).eta_max == 0.2
    assert Timeline.of(BASE, timeline.edits) == timeline


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"eta_min": 0.5}, "eta_min"),
        ({"eta_max": 99}, "eta_max"),
        ({"label_smoothing": 1}, "label_smoothing"),
        ({"half_cycle": 0}, "half_cycle"),
        ({"half_cycle": 1_000_000, "cycles": 100}, "more than"),
        ({"cycles": 1}, "cycle 2 has begun"),
        ({"batch_size": 10}, "cannot change while a run trains"),
        ({"nothing": 10}, "cannot change while a run trains"),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, float], reason: str) -> None:
    with pytest.raises(SettingError, match=reason):
        Timeline(BASE).edited(30, changes)


def test_there_is_no_edit_after_the_end() -> None:
    with pytest.raises(SettingError, match="over after 60 updates"):
        Timeline(BASE).edited(60, {"eta_max": 0.5})
    with pytest.raises(SettingError, match="over after 25 updates"):
        Timeline.of(BASE.changed(max_updates=25), (Edit(25, {"eta_max": 0.5}),))


def test_what_can_be_edited_is_a_setting() -> None:
    assert set(EDITABLE) <= set(Experiment.model_fields)


def marks(timeline: Timeline) -> list[int]:
    return sorted(timeline.kept_marks)


@pytest.mark.parametrize(
    ("count", "total", "expected"),
    [
        (0, 60, []),
        (1, 60, [60]),
        (4, 60, [15, 30, 45, 60]),
        (7, 60, [9, 18, 26, 35, 43, 52, 60]),
        (4, 25, [7, 13, 19, 25]),
        (100, 3, [1, 2, 3]),
    ],
)
def test_checkpoints_are_kept_evenly_up_to_the_end(
    count: int, total: int, expected: list[int]
) -> None:
    assert marks(Timeline(BASE.changed(kept_checkpoints=count, max_updates=total))) == expected


def test_an_edit_of_the_length_moves_only_the_marks_after_it() -> None:
    timeline = Timeline(BASE.changed(kept_checkpoints=4))
    longer = timeline.edited(30, {"cycles": 5})
    assert longer.updates == 100
    assert marks(longer) == [15, 30, 50, 75, 100]
    assert marks(longer.edited(80, {"eta_max": 0.5})) == marks(longer)
    shorter = longer.edited(55, {"cycles": 3})
    assert shorter.updates == 60
    assert marks(shorter) == [15, 30, 50, 60]


def test_marks_so_far_are_those_that_were_before_an_edit() -> None:
    timeline = Timeline(BASE.changed(kept_checkpoints=7))
    for update in range(1, 59):
        edited = timeline.edited(update, {"half_cycle": 13})
        before = {mark for mark in timeline.kept_marks if mark <= update}
        assert {mark for mark in edited.kept_marks if mark <= update} == before
        assert edited.updates in edited.kept_marks


def test_how_many_are_kept_cannot_be_edited() -> None:
    with pytest.raises(SettingError, match="cannot change while a run trains"):
        Timeline(BASE).edited(30, {"kept_checkpoints": 5})

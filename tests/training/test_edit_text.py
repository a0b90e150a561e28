"""Tests of edits as text."""

from core.config.experiment import Experiment
from core.training import edit_text
from core.training.timeline import Edit

SETTINGS = Experiment().model_dump()


def edit(update: int, **changes: str | float) -> Edit:
    return Edit(update, changes)


def test_an_edit_says_from_what_to_what() -> None:
    edits = [
        Edit(0, {}),
        edit(100, eta_max=0.05, weight_decay=0.002),
        edit(200, eta_max=0.01),
    ]
    assert edit_text.each_edit(SETTINGS, edits) == [
        "",
        "highest rate 0.1 → 0.05, lambda 0.003 → 0.002",
        "highest rate 0.05 → 0.01",
    ]


def test_an_edit_after_an_interruption_replaces_what_held_where_it_went_on() -> None:
    words = edit_text.each_edit(SETTINGS, [edit(200, cycles=5), edit(100, cycles=4)])
    assert words == ["cycles 3 → 5", "cycles 3 → 4"]
    words = edit_text.each_edit(
        SETTINGS, [edit(200, cycles=5), edit(100, cycles=4), edit(300, cycles=6)]
    )
    assert words[-1] == "cycles 5 → 6"


def test_a_setting_of_another_version_is_told_as_it_is() -> None:
    assert edit_text.each_edit(SETTINGS, [edit(1, new_one=3)]) == ["new one 3"]
    assert edit_text.with_unit("new_one", 3) == ""


def test_no_limit_is_no_number() -> None:
    assert edit_text.with_unit("max_updates", 0) == "no limit"
    assert edit_text.with_unit("max_updates", 1000) == "1,000 updates"
    assert edit_text.with_unit("largest_shift", 0) == "0 pixels"


def test_layers_are_named_only() -> None:
    assert edit_text.changed({"architecture": [{"kind": "relu"}]}, {}) == "architecture"


def test_edits_go_from_what_held_before_them() -> None:
    edits = [Edit(10, {"cycles": 4}), Edit(20, {"cycles": 5, "eta_max": 0.2})]
    assert edit_text.each_edit(SETTINGS, edits) == [
        "cycles 3 → 4",
        "cycles 4 → 5, highest rate 0.1 → 0.2",
    ]

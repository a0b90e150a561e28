"""Tests of a study while it is made."""

import pytest

from core.config import presets
from core.settings import SettingError
from core.sweeps.definition.distributions import Choice, Integer, Linear, Log
from tui.sweeps.draft import StudyDraft

ARCH_2 = presets.load("arch-2").changed(dataset="synthetic")


def draft(**changes: object) -> StudyDraft:
    return StudyDraft(ARCH_2.changed(**changes), set())


def test_the_first_proposal_is_a_study_that_varies_the_rate() -> None:
    made = draft()
    assert made.problem == ""
    study = made.study()
    assert list(study.space) == ["eta_max"]
    assert study.start.architecture == ARCH_2.architecture
    assert study.pruning.kind == "halving"


def test_a_mark_lets_a_setting_vary_in_a_way_that_is_valid() -> None:
    made = draft()
    for row in made.fields:
        if row.varies and row.name not in ("architecture", "eta_max"):
            again = draft()
            again.toggle(row.name)
            assert again.problem == "" or "shards" in again.problem, (row.name, again.problem)
            again.toggle(row.name)
            assert list(again.state.varied) == ["eta_max"]


def test_parts_of_the_architecture_can_vary() -> None:
    made = draft()
    made.toggle("architecture.filters")
    made.type("architecture.filters", "8, 16")
    assert made.study().space["architecture.filters"] == Integer(low=8, high=16)
    deep = StudyDraft(presets.load("deep"), set())
    names = [row.name for row in deep.fields if row.name.startswith("architecture.")]
    assert any(name.endswith(".filters") for name in names)
    deep.toggle(names[0])
    assert deep.problem == ""


def test_ways_to_vary_follow_the_kind_of_the_setting() -> None:
    made = draft()
    assert made.kinds("eta_max") == ("choice", "linear", "log")
    assert made.kinds("batch_size") == ("choice", "integer", "integer log")
    assert made.kinds("schedule") == ("choice",)
    low, high = "0.01", "0.1"
    made.type("eta_max", f"{low} to {high}")
    assert made.study().space["eta_max"] == Log(low=0.01, high=0.1)
    made.step("eta_max", -1)
    assert made.study().space["eta_max"] == Linear(low=0.01, high=0.1)
    made.step("eta_max", -1)
    assert made.study().space["eta_max"] == Choice(values=(0.01, 0.1))


def test_a_condition_is_typed_behind_the_bounds() -> None:
    made = draft()
    made.toggle("schedule")
    made.type("schedule", "cosine, constant")
    made.type("eta_max", "0.01, 0.1 when schedule=cosine")
    assert made.problem == ""
    assert made.study().space["eta_max"].when == {"schedule": ("cosine",)}


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("eta_max", "0.1, 0.01", "its lower bound 0.1 is not below the upper"),
        ("eta_max", "0.1", "log takes a lower and an upper bound"),
        ("trials", "0", "0 is below its range"),
        ("seeds", "1, 1", "1 is there twice"),
        ("seeds", "x", "'x' is no seed"),
        ("amount", "-3", "-3 is not a number above 0"),
        ("hours", "soon", "'soon' is not a number above 0"),
    ],
)
def test_what_cannot_be_says_why(name: str, text: str, reason: str) -> None:
    made = draft()
    found = made.reason(name, text)
    assert found is not None
    assert reason in found
    made.type(name, text)
    assert reason in made.problem
    with pytest.raises(SettingError):
        made.study()
    made.undo()
    assert made.problem == ""
    made.redo()
    assert made.problem
    made.reset(name)
    assert made.problem == ""


def test_a_reason_is_only_that_of_the_row() -> None:
    made = draft()
    made.type("trials", "0")
    assert made.reason("seeds", "0, 1") is None


def test_nothing_that_varies_is_said() -> None:
    made = draft()
    made.toggle("eta_max")
    assert "nothing varies" in made.problem


def test_names_of_other_studies_are_not_taken() -> None:
    made = StudyDraft(ARCH_2, {"arch-2", "arch-2-2"})
    assert made.text("name") == "arch-2-3"
    assert made.reason("name", "arch-2") == "there is a study of this name; give it another"
    for name, stands in (("latest", "the newest study"), ("12", "the number of a study")):
        assert made.reason("name", name) == f"it stands for {stands}; give it another"


def test_budget_sampler_and_pruning_are_in_the_study() -> None:
    made = draft()
    made.step("budget", 1)
    made.type("amount", "900")
    made.step("sampler", 1)
    made.step("pruning", 1)
    made.type("hours", "0.5")
    study = made.study()
    assert (study.updates, study.epochs, study.sampler) == (900, None, "tpe")
    assert study.pruning.kind == "median"
    assert study.wall_seconds == 1800


def test_another_budget_is_as_much_training() -> None:
    made = StudyDraft(ARCH_2, set())
    epochs = float(made.text("amount"))
    made.step("budget", 1)
    assert made.problem == ""
    images = made.experiment.data.training - int(made.text("validation_size"))
    each = images // made.experiment.batch_size
    assert int(made.text("amount")) == round(epochs * each)
    made.step("budget", 1)
    assert float(made.text("amount")) == pytest.approx(epochs, rel=0.01)


@pytest.mark.parametrize("name", ["trials", "pruning"])
def test_the_form_says_what_importance_needs(name: str) -> None:
    assert "importance needs 20" in draft().field(name).meaning

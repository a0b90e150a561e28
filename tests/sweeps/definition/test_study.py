"""Studies: what they draw and train, and what is refused when they are read."""

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from core.config import presets
from core.config.experiment import Experiment
from core.settings import SettingError
from core.sweeps.definition.study import Study
from tests.sweeps.made import SPACE, study

STUDIES = Path(__file__).parents[3] / "docs" / "studies"
"""Studies that chose the shipped recipes, with a record of the trials of each."""
TRAINED = Path(__file__).parents[2] / "fixtures" / "studies"
"""The settings that their trials were trained with."""

NAMES = ("best-short", "best")


@pytest.mark.parametrize("name", NAMES)
def test_studies_of_earlier_versions_draw_and_train_what_they_did(name: str) -> None:
    read = Study.read(STUDIES / f"{name}.toml")
    recorded = json.loads((TRAINED / f"{name}.json").read_text())
    assert len(recorded) == read.trials
    start = presets.load(read.preset or "")
    for row in recorded:
        drawn = read.drawn(row["trial"])
        # Equal in type, too: 1 and 1.0 are equal, and would be written differently.
        assert repr(drawn) == repr(row["settings"])
        made = read.experiment(drawn, 0, "cifar10", 45_000)
        assert made.total_updates == row["updates"]
        wanted = start.changed(**row["experiment"])
        beside = {"name": "", "evaluate_every": 0}
        assert made.model_copy(update=beside) == wanted.model_copy(update=beside)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_on_record_is_what_a_study_draws(name: str) -> None:
    read = Study.read(STUDIES / f"{name}.toml")
    with (STUDIES / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert rows
    for row in rows:
        drawn = read.drawn(int(row["trial"]))
        assert {setting: row[setting] for setting in drawn} == {n: str(v) for n, v in drawn.items()}
        experiment = read.experiment(drawn, int(row["seed"]), "cifar10", 45_000)
        assert int(row["updates"]) == experiment.total_updates


@pytest.mark.parametrize("schedule", ["cyclical", "one-cycle", "cosine", "step", "constant"])
@pytest.mark.parametrize(("cycles", "growth"), [(1, 1.0), (3, 1.0), (4, 2.0), (3, 0.5)])
def test_trials_end_at_their_budget_whatever_their_schedule(
    schedule: str, cycles: int, growth: float
) -> None:
    slack = sum(growth**cycle for cycle in range(cycles)) + cycles
    fixed = {"schedule": schedule, "cycles": cycles, "growth": growth, "max_updates": 7}
    with pytest.raises(SettingError, match=r"^fixed\.max_updates: leave it out"):
        study(fixed=fixed)
    del fixed["max_updates"]
    made = study(epochs=None, updates=1234, fixed=fixed)
    ends = [made.experiment(made.drawn(k), 0).total_updates for k in range(5)]
    assert all(abs(end - 1234) <= slack for end in ends)
    made = study(epochs=3, fixed=fixed)
    for k in range(5):
        experiment = made.experiment(made.drawn(k), 0, "cifar10", 45_000)
        wanted = 45_000 // experiment.batch_size * 3
        assert abs(experiment.total_updates - wanted) <= slack


def test_without_a_budget_trials_see_as_many_images_as_the_run_they_start_from() -> None:
    made = study(epochs=None)
    images = made.start.total_updates * made.start.batch_size
    for k in range(6):
        experiment = made.experiment(made.drawn(k), 0)
        seen = experiment.total_updates * experiment.batch_size
        assert seen == pytest.approx(images, rel=0.01)


def test_a_base_limited_in_updates_limits_no_trial() -> None:
    base = Experiment.of({"max_updates": 50}).model_dump(mode="json")
    made = study(preset=None, base=base, epochs=1)
    assert made.experiment(made.drawn(0), 0).total_updates > 50


@pytest.mark.parametrize("kind", ["halving", "median"])
def test_rungs_are_evaluations_and_the_last_is_the_end(kind: str) -> None:
    made = study(pruning=kind)
    for k in range(6):
        experiment = made.experiment(made.drawn(k), 0)
        *rungs, end = made.rungs(experiment)
        assert end == experiment.total_updates
        assert len(rungs) + 1 == len(made.shares)
        assert all(rung % experiment.evaluate_every == 0 for rung in rungs)
        for rung, share in zip(rungs, made.shares, strict=False):
            assert rung / end == pytest.approx(share, abs=0.03)


def test_a_first_rung_in_updates_is_the_same_for_all() -> None:
    made = study(epochs=None, updates=2000, pruning={"kind": "halving", "first": 200, "factor": 3})
    assert made.shares == (0.1, 0.3, 1)
    assert {made.rungs(made.experiment(made.drawn(k), 0))[0] for k in range(5)} == {200}


def test_a_trial_is_the_same_alone_and_among_others() -> None:
    made = study()
    assert made.drawn(7) == study(trials=3, finalists=1).drawn(7)
    assert made.drawn(7) != made.drawn(6)
    assert made.drawn(7) != study(name="another").drawn(7)


def test_a_definition_and_a_text_keep_everything() -> None:
    space = {
        **SPACE,
        "optimiser": {"choice": ["sgd", "adamw"]},
        "momentum": {"linear": [0.5, 0.99], "when": {"optimiser": ["sgd"]}},
        "copies": {"integer": [1000, 50_000], "log": True},
        "architecture": {"1": {"filters": {"integer": [3, 9]}}},
        "architecture.2": {"choice": [{"kind": "relu"}, [{"kind": "gelu"}, {"kind": "dropout"}]]},
    }
    fixed = {"architecture": "8x8/3/5", "schedule": "cosine"}
    pruning = {"kind": "halving", "first": 0.15, "factor": 3}
    made = study(space=space, fixed=fixed, pruning=pruning, wall_seconds=60.5, sampler="tpe")
    definition = json.loads(json.dumps(made.definition()))
    assert Study.of(definition) == made
    assert Study.from_toml(made.to_toml(), made.name) == made
    assert "architecture.1.filters = { integer = [3, 9] }" in made.to_toml()
    assert [Study.of(definition).drawn(k) for k in range(9)] == [made.drawn(k) for k in range(9)]


def test_a_copy_with_other_values_is_checked() -> None:
    made = study()
    assert made.cohort == made.trials
    assert made.changed(trials=5).cohort == 5
    with pytest.raises(SettingError, match="finalists"):
        made.changed(trials=1)


def test_symbols_are_read_as_names_and_never_written() -> None:
    space = {"lambda": {"choice": [1e-5, 1e-3]}, "eta_max": {"log": [0.01, 0.1]}}
    space["eta_max"]["when"] = {"lambda": [1e-5]}
    made = study(space=space, fixed={"mu": 0.9})
    assert {name for number in range(9) for name in made.drawn(number)} == {
        "weight_decay", "eta_max",
    }  # fmt: skip
    assert made.start.momentum == 0.9
    based = study(preset=None, base={"lambda": 0.01, "mu": 0.8})
    assert (based.start.weight_decay, based.start.momentum) == (0.01, 0.8)
    for each in (made, based):
        words = each.to_toml() + json.dumps(each.definition())
        assert not any(f"{symbol} =" in words for symbol in ("lambda", "mu"))
        assert '"lambda"' not in words
        assert Study.of(each.definition()) == each


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "unknown": ({"space": {"eta_mx": {"log": [0.1, 1]}}}, "space.eta_mx: there is no such setting; "
                "did you mean 'eta_max'?"),
    "unknown, fixed": ({"fixed": {"momentun": 1}}, "fixed.momentun: there is no such setting; "
                       "did you mean 'momentum'?"),
    "unknown key": ({"trails": 3}, "trails: there is no such setting; did you mean 'trials'?"),
    "range": ({"space": {"momentum": {"linear": [0.5, 2]}}},
              "space.momentum: 2 is above its range; it goes from 0 to 0.999"),
    "range of choice": ({"space": {"batch_size": {"choice": [0, 5]}}}, "batch_size: 0 is below"),
    "word": ({"space": {"schedule": {"choice": ["cosine", "lineer"]}}},
             "space.schedule: 'lineer' is none of cyclical"),
    "number of words": ({"space": {"schedule": {"linear": [0, 1]}}}, "write { choice = [...] }"),
    "fraction": ({"space": {"batch_size": {"linear": [1, 5]}}}, "write integer in place of linear"),
    "empty": ({"space": {"batch_size": {"choice": []}}}, "a choice is a list of 1 value at least"),
    "twice": ({"space": {"batch_size": {"choice": [50, 50]}}}, "its choices have 50 twice"),
    "order": ({"space": {"eta_max": {"log": [0.1, 0.01]}}}, "lower bound 0.1 is not below"),
    "equal": ({"space": {"eta_max": {"log": [0.1, 0.1]}}}, "lower bound 0.1 is not below"),
    "logarithm": ({"space": {"weight_decay": {"log": [0, 0.1]}}}, "a logarithm begins above 0"),
    "one bound": ({"space": {"eta_max": {"log": [0.1]}}}, "log takes a lower and an upper bound"),
    "halves": ({"space": {"cycles": {"integer": [1.5, 3]}}}, "integer takes whole numbers"),
    "no way": ({"space": {"eta_max": {"normal": [0, 1]}}}, "it says not how it varies"),
    "two ways": ({"space": {"eta_max": {"log": [1, 2], "linear": [1, 2]}}}, "two ways at once"),
    "a number": ({"space": {"eta_max": 0.1}}, "says not how it varies; write { log"),
    "no space": ({"space": {}}, "space: nothing varies"),
    "both": ({"fixed": {"eta_max": 0.1}}, "space.eta_max: eta_max is fixed; leave one of them out"),
    "by symbol": ({"space": {"mu": {"choice": [0.1]}, "momentum": {"choice": [0.1]}}},
                  "is the same setting as momentum"),
    "whole and part": ({"space": {"architecture": {"choice": ["4x4/10/50"]},
                                  "architecture.hidden": {"choice": [5]}}}, "part of each other"),
    "seed": ({"space": {"seed": {"choice": [1, 2]}}}, "space.seed: leave it out; write seeds"),
    "name": ({"fixed": {"name": "x"}}, "fixed.name: leave it out"),
    "images": ({"space": {"validation_size": {"integer": [100, 200]}}}, "same validation images"),
    "data": ({"space": {"dataset": {"choice": ["cifar10", "synthetic"]}}}, "it cannot vary"),
    "pointless": ({"space": {"health": {"choice": ["off", "dense"]}}}, "it changes no result"),
    "length": ({"space": {"half_cycle": {"integer": [5, 9]}}}, "it follows from epochs or updates"),
    "seeds": ({"seeds": [1, 2, 1]}, "seeds: 1 is there twice"),
    "no seeds": ({"seeds": []}, "seeds: write a list of 1 seed at least"),
    "negative seed": ({"seeds": [-1]}, "seeds: -1 is no seed"),
    "finalists": ({"trials": 4, "finalists": 5}, "5 finalists cannot be the best of 4 trials"),
    "no trial": ({"trials": 0}, "trials: 0 is below its range"),
    "number as text": ({"trials": "2"}, "trials: '2' is not a whole number; it goes from 1 to"),
    "truth for a number": ({"finalists": True}, "finalists: true is not a whole number"),
    "point": ({"trials": 2.0}, "trials: 2.0 is not a whole number; write 2"),
    "images as text": ({"validation_size": "500"}, "validation_size: '500' is not a whole number"),
    "name as number": ({"preset": 2}, "preset: 2 is not text"),
    "time as text": ({"wall_seconds": "60"}, "wall_seconds: '60' is not a number above 0"),
    "seed as text": ({"seeds": ["0"]}, "seeds: '0' is no seed"),
    "sampler, truth": ({"sampler": True}, "sampler: true is none of random, tpe"),
    "rung as text": ({"pruning": {"kind": "halving", "first": "0.1"}},
                     "pruning.first: '0.1' is not a number"),
    "factor as truth": ({"pruning": {"kind": "halving", "factor": True}},
                        "pruning.factor: true is not a whole number"),
    "factor with a point": ({"pruning": {"kind": "halving", "factor": 3.0}},
                            "pruning.factor: 3.0 is not a whole number; write 3"),
    "bound as text": ({"space": {"eta_max": {"log": ["0.1", 1]}}},
                      "space.eta_max: its bounds are numbers, and '0.1' is none"),
    "bound as truth": ({"space": {"cycles": {"integer": [True, 3]}}}, "numbers, and true is none"),
    "whole bounds": ({"space": {"cycles": {"integer": [1.0, 3.0]}}}, "whole numbers, not 1.0 and"),
    "log of integer": ({"space": {"cycles": {"integer": [1, 3], "log": "yes"}}},
                       "space.cycles: log beside integer is true or false, not 'yes'"),
    "truth as condition": ({"space": {"cycles": {"choice": [1, 2]}, "growth":
                           {"linear": [1, 2], "when": {"cycles": [True]}}}}, "it never is"),
    "budgets": ({"updates": 100}, "epochs and updates both say"),
    "too large": ({"wall_seconds": 10**400}, "a number of more than 30 digits is not"),
    "date as condition": ({"space": {"eta_max": {"log": [0.01, 0.1], "when": date(2020, 1, 1)}}},
                  "when is a table of values, such as { optimiser = [\"sgd\"] }, not 2020-01-01"),
    "no epochs": ({"epochs": 0}, "epochs: 0 is not a number above 0"),
    "updates": ({"epochs": None, "updates": 1.5}, "updates: 1.5 is not a whole number above 0"),
    "too long": ({"epochs": 1e6}, "a run takes 10,000,000 at most"),
    "too short": ({"epochs": None, "updates": 2, "pruning": "median"}, "too short for"),
    "preset": ({"preset": "arch-99"}, "preset: there is no preset 'arch-99'"),
    "no preset": ({"preset": ""}, "preset: there is no preset ''"),
    "base": ({"base": {}}, "preset and [base] both say"),
    "wrong base": ({"preset": None, "base": {"eta_max": -1}}, "base.eta_max: -1 is below"),
    "sampler": ({"sampler": "grid"}, "sampler: 'grid' is none of random, tpe"),
    "pruning": ({"pruning": "hyperband"}, "pruning.kind: 'hyperband' is none of none, halving"),
    "pruning, number": ({"pruning": 3}, "pruning: 3 is no pruning"),
    "factor": ({"pruning": {"kind": "halving", "factor": 1}}, "pruning.factor: 1 is below"),
    "late rung": ({"epochs": None, "updates": 50, "pruning": {"kind": "median", "first": 60}},
                  "pruning.first: a trial ends at 50 updates"),
    "rung in updates": ({"pruning": {"kind": "halving", "first": 60}}, "unlike shares"),
    "condition": ({"space": {**SPACE, "momentum": {"choice": [0.1], "when": {"optimiser": "sgd"}}}},
                  "its condition is on optimiser, which does not vary"),
    "condition on a number": (
        {"space": {**SPACE, "momentum": {"choice": [0.1], "when": {"eta_max": [0.1]}}}},
        "only a choice or an integer can be"),
    "condition never met": (
        {"space": {**SPACE, "momentum": {"choice": [0.1], "when": {"batch_size": [7]}}}},
        "batch_size is 7, which it never is"),
    "circle": ({"space": {"cycles": {"choice": [1, 2], "when": {"largest_shift": [1]}},
                          "largest_shift": {"choice": [1, 2], "when": {"cycles": [1]}}}},
               "conditions lead back to where they began: "),
    "not together": ({"space": {"batch_size": {"choice": [1]}}}, "trial 0 cannot be trained: "),
    "impossible": ({"space": {"architecture": {"choice": ["64x64/5/5"]}}}, "trial 0 cannot be"),
    "layer": ({"space": {"architecture.9.units": {"integer": [1, 5]}}}, "layers go from 1 to 5"),
    "setting of a layer": ({"space": {"architecture.1.filtrs": {"integer": [1, 5]}}},
                           "space.architecture.1.filtrs: there is no such setting; did you mean "
                           "'filters'?"),
    "range of a layer": ({"space": {"architecture.1.filters": {"integer": [1, 5000]}}},
                         "5000 is above its range; it goes from 1 to 1,024"),
    "kind of a layer": ({"space": {"architecture.2.kind": {"choice": ["gelu"]}}}, "whole layers"),
    "no layer": ({"space": {"architecture.2": {"choice": [{"kind": "rulu"}]}}}, "no layer 'rulu'"),
    "part": ({"space": {"architecture.width": {"integer": [1, 5]}}}, "there is no such part"),
    "no short form": ({"preset": "lenet", "space": {"architecture.hidden": {"integer": [1, 5]}}},
                      "the architecture has no short form"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said_in_one_sentence(case: str) -> None:
    values, sentence = WRONG[case]
    with pytest.raises(SettingError) as caught:
        study(**values)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "Value error" not in str(caught.value)


WRONG_IN_A_FILE: dict[str, tuple[dict[str, Any], str]] = {
    "text among choices": ({"space": {"batch_size": {"choice": ["50", 100]}}},
                           "space.batch_size: '50' is text, not a whole number; leave the quotes"),
    "point among choices": ({"space": {"batch_size": {"choice": [50.0]}}},
                            "space.batch_size: 50.0 is not a whole number; write 50"),
    "fixed as text": ({"fixed": {"momentum": "0.9"}}, "fixed.momentum: '0.9' is text, not a"),
    "base as text": ({"preset": None, "base": {"copies": "9"}}, "base.copies: '9' is text, not a"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG_IN_A_FILE)
def test_numbers_in_a_file_are_written_as_numbers(case: str) -> None:
    values, sentence = WRONG_IN_A_FILE[case]
    with pytest.raises(SettingError) as caught:
        Study.from_toml(study(**values).to_toml(), "mine")
    assert sentence in str(caught.value)


def test_a_file_is_named_in_its_errors(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("trials = 0\n[space]\neta_max = { log = [0.01, 0.1] }\n")
    with pytest.raises(SettingError) as caught:
        Study.read(path)
    assert str(caught.value).startswith(f"{path}: trials: 0 is below its range")
    path.write_text("trials = ")
    with pytest.raises(SettingError, match="is not TOML"):
        Study.read(path)
    path.write_text("[space]\neta_max = { log = [0.01, 0.1] }\n")
    assert Study.read(path).name == "mine"


@pytest.mark.parametrize("preset", presets.ORDER)
def test_a_study_around_a_run_can_be_run_and_written(preset: str) -> None:
    made = Study.around(presets.load(preset), "around")
    assert Study.from_toml(made.to_toml(), "around") == made
    eta, bounds = made.start.eta_max, made.space["eta_max"].table()["log"]
    assert bounds[0] < eta < bounds[1]
    assert made.start == presets.load(preset)
    short = presets.load(preset).short_form
    assert short is None or f'architecture = "{short}"' in made.to_toml()


@pytest.mark.parametrize(
    "values",
    [
        {"eta_max": 10.0, "eta_min": 9.0},
        {"eta_max": 1e-7, "eta_min": 0.0},
        {"weight_decay": 10.0},
        {"weight_decay": 0.0},
        {"batch_size": 2000, "augmentation": "fresh", "largest_shift": 16},
        {"batch_size": 1, "shards": 1, "half_cycle": 1, "cycles": 1},
        {"dataset": "synthetic", "validation_size": 1000},
    ],
)
def test_a_study_around_a_run_at_the_ends_of_ranges_is_valid(values: dict[str, Any]) -> None:
    made = Study.around(Experiment.of(values), "around")
    assert Study.of(made.definition()) == made


def test_a_study_saved_with_quoted_numbers_goes_on() -> None:
    values = study(trials=2, fixed={"momentum": "0.5"}).definition()
    assert Study.of(values).fixed == {"momentum": "0.5"}
    with pytest.raises(SettingError, match="leave the quotes out"):
        Study.from_toml(Study.of(values).to_toml(), "again")


@pytest.mark.parametrize(("name", "stands"), [("latest", "the newest"), ("12", "the number of a")])
def test_no_study_has_a_name_that_stands_for_another(name: str, stands: str) -> None:
    with pytest.raises(SettingError, match=f"{name} stands for {stands} study; rename the file"):
        Study.from_toml(study().to_toml(), name)


def test_an_empty_base_is_written() -> None:
    made = study(preset=None, base={})
    assert Study.from_toml(made.to_toml(), made.name) == made

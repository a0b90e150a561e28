"""Tests of `convsole settings`."""

import json

import pytest

from core.config.experiment import FIELDS, Experiment
from core.layers.registry import kinds
from core.settings import settings_of
from core.training.health_thresholds import THRESHOLDS
from tests.tui.cli.commands import refused, run


def test_every_setting_is_listed_with_default_range_and_meaning() -> None:
    text = run("settings").stdout
    for each in FIELDS:
        assert f"  {each.name} " in text
        assert each.range_and_unit() in text
        assert each.meaning in text
    assert "weight_decay (lambda) = 0.003   0 to 10" in text
    assert text.count("\n") == 2 * len(FIELDS) + len({each.group for each in FIELDS}) + 5


def test_json_has_what_the_model_has() -> None:
    found = {
        each["name"]: each for each in json.loads(run("settings", "--json").stdout)["settings"]
    }
    assert list(found) == [each.name for each in FIELDS]
    assert found["eta_max"]["default"] == Experiment().eta_max
    assert (found["eta_max"]["low"], found["eta_max"]["high"]) == (1e-7, 10)
    assert found["optimiser"]["choices"] == ["sgd", "adamw"]
    assert found["half_cycle"]["unit"] == "updates"


@pytest.mark.parametrize("kind", kinds())
def test_a_kind_of_layer_has_settings_of_its_own(kind: str) -> None:
    result = run("settings", kind)
    assert result.exit_code == 0
    for each in settings_of(kinds()[kind]):
        assert each.meaning in result.stdout
    if kind == "residual":
        assert "layers required" in result.stdout
    elif not settings_of(kinds()[kind]):
        assert result.stdout == "it has no settings\n"


def test_what_is_no_layer_is_told() -> None:
    assert "there is no layer 'cnov'; there are conv, " in refused(run("settings", "cnov"))


def test_the_thresholds_of_the_warnings_are_listed() -> None:
    text = run("settings", "health").stdout
    for each in THRESHOLDS:
        assert f"  {each.name} = " in text
        assert each.meaning in text
    found = json.loads(run("settings", "health", "--json").stdout)["settings"]
    assert [each["name"] for each in found] == [each.name for each in THRESHOLDS]

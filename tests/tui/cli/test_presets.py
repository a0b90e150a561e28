"""Tests of `convsole presets`: the list, and one preset as settings."""

import json

from core.config import presets
from core.config.experiment import Experiment
from tests.tui.cli.commands import run


def test_presets_are_listed_and_printed_as_settings() -> None:
    listed = run("presets").stdout
    assert "final" in listed
    assert "24,000 updates" in listed
    printed = run("presets", "lenet").stdout
    assert Experiment.from_toml(printed).name == "lenet"
    assert run("presets", "nope").exit_code == 2


def test_presets_are_listed_as_json() -> None:
    listed = json.loads(run("presets", "--json").stdout)["presets"]
    assert [each["name"] for each in listed] == list(presets.ORDER)
    assert all(Experiment.of(each) == presets.load(each["name"]) for each in listed)
    assert json.loads(run("presets", "lenet", "--json").stdout)["presets"] == listed[10:11]


def test_every_preset_stands_in_the_same_columns() -> None:
    lines = run("presets").stdout.splitlines()
    assert len({line.index(" updates ") for line in lines}) == 1

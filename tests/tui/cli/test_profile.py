"""Tests of `convsole profile`: the table and the JSON."""

import json

from tests.tui.cli.commands import run


def test_the_profile() -> None:
    result = run("profile", "--preset", "arch-2", "--set", "dataset=synthetic")
    assert result.exit_code == 0, result.output
    for word in ("arch-2: one update of 100 images", "normalise", "linear2", "GFLOP/s", "sum"):
        assert word in result.stdout
    result = run("profile", "--preset", "arch-1", "--set", "dataset=synthetic", "--json")
    line = json.loads(result.stdout)
    assert line["name"] == "arch-1"
    assert [row["name"] for row in line["rows"]][:2] == ["normalise", "conv1"]
    assert run("profile", "--preset", "nope").exit_code == 2

"""Tests of what the commands say of the health of a training."""

import json
from pathlib import Path

import pytest

from core.training.health_thresholds import FILE
from tests.tui.cli.commands import SHORT, refused, run, trained

ILL = (
    "--set", "dataset=synthetic", "--set", "max_updates=20", "--set", "schedule=constant",
    "--set", "eta_max=2", "--set", "eta_min=2",
)  # fmt: skip


def test_a_training_that_is_well_says_nothing() -> None:
    assert trained()["warnings"] == []
    assert "warning" not in run("runs", "show", "latest").stdout


@pytest.mark.parametrize("command", [("train", *ILL), ("runs", "show", "latest")], ids=str)
def test_what_makes_it_ill_is_told_in_a_line_each(command: tuple[str, ...]) -> None:
    if command[0] != "train":
        run("train", *ILL)
    lines = run(*command).stdout.splitlines()
    warnings = [line for line in lines if line.startswith("warning: ")]
    assert any("the rate is too high (threshold ratio_high: 0.1; cs231n" in w for w in warnings)
    assert any("of its units never fire since update" in warning for warning in warnings)
    assert "  see https://cs231n.github.io/neural-networks-3/#ratio" in lines


def test_a_training_that_fails_says_why(convsole_home: Path) -> None:
    settings = convsole_home / "leaky.toml"
    settings.write_text(
        '[[architecture]]\nkind = "conv"\nfilter = 8\nfilters = 4\nstride = 8\n'
        '[[architecture]]\nkind = "leakyrelu"\n[[architecture]]\nkind = "linear"\nunits = 10\n'
    )
    more = ("--set", "eta_max=10", "--set", "max_updates=200", "--json")
    failed = run("train", str(settings), *ILL, *more)
    assert failed.exit_code == 1
    line = json.loads(failed.stdout)
    assert {"ratio_high", "gradient"} & {each["threshold"] for each in line["warnings"]}


def test_the_json_has_the_evidence_and_the_latest_row() -> None:
    made = json.loads(run("train", *ILL, "--json").stdout)
    shown = json.loads(run("runs", "show", "latest", "--json").stdout)
    assert shown["warnings"] == made["warnings"]
    high = next(each for each in shown["warnings"] if each["threshold"] == "ratio_high")
    assert (high["quantity"], high["limit"]) == ("ratio", "0.1")
    assert high["evidence"].endswith(".weight")
    assert shown["health"]["update"] == 16
    assert set(shown["health"]["conv1.weight"]) == {"weight", "gradient", "update", "ratio"}
    assert 0 <= shown["health"]["relu1"]["silent"] <= 1


def test_nothing_recorded_is_nothing_shown() -> None:
    trained("--set", "health=off")
    assert json.loads(run("runs", "show", "latest", "--json").stdout)["health"] is None


def test_thresholds_are_options_and_a_file(convsole_home: Path) -> None:
    high = ("--threshold", "ratio_high=1000", "--threshold", "silent=1")
    assert "too high" not in run("train", *ILL, *high).stdout
    assert "too high" in run("runs", "show", "latest").stdout
    assert "too high" not in run("runs", "show", "latest", *high).stdout
    (convsole_home / FILE).write_text("ratio_high = 1000\n")
    assert "too high" not in run("runs", "show", "latest").stdout


@pytest.mark.parametrize("command", [("train", *SHORT), ("runs", "show", "latest")], ids=str)
def test_a_threshold_that_cannot_be_is_refused_before_anything_else(
    command: tuple[str, ...], convsole_home: Path
) -> None:
    assert "there is no such setting" in refused(run(*command, "--threshold", "silnet=1"))
    assert "above its range" in refused(run(*command, "--threshold", "silent=2"))
    (convsole_home / FILE).write_text("silent = 2")
    assert str(convsole_home / FILE) in refused(run(*command))
    assert not (convsole_home / "saved_models").exists()


def test_a_run_whose_points_are_damaged_is_still_shown(convsole_home: Path) -> None:
    import sqlite3

    trained()
    with sqlite3.connect(convsole_home / "saved_models" / "runs.sqlite3") as connection:
        connection.execute("UPDATE chunks SET rows = rows - 1")
    shown = run("runs", "show", "latest")
    assert shown.exit_code == 0
    assert "is damaged" in shown.stderr
    assert "architecture" in shown.stdout

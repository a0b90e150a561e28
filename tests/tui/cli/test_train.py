"""Tests of `convsole train`: output, streams, exit codes."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.data.home import saved_models_folder
from core.runs.records import RunState
from core.runs.store import Store
from tests.processes import running
from tests.tui.cli.commands import SHORT, one_sentence, run


def test_json_is_one_line_with_the_stated_fields() -> None:
    result = run("train", "--preset", "arch-2", *SHORT, "--seed", "3", "--json")
    assert result.exit_code == 0, result.output
    assert result.stdout.count("\n") == 1
    line = json.loads(result.stdout)
    assert line["preset"] == "arch-2"
    assert line["seed"] == 3
    assert line["updates"] == 30
    assert line["parameters"] == 33_050
    assert line["seconds"] > 0
    for name in ("train_accuracy", "validation_accuracy", "test_accuracy"):
        assert 0 <= line[name] <= 1
    assert line["train_loss"] > 0
    assert line["validation_loss"] > 0


def test_the_run_is_kept_and_copied(tmp_path: Path) -> None:
    out = tmp_path / "out" / "deep"
    result = run("train", *SHORT, "--json", "--out", str(out))
    assert result.exit_code == 0, result.output
    names = {
        "settings.toml",
        "updates.csv",
        "evaluations.csv",
        "health.csv",
        "weights.safetensors",
        "result.json",
    }
    figures = {"loss.png", "accuracy.png", "rate.png", "health.png"}
    assert {file.name for file in out.iterdir()} == names | figures
    private = {file.name for file in out.iterdir() if not file.stat().st_mode & 0o044}
    assert private == {"weights.safetensors"} or os.umask(os.umask(0o022)) & 0o044
    assert len((out / "updates.csv").read_text().splitlines()) == 1 + 30
    assert len((out / "evaluations.csv").read_text().splitlines()) == 1 + 3


def test_a_kept_settings_file_runs_again_to_the_same_result() -> None:
    first = json.loads(run("train", *SHORT, "--json").stdout)
    settings = saved_models_folder() / first["run"] / "settings.toml"
    second = json.loads(run("train", str(settings), "--json").stdout)
    for name in ("train_loss", "validation_loss", "train_accuracy", "test_accuracy"):
        assert second[name] == first[name]
    assert second["run"] != first["run"]


def test_without_json_a_person_reads_the_result() -> None:
    result = run("train", *SHORT)
    assert result.exit_code == 0
    assert "accuracy" in result.stdout
    assert "saved as" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--preset", "nope"), ("nope", "arch-1")),
        (("--preset", ""), ("no preset ''", "arch-1")),
        (("--set", "eta_mx=1"), ("eta_mx", "did you mean 'eta_max'")),
        (("--set", "cycles=3.5"), ("cycles", "whole number")),
        (("--set", "lambda=-1"), ("-1", "range")),
        (("--set", "eta_max"), ("field=value",)),
        (("--set", "architecture=4x4"), ("4x4", "4x4/10/50")),
        (("--set", "architecture=40x40/3/5"), ("layer 1", "40x40", "32x32")),
        (("--data", "no/such/place"), ("no/such/place",)),
        (("no/such/file.toml",), ("no/such/file.toml",)),
        (("a.toml", "--preset", "arch-1"), ("not both",)),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(
    arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    result = run("train", *arguments)
    assert result.exit_code == 2
    sentence = one_sentence(result)
    for word in words:
        assert word in sentence


def test_an_out_folder_that_cannot_be_made_is_said_before_the_training(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    result = run("train", *SHORT, "--out", str(blocked / "deeper"))
    assert result.exit_code == 2
    assert str(blocked) in one_sentence(result)
    assert not saved_models_folder().exists()


def test_a_diverging_run_says_update_rate_and_last_good_loss() -> None:
    result = run("train", *SHORT, "--set", "schedule=constant", "--set", "eta_max=10",
                 "--set", "weight_decay=10", "--json")  # fmt: skip
    assert result.exit_code == 1
    sentence = one_sentence(result)
    for word in ("update", "rate 10", "last loss"):
        assert word in sentence
    assert "error" in json.loads(result.stdout)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_signals_stop_cleanly_and_keep_what_there_is(name: str, tmp_path: Path) -> None:
    settings = ("--set", "dataset=synthetic", "--set", "half_cycle=1000000")
    with running(
        [sys.executable, "-m", "tui", "train", "--json", *settings],
        env={**os.environ, "CONVSOLE_HOME": str(tmp_path)}, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        started = process.stderr.readline()
        assert started.startswith("run arch-2-1")
        process.send_signal(getattr(signal, name))
        output, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    line = json.loads(output)
    assert line["stopped"] is True
    assert line["validation_accuracy"] is line["test_accuracy"] is None
    assert "at_stop" in line
    run = Store(tmp_path / "saved_models").find("arch-2-1")
    assert run.state is RunState.STOPPED
    assert run.result is None, "nobody waits for a measurement after a signal"
    assert line["updates"] == run.updates


def test_a_name_from_a_file_is_no_markup() -> None:
    found = run("train", *SHORT, "--set", "name=x[/y]")
    assert found.exit_code == 0, found.output
    assert "x[/y] on synthetic" in found.stdout

"""The command line: what it prints, where, and how it ends."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner, Result

from core.config.experiment import Experiment
from core.data.home import saved_models_folder
from core.runs.records import RunState
from core.runs.store import Store
from tests.processes import running
from tui.__main__ import main
from tui.cli.app import app

SHORT = ("--set", "dataset=synthetic", "--set", "max_updates=30", "--set", "evaluate_every=10")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def one_sentence(result: Result) -> str:
    """Return the sentence on stderr, having checked that it is one line and no traceback."""
    assert result.exception is None or isinstance(result.exception, SystemExit)
    lines = [line for line in result.stderr.splitlines() if line.startswith("convsole:")]
    assert len(lines) == 1
    assert "Traceback" not in result.stderr
    return lines[0]


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


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["evaluate", "latest", "--out", ""], "what --out is given is empty"),
        (["train", "--data="], "what --data is given is empty"),
        (["predict", "latest", " "], "an argument is empty"),
        (["train", ""], "an argument is empty"),
    ],
)
def test_an_empty_argument_names_nothing(
    arguments: list[str],
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["convsole", *arguments])
    for name in ("stdout", "stderr"):  # which `main` replaces
        monkeypatch.setattr(sys, name, getattr(sys, name))
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 2
    assert capsys.readouterr().err == f"convsole: {words}; fill it in or leave it out\n"


def test_the_run_is_kept_and_copied(tmp_path: Path) -> None:
    out = tmp_path / "out" / "deep"
    result = run("train", *SHORT, "--json", "--out", str(out))
    assert result.exit_code == 0, result.output
    names = {
        "settings.toml",
        "updates.csv",
        "evaluations.csv",
        "weights.safetensors",
        "result.json",
    }
    figures = {"loss.png", "accuracy.png", "rate.png"}
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
    assert "kept as" in result.stdout


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


def test_version() -> None:
    result = run("--version")
    assert result.exit_code == 0
    assert result.stdout.startswith("convsole 0.")


def test_presets_are_listed_and_printed_as_settings() -> None:
    listed = run("presets").stdout
    assert "final" in listed
    assert "24,000 updates" in listed
    printed = run("presets", "lenet").stdout
    assert Experiment.from_toml(printed).name == "lenet"
    assert run("presets", "nope").exit_code == 2


def test_every_preset_stands_in_the_same_columns() -> None:
    lines = run("presets").stdout.splitlines()
    assert len({line.index(" updates ") for line in lines}) == 1


def commands() -> list[tuple[str, ...]]:
    """Return the words of every command, the app and the groups included."""

    def below(group: object, words: tuple[str, ...]) -> list[tuple[str, ...]]:
        inner: dict[str, object] = getattr(group, "commands", {})
        return [words, *(each for name in inner for each in below(inner[name], (*words, name)))]

    return below(get_command(app), ())


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_help_cuts_no_sentence_and_names_what_is_to_be_given(words: tuple[str, ...]) -> None:
    told = CliRunner(env={"COLUMNS": "80"}).invoke(app, [*words, "--help"])
    assert told.exit_code == 0
    assert "..." not in told.stdout.replace("[ARGS]...", "").replace("{IMAGE}...", "")
    assert "[[" not in told.stdout.splitlines()[0]
    options = [line.split("  ")[1] for line in told.stdout.splitlines() if line.startswith("  -")]
    assert not [option for option in options if "<" in option]


def test_without_a_terminal_the_app_says_so() -> None:
    result = run()
    assert result.exit_code == 2
    assert "needs a terminal" in one_sentence(result)


@pytest.mark.parametrize(
    "command",
    [
        ("train", "--set", "max_updates=2"),
        ("gradcheck", "--preset", "arch-1", "--reference", "complex"),
    ],
)
def test_shapes_that_stand_in_for_cifar10_are_told(command: tuple[str, ...]) -> None:
    told = "the built-in shapes stand in"
    result = run(*command)
    assert result.exit_code == 0, result.output
    assert told in result.stderr
    assert told not in run(*command, "--set", "dataset=synthetic").stderr


def test_pixels_that_are_never_looked_at_are_told() -> None:
    told = "layer 1 (conv 5x5, 4 filters, /5): the last 2 rows and columns of its input are never"
    assert told in run("train", *SHORT, "--set", "architecture=5x5/4/10").stderr
    assert "never" not in run("train", *SHORT, "--set", "architecture=8x8/4/10").stderr


def test_a_named_place_without_data_is_bad_input(tmp_path: Path) -> None:
    result = run("data", "info", "--data", str(tmp_path))
    assert result.exit_code == 2
    assert str(tmp_path) in one_sentence(result)


def test_data_that_are_there_are_not_fetched_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from core.data import download, source

    there = source.Description(Path("here"), Path("here"), "binary version, folder", (), (), None)
    monkeypatch.setattr(source, "describe", lambda: there)
    monkeypatch.setattr(download, "fetch", None)
    result = run("data", "fetch")
    assert result.exit_code == 0, result.output
    assert "there already" in result.stdout


def test_data_info_says_what_is_missing_and_what_helps() -> None:
    result = run("data", "info")
    assert result.exit_code == 0
    assert "convsole data fetch" in result.stdout
    line = json.loads(run("data", "info", "--json").stdout)
    assert line["found"] is None
    assert "convsole data fetch" in line["problem"]


def test_a_fetch_without_a_server_is_one_sentence() -> None:
    result = run("data", "fetch", "--url", "http://127.0.0.1:9/cifar.tar.gz")
    assert result.exit_code == 1
    assert "127.0.0.1:9" in one_sentence(result)


@pytest.mark.parametrize("option", [("--data", "there"), ("--threads", "1")])
def test_an_option_before_a_command_is_not_lost_silently(option: tuple[str, str]) -> None:
    found = CliRunner().invoke(app, [*option, "presets"])
    assert found.exit_code == 2
    assert f"{option[0]} before presets would be for the app" in one_sentence(found)
    assert CliRunner().invoke(app, ["presets"]).exit_code == 0

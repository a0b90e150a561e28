"""Tests of `convsole lr-find`: output, streams, exit codes."""

import json
import re
import shlex
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from core.config.experiment import Experiment
from core.training import lr_finder
from core.training.lr_curve import RateCurve
from tests.training.test_lr_curve import curve as made
from tests.tui.cli.commands import one_sentence
from tui.cli.app import app
from tui.cli.inputs import experiment

SMALL = ("--set", "dataset=synthetic", "--set", "architecture=8x8/4/12")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["lr-find", *arguments])


def test_it_measures_and_says_how_to_train_with_the_rates(tmp_path: Path) -> None:
    picture, settings = tmp_path / "rates.png", tmp_path / "rates.toml"
    found = run(*SMALL, "--plot", str(picture), "--write", str(settings))
    assert found.exit_code == 0, found.output
    first, words, command = found.stdout.splitlines()
    assert first == "arch-2: 300 of 300 updates, rates from 1e-5 to 1"
    rate = r"\S+"
    assert re.match(
        rf"the loss falls from a rate of {rate} \(eta_min, lowest rate\) "
        rf"to {rate} \(eta_max, highest rate\)",
        words,
    )
    assert command.startswith(
        "convsole train --set dataset=synthetic --set architecture=8x8/4/12 --set eta_min="
    )
    with Image.open(picture) as image:
        assert image.width > 1000
    changed = Experiment.read(settings)
    assert f"eta_max={changed.eta_max:g}" in command
    assert f"wrote {settings}" in found.stderr


def test_json_has_the_curve() -> None:
    found = run(*SMALL, "--updates", "60", "--low", "1e-4", "--high", "0.5", "--json")
    line = json.loads(found.stdout)
    assert line["updates"] == len(line["rates"]) == len(line["losses"]) == len(line["smoothed"])
    assert line["rates"][0] == 1e-4
    assert line["name"] == "arch-2"


def test_where_nothing_follows_the_exit_code_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    flat = made(falls=(10.0, 100.0), rises=10.0)
    monkeypatch.setattr(lr_finder, "run", lambda *_, **__: flat)
    settings = tmp_path / "rates.toml"
    found = run(*SMALL, "--write", str(settings))
    assert found.exit_code == 1
    assert "does not fall clearly" in found.stdout
    assert not settings.exists()
    assert "was not written" in found.stderr


def test_ctrl_c_prints_what_was_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    import os
    import signal

    def interrupted(*_: object, **__: object) -> RateCurve:
        os.kill(os.getpid(), signal.SIGINT)
        return made()

    monkeypatch.setattr(lr_finder, "run", interrupted)
    found = run(*SMALL)
    assert found.exit_code == 130
    assert "eta_max=" in found.stdout


def test_what_was_stopped_is_printed_and_not_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import os
    import signal

    def interrupted(*_: object, **__: object) -> RateCurve:
        os.kill(os.getpid(), signal.SIGINT)
        whole = made(noise=0.01)
        return RateCurve(whole.rates[:200], whole.losses[:200], 300)

    monkeypatch.setattr(lr_finder, "run", interrupted)
    settings = tmp_path / "rates.toml"
    found = run(*SMALL, "--write", str(settings))
    assert found.exit_code == 130
    assert "it was still falling when it was stopped" in found.stdout
    assert not settings.exists()
    assert "was not written: stopped" in found.stderr


@pytest.mark.parametrize("rates", [("1e-5", "0.1"), ("1e-5", "5e-5"), ("0.5", "0.9")])
def test_the_command_that_it_prints_can_be_run(
    monkeypatch: pytest.MonkeyPatch, rates: tuple[str, str]
) -> None:
    monkeypatch.setattr(lr_finder, "run", lambda *_, **__: made())
    low, high = rates
    found = run(*SMALL, "--set", f"eta_max={high}", "--set", f"eta_min={low}")
    words = shlex.split(found.stdout.splitlines()[-1])
    changes = [words[at + 1] for at, word in enumerate(words) if word == "--set"]
    assert experiment(None, None, changes, None).eta_max == 0.073


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--low", "1", "--high", "0.1"), "the first rate 1 is not below the last, 0.1"),
        (("--high", "20"), "high: 20 is above its range; it goes from 1e-7 to 10"),
        (("--updates", "3"), "updates: 3 is below its range; it goes from 50 to 10,000"),
        (("--plot", "{file}/a.png"), "cannot write {file}/a.png: {file} is no folder"),
        (("--plot", "{file}-no/a.png"), "the folder {file}-no does not exist"),
        (("--write", "{file}"), "{file} is there already; name a new file for the settings"),
        (("--write", "{file}/a.toml"), "cannot write {file}/a.toml: {file} is no folder"),
        (("--write", "{file}-no/a.toml"), "the folder {file}-no does not exist"),
        (("--write", "{file}" + 300 * "x"), "File name too long"),
        (("--plot", "{file}.svg"), "{file}.svg is drawn as PNG; end its name in .png"),
        (("--plot", "{folder}"), "{folder} is a folder; name a file for the picture"),
        (("--plot", "{file}.png", "--write", "{file}.png"), "cannot be both the picture and the"),
        (("--data", "{file}-no"), "{file}-no does not exist"),
    ],
)
def test_bad_input_gets_one_sentence(
    arguments: tuple[str, ...], sentence: str, tmp_path: Path
) -> None:
    file = tmp_path / "there"
    file.write_text("")
    folder = tmp_path / "folder.png"
    folder.mkdir()
    names = {"file": file, "folder": folder}
    found = run(*(each.format(**names) for each in arguments))
    assert found.exit_code == 2
    assert sentence.format(**names) in one_sentence(found)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["folder.png", "there"]

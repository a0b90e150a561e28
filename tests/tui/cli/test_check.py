"""Tests of `convsole check`: table, JSON, exit code."""

import json
import os
import signal
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from core.checks import start
from tests.tui.cli.commands import one_sentence
from tui.cli.app import app

SMALL = ("--set", "dataset=synthetic", "--set", "architecture=8x8/4/12")
NARROW = (
    '[[architecture]]\nkind = "globalpool"\n[[architecture]]\nkind = "linear"\nunits = 1\n'
    '[[architecture]]\nkind = "relu"\n[[architecture]]\nkind = "linear"\nunits = 10\n'
)
"""A network that is too narrow to learn even a few images."""


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["check", *arguments])


def test_the_table_has_every_question_and_its_verdict() -> None:
    result = run(*SMALL)
    assert result.exit_code == 0, result.output
    for word in ("arch-2 on the built-in shapes", "First loss", "ln 10 = 2.30", "loss at most 0.1"):
        assert word in result.stdout
    assert "5 of 5 passed in" in result.stdout


def test_what_fails_is_explained_and_ends_with_1(tmp_path: Path) -> None:
    file = tmp_path / "narrow.toml"
    file.write_text(f'dataset = "synthetic"\n{NARROW}', encoding="utf-8")
    result = run(str(file))
    assert result.exit_code == 1, result.output
    assert "By heart: What cannot learn a few images" in result.stdout
    line = json.loads(run(str(file), "--json").stdout)
    assert line["summary"]["failed"] >= 1
    assert [each["verdict"] for each in line["checks"]][3] == "failed"


def test_a_doubt_alone_is_no_failure() -> None:
    result = run(*SMALL, "--set", "eta_max=10")
    assert result.exit_code == 0, result.output
    assert "4 of 5 passed, 1 doubtful" in result.stdout
    assert "so the rate or the optimiser is at fault" in result.stdout


def test_json_is_one_line_with_the_stated_fields() -> None:
    result = run(*SMALL, "--json")
    assert result.exit_code == 0, result.output
    assert result.stdout.count("\n") == 1
    line = json.loads(result.stdout)
    assert (line["preset"], line["dataset"]) == ("arch-2", "the built-in shapes")
    assert line["summary"] == {"passed": 5, "doubtful": 0, "failed": 0, "complete": True}
    first = line["checks"][1]
    assert first["name"] == "first_loss"
    assert first["chance"] == pytest.approx(2.302585)
    assert {"verdict", "measured", "threshold", "why", "source", "loss"} <= first.keys()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--preset", "nope"), ("nope", "arch-1")),
        (("--set", "architecture=40x40/3/5"), ("layer 1", "40x40", "32x32")),
        (("--data", "no/such/place"), ("no/such/place",)),
        (("no/such/file.toml",), ("no/such/file.toml",)),
        (("a.toml", "--preset", "arch-1"), ("not both",)),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(
    arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    sentence = one_sentence(result)
    for word in words:
        assert word in sentence


def test_an_interrupted_check_prints_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    right = start.run

    def interrupted(*arguments: object, **named: object) -> object:
        os.kill(os.getpid(), signal.SIGINT)
        return right(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(start, "run", interrupted)
    result = run(*SMALL)
    assert result.exit_code == 130
    assert "stopped; 0 of 5 passed" in result.stdout

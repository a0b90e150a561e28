"""Tests of the command line as a whole: help, version, and misplaced arguments."""

import subprocess
import sys

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from tests.tui.cli.commands import one_sentence, run
from tui.__main__ import main
from tui.cli.app import app


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
    for name in ("stdout", "stderr"):  # `main` replaces them
        monkeypatch.setattr(sys, name, getattr(sys, name))
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 2
    assert capsys.readouterr().err == f"convsole: {words}; fill it in or leave it out\n"


def test_version() -> None:
    result = run("--version")
    assert result.exit_code == 0
    assert result.stdout.startswith("convsole 0.")


def commands() -> list[tuple[str, ...]]:
    """Return the arguments of every command, including the app and the groups."""

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


def test_help_waits_for_nothing_heavy() -> None:
    program = (
        "import sys\n"
        "from tui.cli.app import app\n"
        "app(['--help'], standalone_mode=False)\n"
        "heavy = {'numpy', 'pydantic', 'torch', 'matplotlib', 'textual'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=100
    )
    assert done.returncode == 0, done.stderr
    assert "lr-find" in done.stdout


def test_without_a_terminal_the_app_says_so() -> None:
    result = run()
    assert result.exit_code == 2
    assert "needs a terminal" in one_sentence(result)


@pytest.mark.parametrize("option", [("--data", "there"), ("--threads", "1")])
def test_an_option_before_a_command_is_not_lost_silently(option: tuple[str, str]) -> None:
    found = CliRunner().invoke(app, [*option, "presets"])
    assert found.exit_code == 2
    assert f"{option[0]} before presets would be for the app" in one_sentence(found)
    assert CliRunner().invoke(app, ["presets"]).exit_code == 0


@pytest.mark.parametrize("words", [("runs",), ("runs", "show"), ("resume",)])
def test_commands_without_what_they_need_say_so(words: tuple[str, ...]) -> None:
    assert run(*words).exit_code == 2

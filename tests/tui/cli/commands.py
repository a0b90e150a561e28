"""Helpers that run commands in the test process and check their output."""

import json
from typing import Any

from typer.testing import CliRunner, Result

from tui.cli.app import app

SHORT = ("--set", "dataset=synthetic", "--set", "max_updates=30", "--set", "evaluate_every=10")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def train(*arguments: str) -> str:
    """Train for a few updates; return the id of the run."""
    return str(trained(*arguments)["run"])


def trained(*arguments: str) -> dict[str, Any]:
    """Train for a few updates; return the command's JSON output."""
    made = run("train", *SHORT, *arguments, "--json")
    assert made.exit_code == 0, made.output
    line: dict[str, Any] = json.loads(made.stdout)
    return line


def one_sentence(result: Result) -> str:
    """Return the sentence on stderr; assert that it is one line and not a traceback."""
    assert result.exception is None or isinstance(result.exception, SystemExit)
    lines = [line for line in result.stderr.splitlines() if line.startswith("convsole:")]
    assert len(lines) == 1
    assert "Traceback" not in result.stderr
    return lines[0]


def refused(result: Result, code: int = 2) -> str:
    """Return the sentence on stderr; assert that the command printed nothing else."""
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith("convsole: ")
    return lines[0]

"""Tests that a failed figure is only a warning, after results are printed and saved."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from core.benchmark import cases
from core.figures import drawing
from tui.cli.app import app

SMALL = ("--set", "dataset=synthetic", "--set", "architecture=16x16/4/10")
COMMANDS = {
    "train": ("train", *SMALL, "--set", "max_updates=3", "--out", "{}"),
    "evaluate": ("evaluate", "latest", "--out", "{}"),
    "gradcheck": ("gradcheck", *SMALL, "--reference", "complex", "--batch", "2", "--entries", "2",
                  "--out", "{}"),
    "bench": ("bench", "--arch", "arch-1", "--beside", "written", "--updates", "25",
              "--out", "{}"),
    "lr-find": ("lr-find", *SMALL, "--updates", "50", "--plot", "{}/a.png", "--write", "{}/a.toml"),
}  # fmt: skip
FILES = {
    "train": {"settings.toml", "updates.csv", "evaluations.csv", "health.csv", "result.json",
              "weights.safetensors"},
    "evaluate": {"evaluation.json", "evaluation.csv"},
    "gradcheck": {".csv", ".md"},
    "bench": {".csv", ".md"},
    "lr-find": {"a.toml"},
}  # fmt: skip


@pytest.mark.parametrize("command", list(COMMANDS))
def test_the_line_is_out_and_the_files_are_there_before_a_figure_fails(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if command == "evaluate":
        run("train")
    printed: list[str] = []

    def fail(*_: object) -> bytes:
        stdout: Any = sys.stdout
        stdout.flush()
        printed.append(stdout.buffer.getvalue().decode())
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(drawing, "rendered", fail)
    monkeypatch.setattr(cases, "IMAGES", 500)  # 123 MB for each contender otherwise
    result = run(command, tmp_path)
    assert result.exit_code == 0, result.output
    assert isinstance(json.loads(printed[0]), dict)
    assert result.stdout == printed[0]
    warning = result.stderr.splitlines()[-1]
    assert warning.startswith("convsole: ")
    assert "could not be drawn: there is no space left on the disk" in warning
    assert {file.name if file.name in FILES[command] else file.suffix
            for file in tmp_path.iterdir()} == FILES[command]  # fmt: skip


def run(command: str, folder: Path | str = "unused") -> Result:
    words = [word.format(folder) for word in COMMANDS[command]]
    if folder == "unused":
        words = words[: words.index("--out")]
    return CliRunner().invoke(app, [*words, "--json"])


def test_matplotlib_that_cannot_be_imported_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "core.figures.drawing", None)
    result = run("train", tmp_path)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["updates"] == 3
    assert "convsole: the figures could not be drawn: " in result.stderr

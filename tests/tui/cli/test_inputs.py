"""Tests of the notes that commands print about settings and data before they start."""

import os
from pathlib import Path

import pytest

from tests.tui.cli.commands import SHORT, run


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


@pytest.mark.parametrize(
    "words",
    ["lr-find --write {}/best.toml", "lr-find --plot {}/rates.png", "train --out {}"],
)
def test_a_folder_that_may_not_be_written_to_is_refused_at_once(
    words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    result = run(*words.format(tmp_path).split())
    assert result.exit_code == 1
    assert f"convsole: cannot write to {tmp_path}: Permission denied" in result.stderr

"""Tests of `convsole predict`: classes, pictures on a terminal, and unreadable images."""

import contextlib
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.data import synthetic
from tests.tui.cli.commands import run, train, trained


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    rng = np.random.default_rng(0)
    paths = [tmp_path / "one.png", tmp_path / "two.jpg", tmp_path / "three.gif"]
    for number, path in enumerate(paths):
        pixels = rng.integers(0, 256, (40 + number, 50, 3), np.uint8)
        Image.fromarray(pixels).save(path)
    return paths


def test_predictions_are_the_likeliest_first(pictures: list[Path]) -> None:
    made = trained()
    result = run("predict", "latest", *map(str, pictures), "--json", "--top", "10")
    assert result.exit_code == 0, result.output
    assert result.stdout.count("\n") == 1
    line = json.loads(result.stdout)
    assert (line["run"], line["updates"]) == (made["run"], 30)
    assert [each["image"] for each in line["predictions"]] == [str(path) for path in pictures]
    for each in line["predictions"]:
        told = [entry["probability"] for entry in each["classes"]]
        assert told == sorted(told, reverse=True)
        assert sum(told) == pytest.approx(1, abs=1e-5)
        assert {entry["class"] for entry in each["classes"]} == set(synthetic.SHAPES)
    table = run("predict", "latest", str(pictures[0]))
    assert table.exit_code == 0
    rows = [row.split() for row in table.stdout.splitlines()]
    assert rows[0] == [str(pictures[0])]
    first = line["predictions"][0]["classes"]
    assert [row[0] for row in rows[1:]] == [entry["class"] for entry in first[:5]]
    assert rows[1][1:3] == f"{100 * first[0]['probability']:.1f} %".split()


def on_a_terminal(columns: int, *arguments: str, **environment: str) -> str:
    """Return the output on a terminal of `columns` columns, including control sequences."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    own = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "COLUMNS": "", **environment}
    command = [sys.executable, "-m", "tui", *arguments]
    with subprocess.Popen(
        command, stdin=slave, stdout=slave, stderr=slave, env={**os.environ, **own}
    ) as process:
        os.close(slave)
        shown = b""
        with contextlib.suppress(OSError):  # the last writer has closed the terminal
            while part := os.read(master, 65536):
                shown += part
    os.close(master)
    assert process.returncode == 0
    return shown.decode().replace("\r\n", "\n")


def plain(shown: str) -> list[str]:
    return re.sub(r"\x1b\[[0-9;]*m", "", shown).splitlines()


@pytest.mark.parametrize(("columns", "beside"), [(80, True), (120, True), (50, False)])
def test_a_picture_stands_with_its_classes_on_a_terminal(
    tmp_path: Path, columns: int, beside: bool
) -> None:
    train()
    pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    path = tmp_path / "a.png"
    Image.fromarray(pixels).save(path)
    told = json.loads(run("predict", "latest", str(path), "--json").stdout)
    names = [each["class"] for each in told["predictions"][0]["classes"]]
    shown = on_a_terminal(columns, "predict", "latest", str(path))
    first, *lines = plain(shown)
    assert first == str(path)
    assert max(map(len, lines)) <= columns
    assert sum(line.startswith("▀" * 32) for line in lines) == 16
    rows = [line[32:] for line in lines[:5]] if beside else lines[16:]
    assert [row.split()[0] for row in rows] == names
    # The first cell shows the first pixel and the one below it.
    for kind, pixel in ((38, pixels[0, 0]), (48, pixels[1, 0])):
        assert f"{kind};2;{';'.join(map(str, pixel))}" in shown


def test_without_colours_there_is_no_picture(pictures: list[Path]) -> None:
    train()
    for environment in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        shown = on_a_terminal(80, "predict", "latest", str(pictures[0]), **environment)
        assert "▀" not in shown
        assert "%" in shown
    assert "▀" not in run("predict", "latest", str(pictures[0])).stdout


def test_an_image_of_the_set_is_predicted_as_it_was_evaluated(tmp_path: Path) -> None:
    train()
    line = json.loads(run("evaluate", "latest", "--json").stdout)
    worst = line["mistakes"][0]
    image = synthetic.load().test.images[worst["index"]]
    Image.fromarray(image).save(tmp_path / "worst.png")
    told = json.loads(run("predict", "latest", str(tmp_path / "worst.png"), "--json").stdout)
    best = told["predictions"][0]["classes"][0]
    assert best["class"] == worst["predicted"]
    assert best["probability"] == pytest.approx(worst["probability"], abs=1e-5)


@pytest.mark.parametrize("json_too", [True, False])
def test_one_bad_image_does_not_spoil_the_others(pictures: list[Path], json_too: bool) -> None:
    train()
    pictures[1].write_text("no picture")
    more = ["--json"] if json_too else []
    result = run("predict", "latest", *map(str, pictures), "/nowhere", *more)
    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith(f"convsole: {pictures[1]} is no picture")
    assert lines[1] == "convsole: there is no file /nowhere"
    if json_too:
        told = json.loads(result.stdout)["predictions"]
        assert ["error" in each for each in told] == [False, True, False, True]
    else:
        assert str(pictures[0]) in result.stdout
        assert str(pictures[2]) in result.stdout


@pytest.mark.parametrize("top", ["0", "11", "x"])
def test_there_are_ten_classes_at_most(top: str) -> None:
    result = run("predict", "latest", "a.png", "--top", top)
    assert result.exit_code == 2
    assert "--top" in result.stderr

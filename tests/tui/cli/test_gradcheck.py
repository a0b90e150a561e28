"""Tests of `convsole gradcheck`: table, JSON, files, exit code."""

import csv
import json
import sys
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from core.checks import gradients
from tests.tui.cli.commands import one_sentence
from tui.cli.app import app

SMALL = ("--set", "dataset=synthetic", "--reference", "complex", "--entries", "3", "--batch", "2")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["gradcheck", *arguments])


def test_the_table_has_every_tensor_and_its_verdict() -> None:
    result = run(*SMALL)
    assert result.exit_code == 0, result.output
    for word in ("arch-2 against the complex step, float64, 2 images", "input", "linear2.bias"):
        assert word in result.stdout
    assert result.stdout.count("  PASS\n") == 7
    assert "7 of 7 PASS" in result.stdout
    assert "max(1e-6, |a| + |b|)" in result.stdout


def test_json_is_one_line_with_the_stated_fields() -> None:
    result = run(*SMALL, "--preset", "conv1d", "--seed", "5", "--json")
    assert result.exit_code == 0, result.output
    assert result.stdout.count("\n") == 1
    line = json.loads(result.stdout)
    assert (line["preset"], line["reference"], line["dtype"]) == ("conv1d", "complex", "float64")
    assert (line["batch"], line["seed"], line["eps"]) == (2, 5, 1e-6)
    summary = line["summary"]
    assert summary["passed"] is True
    assert summary["max_normwise_error"] == max(row["normwise_error"] for row in line["rows"])
    assert summary["max_relative_error"] == max(row["max_relative_error"] for row in line["rows"])
    assert summary["kink_flips"] is None
    first = line["rows"][1]
    assert first["name"] == "conv1d1.weight"
    assert first["shape"] == [3, 96, 64]
    assert first["verdict"] == "PASS"
    assert len(first["worst_index"]) == 3
    assert first["compared"] == 3


def test_against_pytorch_flips_are_counted() -> None:
    pytest.importorskip("torch", reason="PyTorch is not installed; it is the reference here")
    result = run("--set", "dataset=synthetic", "--batch", "2", "--json")
    assert result.exit_code == 0, result.output
    line = json.loads(result.stdout)
    assert (line["reference"], line["dtype"]) == ("torch", "float32")
    assert line["summary"]["kink_flips"] == max(row["kink_flips"] for row in line["rows"])


def test_a_gradient_that_is_broken_on_purpose_ends_with_1() -> None:
    result = run(*SMALL, "--break", "conv1.weight", "--json")
    assert result.exit_code == 1
    line = json.loads(result.stdout)
    verdicts = {row["name"]: row["verdict"] for row in line["rows"]}
    assert [name for name, verdict in verdicts.items() if verdict == "FAIL"] == ["conv1.weight"]
    assert line["summary"]["passed"] is False
    assert "conv1.weight x 1.001" in run(*SMALL, "--break", "conv1.weight").stdout


def test_a_tolerance_of_ones_own() -> None:
    assert run(*SMALL, "--tolerance", "1e-30").exit_code == 1
    assert run(*SMALL, "--break", "input", "--tolerance", "0.01").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--preset", "nope"), ("nope", "arch-1")),
        (("--reference", "jax"), ("'jax'", "torch, central, complex")),
        (("--dtype", "float16"), ("'float16'", "float32, float64")),
        (("--reference", "central", "--dtype", "float32"), ("central", "double precision")),
        (("--batch", "0"), ("--batch", "1 to 100")),
        (("--seed", "-1"), ("seed", "below its range")),
        (("--images", "cats"), ("'cats'", "data, random, clear")),
        (("--entries", "0"), ("entries", "1 to 10,000")),
        (("--tolerance", "-1"), ("--tolerance", "0 to 1")),
        (("--break", "conv9.weight"), ("conv9.weight", "conv1.weight")),
        (("--set", "architecture=40x40/3/5"), ("layer 1", "40x40", "32x32")),
        (("--data", "no/such/place"), ("no/such/place",)),
        (("no/such/file.toml",), ("no/such/file.toml",)),
        (("a.toml", "--preset", "arch-1"), ("not both",)),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(
    arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    result = (
        run("--set", "dataset=synthetic", *arguments)
        if "--data" not in arguments
        else run(*arguments)
    )
    assert result.exit_code == 2
    sentence = one_sentence(result)
    for word in words:
        assert word in sentence


def test_without_pytorch_the_sentence_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    result = run("--set", "dataset=synthetic")
    assert result.exit_code == 2
    assert "pip install torch" in one_sentence(result)
    assert run(*SMALL).exit_code == 0


def test_files_for_a_spreadsheet_a_page_and_a_slide(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    result = run(*SMALL, "--out", str(out), "--json")
    assert result.exit_code == 0, result.output
    stem = "gradients-arch-2-complex-float64-data-2-0"
    assert sorted(file.name for file in out.iterdir()) == [
        f"{stem}.{e}" for e in ("csv", "md", "png")
    ]
    rows = list(csv.DictReader((out / f"{stem}.csv").read_text().splitlines()))
    told = json.loads(result.stdout)["rows"]
    assert [row["name"] for row in rows] == [row["name"] for row in told]
    assert float(rows[1]["normwise_error"]) == told[1]["normwise_error"]
    page = (out / f"{stem}.md").read_text()
    lines = [line for line in page.splitlines() if line.startswith("|")]
    assert len(lines) == 2 + 7
    assert len({line.count("|") for line in lines}) == 1
    assert "7 of 7 PASS" in page
    with Image.open(out / f"{stem}.png") as picture:
        assert min(picture.size) > 500


def test_a_folder_that_cannot_be_made_is_said_before_the_check(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    result = run(*SMALL, "--out", str(blocked / "deeper"))
    assert result.exit_code == 2
    assert str(blocked) in one_sentence(result)
    assert result.stdout == ""


def test_an_interrupted_check_prints_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    right = gradients.run

    def interrupted(*arguments: object, **named: object) -> object:
        import os
        import signal

        os.kill(os.getpid(), signal.SIGINT)
        return right(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(gradients, "run", interrupted)
    result = run(*SMALL)
    assert result.exit_code == 130
    assert "Cancelled: 0 of 7" in result.stdout

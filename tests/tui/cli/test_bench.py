"""Tests of `convsole bench`: tables, JSON, files, exit codes."""

import json
from pathlib import Path

import pytest

from core.benchmark import saved_results
from core.data import home
from core.runs.folder import locked
from tests.benchmark.made import benchmark
from tests.tui.cli.commands import one_sentence, run

QUICK = ("bench", "--arch", "arch-2", "--beside", "floor", "--updates", "25")


def test_the_table_and_what_it_means() -> None:
    result = run(*QUICK)
    assert result.exit_code == 0, result.output
    for words in ("this ms", "over floor", "arch-2", "Medians of 25 full updates in float32"):
        assert words in result.stdout
    (path,) = saved_results.paths()
    assert str(path) in result.stderr


def test_json_is_one_line_with_the_stated_fields() -> None:
    result = run(*QUICK, "--arch", "arch-1", "--threads", "1", "--json")
    assert result.exit_code == 0, result.output
    assert result.stdout.count("\n") == 1
    line = json.loads(result.stdout)
    assert [case["arch"] for case in line["architectures"]] == ["arch-1", "arch-2"]
    assert line["threads"] == 1
    case = line["architectures"][0]
    assert case["numpy_ms"] > 0
    assert case["over_floor"] == pytest.approx(case["numpy_ms"] / case["floor_ms"])
    assert case["torch_ms"] is None
    assert case["ratio"] is None
    assert line["machine"]["cores"] >= 1
    assert line["machine"]["torch"] is None


@pytest.mark.parametrize("by_name", [False, True])
def test_an_earlier_result_beside_it_and_files(tmp_path: Path, by_name: bool) -> None:
    path = saved_results.save(benchmark(ours=1e6))
    out = tmp_path / "out"
    earlier = str(path) if by_name else "latest"
    result = run(*QUICK, "--earlier", earlier, "--out", str(out))
    assert result.exit_code == 0, result.output
    assert "earlier ms" in result.stdout
    assert "-100 %" in result.stdout
    assert sorted(file.suffix for file in out.iterdir()) == [".csv", ".md", ".png"]


def test_a_quick_look_says_so_and_is_not_the_latest() -> None:
    assert run(*QUICK).exit_code == 0
    again = run(*QUICK, "--earlier", "latest")
    assert again.exit_code == 2
    assert "but quick looks; name the file of one" in one_sentence(again)
    (path,) = saved_results.paths()
    result = run(*QUICK, "--earlier", str(path))
    assert result.exit_code == 0, result.output
    for words in ("medians, a quick look", "A quick look: fewer than 100", "earlier ms (quick)"):
        assert words in result.stdout
    assert json.loads(run(*QUICK, "--json").stdout)["quick"] is True


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--arch", "arch-8"), ("--arch: ", "arch-8", "conv3x3")),
        (("--updates", "1"), ("updates", "25 to 10,000")),
        (("--threads", "0"), ("threads", "1 to 64")),
        (("--beside", "jax"), ("--beside: ", "'jax'", "all, torch, floor")),
        (("--earlier", "latest"), ("no earlier benchmark",)),
        (("--earlier", "no/such/file"), ("cannot read no/such/file",)),
        (("--data", "no/such/place"), ("no/such/place",)),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(
    arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    result = run("bench", *arguments)
    assert result.exit_code == 2
    for word in words:
        assert word in one_sentence(result)


@pytest.mark.parametrize("command", ["bench", "profile"])
def test_nothing_is_measured_beside_a_training(command: str) -> None:
    folder = home.saved_models_folder() / "final-7"
    folder.mkdir(parents=True)
    with locked(folder):
        result = run(command)
    assert result.exit_code == 2
    assert "final-7 is being trained" in one_sentence(result)
    assert saved_results.paths() == []

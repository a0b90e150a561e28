"""Tests of `convsole evaluate`: output, streams, exit codes."""

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.data import synthetic
from core.data.home import saved_models_folder
from core.predictions import evaluation as evaluations
from core.runs.store import Store
from tests.tui.cli.commands import refused, run, train, trained


def test_json_is_one_line_with_what_the_training_said() -> None:
    made = trained("--seed", "3")
    for split, name in (("test", "test"), ("validation", "validation"), ("train", "train")):
        result = run("evaluate", "latest", "--split", split, "--json")
        assert result.exit_code == 0, result.output
        assert result.stdout.count("\n") == 1
        assert result.stderr == ""
        line = json.loads(result.stdout)
        assert line["run"] == made["run"]
        assert (line["updates"], line["split"], line["dataset"]) == (30, split, "synthetic")
        assert line["accuracy"] == made[f"{name}_accuracy"]
        assert np.array(line["confusion"]).sum() == line["images"]
        assert [entry["class"] for entry in line["classes"]] == list(synthetic.SHAPES)
        assert Path(line["checkpoint"]).is_file()
        if split != "test":
            assert line["loss"] == pytest.approx(made[f"{name}_loss"], rel=1e-12)


def test_a_person_reads_tables() -> None:
    made = trained()
    result = run("evaluate", str(made["run"]))
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0] == f"{made['run']} after 30 updates, 2,000 test images of synthetic"
    assert lines[1].startswith(f"accuracy {100 * made['test_accuracy']:.1f} %, loss ")
    rows = [line.split() for line in lines]
    line = json.loads(run("evaluate", "latest", "--json").stdout)
    synthetic_names = list(synthetic.SHAPES)
    for at, name in enumerate(synthetic_names):
        # The heading of the matrix also begins with a class.
        mine = [row for row in rows if row[:1] == [name] and row[1] != synthetic_names[1]]
        of_class, of_matrix = mine
        assert of_class[1] == "200"
        assert of_class[2:4] == f"{100 * line['classes'][at]['accuracy']:.1f} %".split()
        counts = [0 if cell == "·" else int(cell.replace(",", "")) for cell in of_matrix[1:]]
        assert counts == line["confusion"][at]
    assert "most often taken: " in lines[-1]


def test_the_matrix_fits_a_narrow_terminal() -> None:
    from rich.console import Console

    from tests.figures.test_predictions import evaluated
    from tui.cli.evaluate import _confusion

    found = evaluated()
    for width, heading in (
        (60, "autom"),
        (55, "auto"),
        (45, "aut"),
        (68, "automobi"),
        (80, "automobile"),
    ):
        console = Console(width=width, record=True, file=io.StringIO())
        console.print(_confusion(found, width))
        lines = console.export_text().splitlines()
        assert heading in lines[0].split()
        assert len(lines) == 11
        assert max(map(len, lines)) <= width
        assert "…" not in "".join(lines)


def test_files_are_written_beside_it(tmp_path: Path) -> None:
    train()
    out = tmp_path / "out" / "deep"
    result = run("evaluate", "latest", "--out", str(out), "--json")
    assert result.exit_code == 0, result.output
    assert result.stdout.count("\n") == 1
    assert {path.name for path in out.iterdir()} == {
        "confusion.png", "classes.png", "mistakes.png", "filters.png",
        "evaluation.json", "evaluation.csv",
    }  # fmt: skip
    written = json.loads((out / "evaluation.json").read_text())
    told = json.loads(result.stdout)
    del told["checkpoint"]
    assert written == told
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert str(blocked) in refused(run("evaluate", "latest", "--out", str(blocked)))


def test_a_network_without_filters_says_so(tmp_path: Path) -> None:
    layers = 'architecture = [{kind = "linear", units = 10}]\n'
    (tmp_path / "a.toml").write_text(layers)
    train(str(tmp_path / "a.toml"))
    result = run("evaluate", "latest", "--out", str(tmp_path / "out"))
    assert result.exit_code == 0, result.output
    assert "no filters.png: the first layer with weights (linear 10)" in result.stderr
    assert not (tmp_path / "out" / "filters.png").exists()


def test_the_best_is_another_network() -> None:
    train()
    run_found = Store(saved_models_folder()).find("latest")
    line = json.loads(run("evaluate", "latest", "--best", "--split", "validation", "--json").stdout)
    assert line["updates"] == run_found.best_update
    assert line["accuracy"] == run_found.best_accuracy
    assert line["checkpoint"].endswith("best.safetensors")


def test_data_that_are_not_looked_at_are_told(tmp_path: Path) -> None:
    train()
    result = run("evaluate", "latest", "--data", str(tmp_path))
    assert result.exit_code == 0
    assert f"so {tmp_path} is not looked at" in result.stderr


def test_other_images_than_those_of_the_training_are_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import dataclasses

    train()
    dataset = synthetic.load(1_000)
    moved = dataclasses.replace(dataset, source="elsewhere")
    monkeypatch.setattr(evaluations, "images_of", lambda *what: moved)
    result = run("evaluate", "latest")
    assert result.exit_code == 0
    assert result.stderr == ""
    monkeypatch.setattr(
        evaluations, "images_of", lambda *what: dataclasses.replace(moved, train=moved.test)
    )
    assert (
        "was trained with other images than those of elsewhere" in run("evaluate", "latest").stderr
    )


def test_a_signal_ends_an_evaluation(monkeypatch: pytest.MonkeyPatch) -> None:
    train()
    real = evaluations.evaluate

    def interrupted(*what: object) -> object:
        os.kill(os.getpid(), signal.SIGINT)
        return real(*what)  # type: ignore[arg-type]

    monkeypatch.setattr(evaluations, "evaluate", interrupted)
    result = run("evaluate", "latest", "--json")
    assert result.exit_code == 130
    assert result.stdout == ""


def test_nothing_heavy_is_imported_for_an_answer(convsole_home: Path) -> None:
    train()
    program = (
        "import sys\n"
        "from tui.cli.app import app\n"
        "app(['evaluate', 'latest', '--json'], standalone_mode=False)\n"
        "found = {'torch', 'matplotlib', 'onnx', 'textual'} & set(sys.modules)\n"
        "assert not found, found\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=100
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["updates"] == 30

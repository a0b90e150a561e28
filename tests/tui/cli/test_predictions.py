"""`convsole evaluate`, `predict` and `export`: what they print, where, and how they end."""

import contextlib
import fcntl
import io
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from core.data import synthetic
from core.data.home import saved_models_folder
from core.predictions import evaluation as evaluations
from core.runs.store import Store
from tests.tui.cli.test_app import one_sentence
from tui.cli.app import app

SHORT = ("--set", "dataset=synthetic", "--set", "max_updates=30", "--set", "evaluate_every=10")
COMMANDS = (("evaluate", "{}"), ("predict", "{}", "a.png"), ("export", "{}", "--to", "a.npz"))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def train(*arguments: str) -> dict[str, object]:
    made = run("train", *SHORT, *arguments, "--json")
    assert made.exit_code == 0, made.output
    line: dict[str, object] = json.loads(made.stdout)
    return line


def refused(result: Result) -> str:
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    return one_sentence(result)


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    rng = np.random.default_rng(0)
    paths = [tmp_path / "one.png", tmp_path / "two.jpg", tmp_path / "three.gif"]
    for number, path in enumerate(paths):
        pixels = rng.integers(0, 256, (40 + number, 50, 3), np.uint8)
        Image.fromarray(pixels).save(path)
    return paths


def test_json_is_one_line_with_what_the_training_said() -> None:
    made = train("--seed", "3")
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
    made = train()
    result = run("evaluate", str(made["run"]))
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0] == f"{made['run']} after 30 updates, 2,000 test images of synthetic"
    assert lines[1].startswith(f"accuracy {made['test_accuracy']:.2%}, loss ")
    rows = [line.split() for line in lines]
    line = json.loads(run("evaluate", "latest", "--json").stdout)
    synthetic_names = list(synthetic.SHAPES)
    for at, name in enumerate(synthetic_names):
        # Not the heading of the matrix, which begins with a class too.
        mine = [row for row in rows if row[:1] == [name] and row[1] != synthetic_names[1]]
        of_class, of_matrix = mine
        assert of_class[1] == "200"
        assert of_class[2] == f"{line['classes'][at]['accuracy']:.2%}"
        counts = [0 if cell == "·" else int(cell.replace(",", "")) for cell in of_matrix[1:]]
        assert counts == line["confusion"][at]
    assert "most often taken: " in lines[-1]


def test_the_matrix_fits_a_narrow_terminal() -> None:
    from rich.console import Console

    from tests.figures.test_predictions import evaluated
    from tui.cli import predictions as command

    found = evaluated()
    for width, heading in (
        (60, "autom"),
        (55, "auto"),
        (45, "aut"),
        (68, "automobi"),
        (80, "automobile"),
    ):
        console = Console(width=width, record=True, file=io.StringIO())
        console.print(command._confusion(found, width))
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


def test_a_damaged_checkpoint_is_told_and_then_nothing_is_left() -> None:
    train()
    store = Store(saved_models_folder())
    [path] = store.folder(store.find("latest")).glob("checkpoint-*")
    path.write_bytes(path.read_bytes()[:-1] + b"\0\0")
    for command in COMMANDS:
        sentence = refused(run(*(word.format("latest") for word in command)))
        assert "no checkpoint that can be used" in sentence
        assert "settings.toml" in sentence


def test_predictions_are_the_likeliest_first(pictures: list[Path]) -> None:
    made = train()
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
    assert rows[1][1] == f"{first[0]['probability']:.2%}"


def on_a_terminal(columns: int, *arguments: str, **environment: str) -> str:
    """What a person sees on a terminal of so many columns, with all that steers it."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    own = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "COLUMNS": "", **environment}
    command = [sys.executable, "-m", "tui", *arguments]
    with subprocess.Popen(
        command, stdin=slave, stdout=slave, stderr=slave, env={**os.environ, **own}
    ) as process:
        os.close(slave)
        shown = b""
        with contextlib.suppress(OSError):  # the last writer has gone
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
    # The first cell has the first pixel over the one below it.
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


@pytest.mark.parametrize("suffix", ["safetensors", "npz", "onnx", "csv", "json"])
def test_exports_are_written_once(tmp_path: Path, suffix: str) -> None:
    if suffix == "onnx":
        pytest.importorskip("onnx", reason="onnx is not installed")
    made = train()
    path = tmp_path / f"a.{suffix}"
    nowhere = tmp_path / "mistyped" / path.name
    words = f"the folder {nowhere.parent} does not exist"
    assert words in refused(run("export", "latest", "--to", str(nowhere)))
    assert not nowhere.parent.exists()
    result = run("export", "latest", "--to", str(path))
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    assert f"wrote {path}" in result.stderr
    assert str(made["run"]) in result.stderr
    before = path.read_bytes()
    assert "--force overwrites it" in refused(run("export", "latest", "--to", str(path)))
    assert run("export", "latest", "--to", str(path), "--force").exit_code == 0
    # The archive of NumPy keeps the time at which it was made.
    assert path.read_bytes() == before or suffix == "npz"


def test_endings_are_checked_before_anything_else() -> None:
    assert "choose .safetensors" in refused(run("export", "latest", "--to", "a.pt"))
    assert "leave --best out" in refused(run("export", "x", "--to", "a.csv", "--best"))
    assert "choose train, validation, test" in refused(run("evaluate", "x", "--split", "all"))


def test_references_that_name_no_run_are_told() -> None:
    for command in COMMANDS:
        words = [word.format("x") for word in command]
        assert "there are no runs" in refused(run(*words))
    train()
    for command in COMMANDS:
        words = [word.format("x") for word in command]
        assert "there is no run 'x'" in refused(run(*words))


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


def test_bad_input_leaves_no_traceback(convsole_home: Path) -> None:
    train()
    (convsole_home / "saved_models" / "runs.sqlite3").write_bytes(b"\0" * 5_000)
    for command in COMMANDS:
        sentence = refused(run(*(word.format("latest") for word in command)))
        assert "is damaged" in sentence

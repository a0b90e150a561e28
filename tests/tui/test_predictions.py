"""Predictions on the command line and in the app."""

import json
from pathlib import Path

import pytest
from PIL import Image
from textual.widgets import Static

from core.runs.session import store
from tests.tui.test_app import until
from tests.tui.test_runs_command import refused, run, train
from tests.tui.test_runs_pane import opened
from tui.screens.inspect import InspectScreen
from tui.screens.line import LineScreen
from tui.widgets.picture_grid import PictureGrid


def picture(path: Path, colour: str = "red") -> str:
    Image.new("RGB", (50, 40), colour).save(path)
    return str(path)


def test_evaluate_says_what_the_run_recorded(tmp_path: Path) -> None:
    name = train()
    recorded = store().find(name).result
    assert recorded is not None
    for split in ("test", "validation", "train"):
        result = run("evaluate", name, "--split", split, "--json")
        assert result.exit_code == 0, result.output
        line = json.loads(result.stdout)
        assert len(result.stdout.splitlines()) == 1
        assert line["accuracy"] == recorded[f"{split}_accuracy"]
        assert sum(map(sum, line["confusion"])) == line["images"]
    table = run("evaluate", "latest", "--best", "--out", str(tmp_path / "out"))
    assert table.exit_code == 0
    assert "automobile" in table.stdout
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "confusion.png", "classes.png", "mistakes.png", "filters.png", "evaluation.csv",
        "evaluation.json",
    }  # fmt: skip
    assert "none of test" in refused(run("evaluate", name, "--split", "x"))


def test_predict_goes_on_after_a_file_that_is_no_picture(tmp_path: Path) -> None:
    train()
    good, other = picture(tmp_path / "a.png"), picture(tmp_path / "b.jpg", "blue")
    result = run("predict", "latest", good, other, "--json")
    assert result.exit_code == 0
    line = json.loads(result.stdout)
    assert [answer["image"] for answer in line["images"]] == [good, other]
    chances = list(line["images"][0]["classes"].values())
    assert len(chances) == 5
    assert chances == sorted(chances, reverse=True)
    mixed = run("predict", "latest", str(tmp_path / "no.png"), good, "--top", "2")
    assert mixed.exit_code == 1
    assert "there is no file" in mixed.stderr
    assert len(mixed.stdout.splitlines()) == 3


@pytest.mark.parametrize("ending", ["safetensors", "npz", "onnx", "csv", "json"])
def test_export_writes_and_does_not_write_over(tmp_path: Path, ending: str) -> None:
    if ending == "onnx":
        pytest.importorskip("onnx", reason="onnx is not installed")
    train()
    path = tmp_path / f"a.{ending}"
    assert run("export", "latest", "--to", str(path)).exit_code == 0
    assert path.stat().st_size > 500
    assert "is there already" in refused(run("export", "latest", "--to", str(path)))
    assert run("export", "latest", "--to", str(path), "--force").exit_code == 0


def test_without_the_package_onnx_says_what_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train()
    monkeypatch.setitem(__import__("sys").modules, "onnx", None)
    said = refused(run("export", "latest", "--to", str(tmp_path / "a.onnx")))
    assert "needs the package onnx" in said


async def test_a_run_is_inspected_by_keyboard(tmp_path: Path) -> None:
    train()
    path = picture(tmp_path / "a.png")
    async with opened((100, 30)) as seen:
        app = seen.app
        await seen.come(lambda: seen.table.row_count == 1)
        await seen.press("i")
        await seen.come(lambda: isinstance(app.screen, InspectScreen))
        box = app.screen.query_one("#inspect")
        await seen.come(lambda: "last weights" in str(box.border_title))
        text = "\n".join(str(each.visual) for each in box.query(Static))
        assert text
        await seen.press("v")
        await seen.come(lambda: bool(box.query(PictureGrid)))
        assert "Mistakes" in str(box.border_title)
        await seen.press("v", "b")
        await seen.come(lambda: "Filters" in str(box.border_title))
        await seen.come(lambda: "best weights" in str(box.border_title))
        await seen.press("i")
        await seen.come(lambda: isinstance(app.screen, LineScreen))
        await seen.press(*(tmp_path / "no.png").name, "enter")
        await seen.come(lambda: any("there is no file" in n.message for n in app._notifications))
        await seen.press("i")
        await seen.come(lambda: isinstance(app.screen, LineScreen))
        app.screen.query_one("Input").value = path  # type: ignore[attr-defined]
        await seen.press("enter")
        await seen.come(lambda: "Picture" in str(box.border_title))
        await seen.press("e")
        folder = store().root / "reports" / "arch-2-1-predictions"
        await seen.come(lambda: (folder / "evaluation.csv").exists())
        await seen.press("escape")
        await until(seen.pilot, lambda: not isinstance(app.screen, InspectScreen))

"""Snapshots of the Inspect screen: confusion matrix, worst mistakes, prediction of a picture."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui.inspect.made import InspectStage, fake
from tests.tui.waiting import until
from tui.dialogs.prompt import LineScreen
from tui.inspect.picture_grid import PictureGrid

SIZES = [(80, 24), (120, 40)]


@pytest.fixture(autouse=True)
def same_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    fake(monkeypatch)


async def opened(pilot: Pilot[None], app: InspectStage) -> None:
    """Wait until the evaluation is shown."""
    await until(pilot, lambda: app.view.startswith("Classes"))
    await pilot.pause()


@pytest.mark.parametrize("size", SIZES)
def test_the_confusion_matrix_looks_as_it_should(snap_compare: Any, size: tuple[int, int]) -> None:
    app = InspectStage()
    assert snap_compare(app, terminal_size=size, run_before=lambda pilot: opened(pilot, app))


@pytest.mark.parametrize("size", SIZES)
def test_the_surest_mistakes_look_as_they_should(snap_compare: Any, size: tuple[int, int]) -> None:
    app = InspectStage()

    async def go_on(pilot: Pilot[None]) -> None:
        await opened(pilot, app)
        await pilot.press("v")
        await until(pilot, lambda: app.view.startswith("Mistakes"))
        await until(pilot, lambda: len(app.screen.query_one(PictureGrid).children) == 24)
        await pilot.pause()
        assert app.notified == []

    assert snap_compare(app, terminal_size=size, run_before=go_on)


@pytest.mark.parametrize("size", SIZES)
def test_what_a_picture_is_taken_for_looks_as_it_should(
    snap_compare: Any, size: tuple[int, int], tmp_path: Path
) -> None:
    app = InspectStage()
    image = Image.new("RGB", (48, 32), (30, 90, 160))  # its size needs no interpolation
    image.paste((220, 180, 40), (0, 0, 24, 16))
    image.save(tmp_path / "horse.png")

    async def ask(pilot: Pilot[None]) -> None:
        await opened(pilot, app)
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, LineScreen) and app.focused)
        app.screen.query_one(Input).value = str(tmp_path / "horse.png")
        await pilot.press("enter")
        await until(pilot, lambda: app.view.startswith("Picture"))
        await until(pilot, lambda: bool(app.screen.query(PictureGrid)))
        await pilot.pause()
        assert app.notified == []

    assert snap_compare(app, terminal_size=size, run_before=ask)

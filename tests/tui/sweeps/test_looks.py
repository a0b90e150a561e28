"""Snapshots of the Sweeps pane: the list, a study in each of its pictures, and the form."""

from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot

from core.sweeps.analysis.importance import Importance
from tests.sweeps.made_snapshot import made
from tests.tui.sweeps.made import SweepsStage, several
from tests.tui.waiting import screen_text, until
from tui.sweeps import export
from tui.sweeps.form import StudyForm
from tui.sweeps.pane import SweepsPane
from tui.widgets.plot import Plot

SIZES = [(80, 24), (120, 40)]

SHARES = (
    Importance("eta_max", 0.52, 0.38, 0.67),
    Importance("augmentation", 0.29, 0.13, 0.33),
    Importance("weight_decay", 0.12, 0.05, 0.29),
    Importance("momentum", 0.04, 0.01, 0.15),
    Importance("batch_size", 0.02, 0.0, 0.08),
    Importance("largest_shift", 0.01, 0.0, 0.07),
)


@pytest.fixture(autouse=True)
def shares_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "found", lambda snapshot: SHARES)


@pytest.mark.parametrize("size", SIZES)
def test_the_list_looks_as_it_should(snap_compare: Any, size: tuple[int, int]) -> None:
    app = SweepsStage(*several())

    async def look(pilot: Pilot[None]) -> None:
        await until(pilot, lambda: app.studies.shown)
        await pilot.press("down")
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=look)


@pytest.mark.parametrize("size", [(60, 20), *SIZES, (200, 50)])
@pytest.mark.parametrize("view", ["curves", "coordinates", "slice", "importance", "workers"])
def test_a_study_looks_as_it_should(snap_compare: Any, size: tuple[int, int], view: str) -> None:
    study = made(40)
    app = SweepsStage(study)

    async def look(pilot: Pilot[None]) -> None:
        await until(pilot, lambda: app.studies.shown)
        app.run_live(study)
        await pilot.press("enter")
        await until(pilot, lambda: app.table.count())
        await until(pilot, lambda: app.views.curves.query(Plot))
        while app.views.view != view:
            await pilot.press("v")
        if view == "coordinates":
            await pilot.press("right", "left_parenthesis", "left_parenthesis")
        if view == "importance":
            await until(pilot, lambda: "52 %" in screen_text(app))
        await pilot.press("down")
        await pilot.pause()
        assert app.notified == []

    assert snap_compare(app, terminal_size=size, run_before=look)


@pytest.mark.parametrize("size", SIZES)
def test_the_form_looks_as_it_should(snap_compare: Any, size: tuple[int, int]) -> None:
    app = SweepsStage()

    async def look(pilot: Pilot[None]) -> None:
        await until(pilot, lambda: app.focused is app.studies)
        await pilot.press("a")
        await until(pilot, lambda: isinstance(app.screen, StudyForm))
        await pilot.press(*["down"] * 12, "space", "down", "down", "down")
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=look)


def test_a_study_looks_as_it_should_on_a_light_screen(snap_compare: Any) -> None:
    study = made(40)
    app = SweepsStage(replace(study, live=type(study.live)()))

    async def look(pilot: Pilot[None]) -> None:
        app.theme = "textual-light"
        await until(pilot, lambda: app.studies.shown)
        await pilot.press("enter", "v")
        await until(pilot, lambda: app.table.count())
        await pilot.pause()

    assert isinstance(app.pane, SweepsPane)
    assert snap_compare(app, terminal_size=(120, 40), run_before=look)

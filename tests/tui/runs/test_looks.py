"""Snapshots of the Runs pane: the list, a comparison, and an empty store."""

from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.runs.made import RUNS, RunsStage, kept
from tests.tui.waiting import until

SIZES = [(80, 24), (120, 40)]


async def read(pilot: Pilot[None], app: RunsStage, curves: int) -> None:
    """Wait until the pane shows all runs, and the expected number of curves."""
    await until(pilot, lambda: app.runs.row_count == len(RUNS))
    await until(pilot, lambda: app.curves == curves)
    await pilot.pause()


@pytest.mark.parametrize("size", SIZES)
def test_runs_of_all_states_look_as_they_should(snap_compare: Any, size: tuple[int, int]) -> None:
    app = RunsStage()

    async def go_down(pilot: Pilot[None]) -> None:
        await read(pilot, app, 3)
        await pilot.press("down", "down", "down", "down")
        await pilot.pause()
        assert app.notified == []

    with kept(*RUNS):
        assert snap_compare(app, terminal_size=size, run_before=go_down)


@pytest.mark.parametrize("size", SIZES)
def test_a_comparison_looks_as_it_should(snap_compare: Any, size: tuple[int, int]) -> None:
    app = RunsStage()

    async def see_what_differs(pilot: Pilot[None]) -> None:
        await read(pilot, app, 3)
        await pilot.press("H", "v")
        await until(pilot, lambda: app.details == "Only what differs")
        await pilot.pause()
        assert app.notified == []

    with kept(*RUNS):
        assert snap_compare(app, terminal_size=size, run_before=see_what_differs)


@pytest.mark.parametrize("size", SIZES)
def test_an_empty_store_looks_as_it_should(snap_compare: Any, size: tuple[int, int]) -> None:
    app = RunsStage()

    async def look(pilot: Pilot[None]) -> None:
        await until(pilot, lambda: app.details == "Details")
        await pilot.pause()
        assert app.notified == []

    assert snap_compare(app, terminal_size=size, run_before=look)

"""Snapshots of the Runs pane: the list, a comparison, and an empty store."""

from typing import Any

import pytest
from textual.content import Content
from textual.pilot import Pilot

from tests.tui.runs.made import RUNS, RunsStage, kept
from tests.tui.waiting import until
from tui.runs.compare import RunCompare

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


async def test_the_values_of_every_run_at_an_update_are_those_of_its_points() -> None:
    app = RunsStage()
    with kept(*RUNS):
        async with app.run_test(size=(120, 40)) as pilot:
            await read(pilot, app, 3)
            chart = app.query_one(RunCompare)

            def told() -> str:
                return Content.from_markup(str(chart.border_subtitle)).plain

            await pilot.press("escape")
            before = told()
            await pilot.press("right", "shift+right")
            reading = chart._reading()
            assert reading is not None
            ends = [made.end for made in RUNS if made.marked]
            wanted = [100 * (end - 0.4 / (1 + reading.x / 300)) for end in ends]
            assert [value.y for value in reading.values if value] == pytest.approx(wanted)
            words = "".join(f"   {at} {y:.1f} %" for at, y in enumerate(wanted, 1))
            assert told() == f"update {reading.x:,.0f}{words}"
            # The third run was stopped before.
            await pilot.press("escape", "left")
            assert told().startswith("update 4,800 ")
            assert told().endswith("3 —")
            await pilot.press("H")
            await until(pilot, lambda: "epoch" in str(chart.border_title))
            assert "4,800" not in told()
            assert chart.standing is None, "no epoch was chosen"
            await pilot.press("H", "H", "escape")
            await until(pilot, lambda: told() == before)
            await pilot.hover("#curves #plot", offset=(20, 3))
            await until(pilot, lambda: told().startswith("update "))


@pytest.mark.parametrize("size", SIZES)
def test_an_empty_store_looks_as_it_should(snap_compare: Any, size: tuple[int, int]) -> None:
    app = RunsStage()

    async def look(pilot: Pilot[None]) -> None:
        await until(pilot, lambda: app.details == "Details")
        await pilot.pause()
        assert app.notified == []

    assert snap_compare(app, terminal_size=size, run_before=look)

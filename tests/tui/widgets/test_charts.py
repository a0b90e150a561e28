"""A value lands on the row and the column that the axes say: known points are drawn, and found."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from core import plan as planning
from core.config import presets
from tests.tui.waiting import until
from tests.tui.widgets.drawn_chart import Drawn, Scale
from tui.widgets import rates
from tui.widgets.chart import Chart
from tui.widgets.picture import Curve, Picture
from tui.widgets.plot import Plot

SIZES = [(26, 7), (36, 9), (60, 10), (80, 13), (79, 14), (120, 26), (200, 48)]

LINES: dict[str, tuple[Sequence[float], Sequence[float]]] = {
    "accuracy": ([100, 800, 2400, 4799], [10.0, 33.4, 47.1, 56.3]),
    "loss": ([1, 400, 3000, 4800], [2.41, 1.77, 1.31, 1.18]),
    "rate": ([0, 800, 1600, 2400, 3200, 4000, 4799], [1e-5, 0.1, 1e-5, 0.1, 1e-5, 0.1, 1.2e-4]),
    "on the ticks": ([0, 1000, 2000, 3000], [0.0, 20.0, 40.0, 60.0]),
    "one point": ([600], [1.3]),
    "all equal": ([1, 300, 700], [0.25, 0.25, 0.25]),
    "nothing but zeros": ([1, 300, 700], [0.0, 0.0, 0.0]),
    "all right": ([1, 300, 700], [100.0, 100.0, 100.0]),
    "not finite": ([1, 2, 300, 400, 700], [2.0, np.nan, 1.0, np.inf, 0.5]),
    "huge": ([1, 5000, 31_234], [1e30, 3.3e30, 2e29]),
    "beyond all": ([1, 50, 90], [-1e308, 1e308, 2e307]),
    "tiny": ([1, 50, 90], [1e-30, 3e-30, 2.2e-30]),
    "negative": ([3, 7, 11], [-3.0, -0.5, -7.25]),
    "both signs": ([3, 7, 11], [-3.0, 4.5, -0.25]),
    "far from zero": ([0, 70, 100], [1000.25, 1000.75, 1001.0]),
    "seconds": ([0.5, 3.3, 20.43], [10.0, 30.0, 50.0]),
    "one update": ([1], [2.3]),
}

PERCENT = "accuracy", "on the ticks", "all right"

POSITIVE = [name for name, (_, y) in LINES.items() if np.nanmin(y) > 0] + ["not finite"]


class Stage(App[None]):
    def compose(self) -> ComposeResult:
        yield Chart("Loss", "loss", id="chart")


async def shown(pilot: Pilot[None], picture: Picture, log: bool = False) -> Drawn:
    chart = pilot.app.query_one(Chart)
    if not chart.query(Plot):
        await until(pilot, lambda: bool(chart.query(Plot)))
        chart.styles.border = ("round", "white")
    await pilot.pause()
    chart.set_reactive(Chart.log_scale, log)
    percent = picture.curves[0].name in PERCENT
    chart.quantity = (
        "percent" if percent else "rate" if picture.curves[0].name == "rate" else "loss"
    )
    chart.show_anew(picture)
    await pilot.pause()
    await pilot.pause()
    return Drawn(chart.query_one(Plot))


def picture(name: str, first: float | None = None) -> Picture:
    x, y = (np.asarray(column, float) for column in LINES[name])
    unit = "seconds" if name == "seconds" else "updates"
    return Picture((Curve(name, x, y),), float(x[-1]), first=first, unit=unit)


def known(name: str) -> list[tuple[float, float]]:
    points = zip(*LINES[name], strict=True)
    return [(x, float(np.clip(y, -1e300, 1e300))) for x, y in points if np.isfinite(y)]


def check(drawn: Drawn, points: list[tuple[float, float]], log: bool, log_x: bool) -> None:
    x, y = Scale(drawn.across, log_x), Scale(drawn.up, log)
    x.check()
    y.check()
    gaps = [right - left for left, right in pairwise(drawn.marks)]
    if not log_x and len(gaps) > 1:
        assert len({*gaps[:-1]}) == 1, "a mark for every step"
    # Whatever there is to see lies between the first tick and the last, or in their rows.
    lowest, highest = min(v for _, v in points), max(v for _, v in points)
    assert y.ticks[0][1] >= y(lowest) - 0.26
    assert y(highest) >= y.ticks[-1][1] - 0.26
    room = len(drawn.inside) - 2
    assert y.ticks[0][1] == room + 0.5, "the first tick stands in the lowest row"
    assert x.ticks[0][1] == 1.5, "and in the first column"
    dots = list(drawn.dots()) or drawn.signs("•")
    for at, value in points:
        near = min(max(abs(column - x(at)), abs(row - y(value))) for column, row in dots)
        assert near <= 0.5 + 1e-6, f"({at:g}, {value:g}) is {near:.2f} cells off"
    rows = [row for _, row in dots]
    assert min(rows) == pytest.approx(y(highest), abs=0.5 + 1e-6)
    assert max(rows) == pytest.approx(y(lowest), abs=0.5 + 1e-6)


@pytest.mark.parametrize("size", SIZES)
async def test_known_points_are_found_where_the_axes_say(size: tuple[int, int]) -> None:
    async with Stage().run_test(size=size) as pilot:
        for name in LINES:
            for log in (False, True) if name in POSITIVE else (False,):
                drawn = await shown(pilot, picture(name), log)
                try:
                    check(drawn, known(name), log, log_x=False)
                except AssertionError as error:
                    raise AssertionError(f"{name}, {log=}: {error}\n{drawn.text()}") from error
                last = LINES[name][0][-1]
                column = last / (len(drawn.inside[0]) - 3)
                assert drawn.across[-1][0] == pytest.approx(last, abs=column / 2)


@pytest.mark.parametrize("size", SIZES)
async def test_rates_stand_on_a_logarithmic_axis(size: tuple[int, int]) -> None:
    async with Stage().run_test(size=size) as pilot:
        for low, high in [(1e-5, 1.0), (1.5e-5, 2.0), (0.01, 0.05), (1e-8, 1e3)]:
            points = [(low, 2.3), ((low * high) ** 0.5, 1.9), (high, 2.6)]
            x, y = (np.array(column) for column in zip(*points, strict=True))
            drawn = await shown(pilot, Picture((Curve("loss", x, y),), high, first=low))
            try:
                check(drawn, points, log=False, log_x=True)
            except AssertionError as error:
                raise AssertionError(f"{error}\n{drawn.text()}") from error
            across = Scale(drawn.across, log=True)
            assert across(low) >= drawn.across[0][1] - 0.26
            assert across(high) <= drawn.across[-1][1] + 0.76, "the tick itself stands half aside"


@pytest.mark.parametrize("size", SIZES)
async def test_signs_and_upright_lines_stand_on_the_line(size: tuple[int, int]) -> None:
    x, y = np.array([0.0, 1234.0, 3000.0, 4800.0]), np.array([0.0, 31.0, 47.0, 60.0])
    curve = Curve("validation", x, y, "validation")
    async with Stage().run_test(size=size) as pilot:
        drawn = await shown(pilot, Picture((curve,), 4800, marks=(2345.0, 4800.0)))
        across, up = Scale(drawn.across, False), Scale(drawn.up, False)
        for column, row in drawn.signs("◆"):
            assert any(
                abs(column - across(at)) <= 0.5 and abs(row - up(value)) <= 0.5
                for at, value in zip(x, y, strict=True)
            ), drawn.text()
        assert drawn.signs("◆")
        uprights = {column for column, _ in drawn.signs("│")}
        for at in (2345.0, 4800.0):
            assert any(abs(column - across(at)) <= 0.5 for column in uprights), drawn.text()


async def test_a_sign_at_the_edge_of_two_rows_is_in_the_row_of_its_line() -> None:
    x, y = np.arange(0.0, 4801, 100), np.full(49, 35.0)
    y[:2] = 0, 60
    async with Stage().run_test(size=(80, 13)) as pilot:
        curve = Curve("on the ticks", x, y, "validation")
        drawn = await shown(pilot, Picture((curve,), 4800))
        assert drawn.up[1][1] - drawn.up[2][1] == 2, "35 lies half a row below the tick of 40"
        signs = {row for column, row in drawn.signs("◆") if column > 10}
        assert signs == {int(row) + 0.5 for column, row in drawn.dots() if column > 10}


@pytest.mark.parametrize("size", SIZES)
async def test_the_rate_goes_from_its_lowest_tick_to_its_highest(size: tuple[int, int]) -> None:
    async with Stage().run_test(size=size) as pilot:
        for changes in ({"growth": 2.0, "decay": 0.5}, {"eta_max": 0.08}, {}):
            experiment = presets.load("arch-2").changed(**changes)
            schedule = planning.schedule(experiment)
            curve = rates.curve(schedule, experiment.total_updates, "rate")
            drawn = await shown(pilot, Picture((curve,), experiment.total_updates, lowest=0.0))
            at = [corner for corner in schedule.corners if corner < experiment.total_updates]
            check(drawn, [(update + 1, schedule.rate(update)) for update in at], False, False)
            assert drawn.across[-1][0] == experiment.total_updates
        rows = [int(row) for _, row in drawn.dots()]
        (lowest, bottom), (highest, top) = drawn.up[0], drawn.up[-1]
        assert (lowest, highest) == (0, 0.1)
        assert (max(rows) + 0.5, min(rows) + 0.5) == (bottom, top)


async def test_the_steps_of_a_small_chart_are_alike() -> None:
    async with Stage().run_test(size=(80, 13)) as pilot:
        drawn = await shown(pilot, picture("accuracy"))
        assert [value for value, _ in drawn.up] == [0, 20, 40, 60]
        assert len({there - at for (_, at), (_, there) in pairwise(drawn.up)}) == 1

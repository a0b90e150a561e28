"""The cursor of a chart: by the pointer, by keys, and while the curves grow."""

import numpy as np
import pytest
from textual.app import App, ComposeResult
from textual.content import Content
from textual.pilot import Pilot
from textual.widgets import Static

from tests.tui.waiting import until
from tui.widgets.chart import Chart
from tui.widgets.picture import Curve, Picture
from tui.widgets.plot import UPRIGHT, Plot, Sheet


class Stage(App[None]):
    CSS = "Chart { border: round white; height: 1fr; } Static { height: 1; }"

    def compose(self) -> ComposeResult:
        yield Chart("Loss", "loss", "chart", focusable=True)
        yield Static("elsewhere", id="elsewhere")


def picture(done: int, last: float) -> Picture:
    x = np.arange(1.0, done + 1)
    return Picture((Curve("training", x, x / 1000),), last)


async def begun(pilot: Pilot[None], done: int = 500, last: float = 600) -> Chart:
    chart = pilot.app.query_one(Chart)
    await until(pilot, lambda: chart.query(Plot))
    chart.show(picture(done, last))
    await pilot.pause()
    await pilot.pause()
    return chart


def line(chart: Chart) -> str:
    return Content.from_markup(str(chart.border_subtitle)).plain


def update(chart: Chart) -> int:
    """The update that is read off, after a check that the line stands there with its value."""
    words = line(chart).split()
    assert words[0] == "update", line(chart)
    number = int(words[1].replace(",", ""))
    assert words[-1] == f"{number / 1000:.3f}"
    assert upright(chart) == {chart._reader.column(number) + 1}
    sheet = chart.query_one("#plot", Sheet)
    [column] = upright(chart)
    signs = [sheet.render_line(y).text[column] for y in range(1, sheet.size.height - 1)]
    assert signs.count("●") == 1
    assert set(signs) == {UPRIGHT, "●"}, "from top to bottom"
    row = signs.index("●") + 1
    dots = "".join(sheet._buffer[near][column] for near in (row - 1, row, row + 1))
    assert any("\u2800" < sign <= "\u28ff" for sign in dots), "where the curve is"
    return number


def upright(chart: Chart) -> set[int]:
    """The columns of the sheet in which a line stands."""
    sheet = chart.query_one("#plot", Sheet)
    return {
        column
        for y in range(1, sheet.size.height - 1)
        for column, sign in enumerate(sheet.render_line(y).text)
        if sign == UPRIGHT and 0 < column < sheet.size.width - 1  # the frame looks alike
    }


@pytest.mark.parametrize("size", [(30, 10), (80, 24), (120, 40), (200, 50)])
async def test_the_value_under_the_pointer_is_that_of_the_data(size: tuple[int, int]) -> None:
    app = Stage()
    async with app.run_test(size=size) as pilot:
        chart = await begun(pilot)
        inside = chart.query_one("#plot").region
        for column in (2, size[0] // 4, size[0] // 2):
            await pilot.hover("#plot", offset=(column, 2))
            await pilot.pause()
            at = update(chart)
            assert upright(chart) == {column}
        # Above the frame and beyond the last update there is nothing to read.
        for offset in ((column, 0), (inside.width - 2, 2)):
            await pilot.hover("#plot", offset=(column, 2))
            await pilot.hover("#plot", offset=offset)
            await pilot.pause()
            assert "training" in line(chart)
            assert not upright(chart)
        await pilot.hover("#plot", offset=(column, 2))
        await pilot.pause()
        assert update(chart) == at
        await pilot.hover("#elsewhere")
        await pilot.pause()
        assert line(chart).startswith("⠒⠒⠒ training")
        assert not upright(chart)


async def test_keys_move_the_cursor_and_escape_or_the_ends_take_it_away() -> None:
    app = Stage()
    async with app.run_test(size=(80, 24)) as pilot:
        chart = await begun(pilot)
        chart.focus()
        await pilot.press("left")
        assert update(chart) >= 495
        [last] = upright(chart)
        await pilot.press("left", "left")
        assert upright(chart) == {last - 2}
        await pilot.press("shift+left")
        assert upright(chart) == {last - 12}
        await pilot.press("shift+right", "right", "right")
        assert upright(chart) == {last}
        await pilot.press("right")
        assert chart.standing is None
        assert not upright(chart)
        await pilot.press("right")
        assert upright(chart) == {1}
        await pilot.press("escape")
        assert not upright(chart)
        assert line(chart).startswith("⠒⠒⠒ training")


async def test_keys_go_on_from_the_pointer_and_stay_when_it_leaves() -> None:
    app = Stage()
    async with app.run_test(size=(80, 24)) as pilot:
        chart = await begun(pilot)
        chart.focus()
        await pilot.hover("#plot", offset=(30, 2))
        await pilot.press("right")
        assert upright(chart) == {31}
        await pilot.hover("#elsewhere")
        await pilot.pause()
        assert upright(chart) == {31}
        await pilot.hover("#plot", offset=(10, 2))
        await pilot.pause()
        assert upright(chart) == {10}
        await pilot.hover("#elsewhere")
        await pilot.pause()
        assert upright(chart) == {31}


async def test_the_cursor_stays_on_its_update_while_the_curve_and_the_axis_grow() -> None:
    app = Stage()
    async with app.run_test(size=(80, 24)) as pilot:
        chart = await begun(pilot)
        chart.focus()
        await pilot.press("right", "shift+right", "shift+right")
        at, [column] = update(chart), upright(chart)
        for done, last in ((590, 600), (700, 1200), (3000, 4800)):
            chart.show(picture(done, last))
            await pilot.pause()
            assert update(chart) == at
        assert max(upright(chart)) < column / 2
        await pilot.resize_terminal(120, 30)
        await pilot.pause()
        await pilot.pause()
        assert update(chart) == at


async def test_the_pointer_reads_the_new_axis_where_it_rests() -> None:
    app = Stage()
    async with app.run_test(size=(80, 24)) as pilot:
        chart = await begun(pilot)
        await pilot.hover("#plot", offset=(30, 2))
        await pilot.pause()
        at = update(chart)
        chart.show(picture(1200, 1200))
        await pilot.pause()
        assert upright(chart) == {30}
        assert update(chart) == pytest.approx(2 * at, rel=0.05)


async def test_moving_the_cursor_draws_no_curve_again(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Stage()
    async with app.run_test(size=(80, 24)) as pilot:
        chart = await begun(pilot)
        chart.focus()
        drawn: list[object] = []
        monkeypatch.setattr(Plot, "_render_plot", lambda plot: drawn.append(plot))
        await pilot.press("right", "right", "shift+right")
        await pilot.hover("#plot", offset=(30, 2))
        await pilot.pause()
        assert upright(chart) == {30}
        assert drawn == []


@pytest.mark.parametrize("colour", ["", "1"])
async def test_the_point_stands_on_the_line_with_and_without_colours(
    monkeypatch: pytest.MonkeyPatch, colour: str
) -> None:
    monkeypatch.setenv("NO_COLOR", colour)
    app = Stage()
    async with app.run_test(size=(80, 24)) as pilot:
        chart = await begun(pilot)
        await pilot.hover("#plot", offset=(30, 2))
        await pilot.pause()
        assert 200 < update(chart) < 300
        assert upright(chart) == {30}


async def test_the_line_moves_with_the_frame_when_labels_take_more_room() -> None:
    app = Stage()
    async with app.run_test(size=(80, 24)) as pilot:
        chart = await begun(pilot)
        chart.focus()
        await pilot.press("left")
        at, before = update(chart), chart.query_one("#plot").region
        x = np.arange(1.0, 501)
        chart.show_anew(Picture((Curve("training", x, 10_000.25 + x / 1000),), 600))
        await pilot.pause()
        await pilot.pause()
        assert chart.query_one("#plot").region.x > before.x
        assert chart._reader is not None
        assert upright(chart) == {(chart._reader.column(at) or 0) + 1}

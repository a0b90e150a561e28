"""The curve in the edit dialog is the learning rate that the run will have."""

from typing import Any

import pytest
from textual.content import Content
from textual.pilot import Pilot
from textual.widgets import Static

from core.training.events import Edited
from core.training.timeline import Edit, Timeline
from tests.tui.train.made import TrainStage, drawn
from tests.tui.waiting import until
from tui.train.edit_dialog import EditScreen
from tui.train.rate_preview import RatePreview
from tui.widgets.field_list import FieldList
from tui.widgets.picture import Curve, Picture
from tui.worker.messages import JobState


async def opened(pilot: Pilot[None], app: TrainStage, updates: int = 1333) -> RatePreview:
    app.begin(updates=updates)
    await drawn(pilot)
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(app.screen, EditScreen))
    chart = app.screen.query_one(RatePreview)
    if chart.display:
        await until(pilot, lambda: chart.query("Plot"))
    await pilot.pause()
    return chart


def shown(chart: RatePreview) -> Picture:
    assert chart._picture is not None
    return chart._picture


def timeline(app: TrainStage, *edits: Edit) -> Timeline:
    session = app.runner.session
    assert session is not None
    return Timeline.of(session.experiment, (*session.history.edits, *edits))


def check(curve: Curve, run: Timeline, since: int = 0) -> None:
    """The curve has the rates of the run, and is a straight line between its points."""
    assert (curve.x[0], curve.x[-1]) == (since + 1, run.updates)
    assert [run.schedule.rate(int(x) - 1) for x in curve.x] == curve.y.tolist()
    assert curve.exact is not None
    for update in range(since + 1, run.updates + 1, 97):
        assert curve.exact(update) == run.schedule.rate(update - 1)


async def test_the_curve_is_that_of_the_run_with_the_edit_and_follows_every_change() -> None:
    app = TrainStage()
    async with app.run_test(size=(120, 40)) as pilot:
        chart = await opened(pilot, app)
        [only] = shown(chart).curves
        check(only, timeline(app))
        assert shown(chart).marks == (1333,)
        await pilot.press("down", "left")
        await pilot.pause()
        changes: dict[str, Any] = {"eta_max": app.screen.query_one(FieldList).values["eta_max"]}
        assert changes["eta_max"] < 0.1
        after, before = shown(chart).curves
        check(after, timeline(app, Edit(1333, changes)))
        check(before, timeline(app), since=1333)
        assert before.role == "former"
        await pilot.press("down", "down", "enter", "5", "enter")
        await pilot.pause()
        after, before = shown(chart).curves
        check(after, timeline(app, Edit(1333, {**changes, "cycles": 5})))
        assert shown(chart).last == 8000
        # What does not concern the rate leaves one curve.
        await pilot.press("Z", "down", "right")
        await pilot.pause()
        [only] = shown(chart).curves
        check(only, timeline(app))


async def test_the_past_is_drawn_as_it_was_with_its_edits() -> None:
    app = TrainStage()
    async with app.run_test(size=(120, 40)) as pilot:
        session = app.begin(updates=1000)
        app.tell(Edited(Edit(1000, {"eta_max": 0.02}), 4800))
        app.run_to(1333)
        await drawn(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: app.screen.query("RatePreview Plot"))
        await pilot.press("down", "right")
        await pilot.pause()
        chart = app.screen.query_one(RatePreview)
        after, before = shown(chart).curves
        changed = app.screen.query_one(FieldList).values["eta_max"]
        assert isinstance(changed, float)
        assert changed > 0.02
        check(after, timeline(app, Edit(1333, {"eta_max": changed})))
        check(before, timeline(app), since=1333)
        old = Timeline(session.experiment)
        assert after.exact is not None
        assert after.exact(1000) == old.schedule.rate(999)
        assert after.exact(1200) != old.schedule.rate(1199)


async def test_the_mark_moves_on_with_the_training() -> None:
    app = TrainStage()
    async with app.run_test(size=(120, 40)) as pilot:
        chart = await opened(pilot, app)
        app.run_to(2000)
        await until(pilot, lambda: shown(chart).marks == (2000,))


@pytest.mark.parametrize(
    ("size", "room"), [((60, 20), False), ((80, 22), False), ((80, 24), True), ((200, 50), True)]
)
async def test_the_curve_is_there_where_it_has_room_and_cuts_no_setting(
    size: tuple[int, int], room: bool
) -> None:
    app = TrainStage()
    async with app.run_test(size=size) as pilot:
        chart = await opened(pilot, app)
        assert chart.display == room
        screen = app.screen.region
        for part in app.screen.query("#edit, #edit *"):
            assert not part.is_on_screen or screen.contains_region(part.region)
        if room:
            assert len(shown(chart).curves) == 1
            await pilot.hover("#edit-rate #plot", offset=(8, 3))
            line = Content.from_markup(str(chart.border_subtitle)).plain
            update = int(line.split()[1].replace(",", ""))
            assert f"{timeline(app).schedule.rate(update - 1):.4f}" in line


async def test_the_keys_of_the_dialog_are_not_told_while_a_value_is_typed() -> None:
    app = TrainStage()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        keys = app.screen.query_one("#edit-keys", Static)
        assert "t take over at once" in str(keys.visual)
        await pilot.press("enter")
        assert str(keys.visual) == "Enter take · Esc leave the value"
        await pilot.press("escape")
        assert "t take over at once" in str(keys.visual)
        await pilot.press("enter", "0", "enter")
        assert "t take over at once" in str(keys.visual)


async def test_no_dialog_during_the_last_evaluation() -> None:
    app = TrainStage()
    async with app.run_test(size=(80, 24)) as pilot:
        app.begin(updates=4800)
        await drawn(pilot)
        await pilot.press("enter")
        await pilot.pause()
        assert not isinstance(app.screen, EditScreen)
        assert "no change would take effect" in str(app.pane.refusal("edit", ()))


async def test_a_dialog_that_is_open_when_the_last_update_is_done_says_so() -> None:
    app = TrainStage()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        app.run_to(4800)
        box = app.screen.query_one("#edit")
        await until(pilot, lambda: "the run is over" in str(box.border_subtitle))


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_the_dialog_looks_as_it_should(snap_compare: Any, size: tuple[int, int]) -> None:
    app = TrainStage()

    async def edit(pilot: Pilot[None]) -> None:
        await opened(pilot, app)
        app.state(JobState.PAUSED)
        await pilot.press("down", "left", "left", "left", "down", "down", "right")
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=edit)

"""Tests that the mouse does what things look like."""

import pytest
from textual.pilot import Pilot
from textual.widget import Widget

from core.config import presets
from core.runs.session import store
from tests.runs.made import recorded
from tests.tui.benchmark.made import BenchStage
from tests.tui.gradients.made import GradientsStage, checked
from tests.tui.waiting import screen_text, shown, until
from tui.app import Convsole
from tui.benchmark import columns
from tui.configure.layer_editor import LayerEditor
from tui.dialogs.help import HelpScreen
from tui.dialogs.quit import QuitScreen
from tui.runs.pane import RunsPane
from tui.runs.table import RunTable
from tui.widgets.field_list import FieldList
from tui.widgets.row_list import HeaderRow
from tui.worker.messages import JobState

SMALL = presets.load("arch-2").changed(dataset="synthetic", architecture="8x8/4/6", shards=1)


def place(widget: Widget, words: str) -> tuple[int, int]:
    """Return where a text stands on the screen, within a widget."""
    region = widget.region
    for y, line in enumerate(screen_text(widget.app).split("\n")):
        x = line.find(words, region.x)
        if region.y <= y < region.bottom and x >= 0:
            return x, y
    raise AssertionError(f"{words} is not in\n{screen_text(widget.app)}")


async def click(pilot: Pilot[None], widget: Widget, words: str, times: int = 1) -> None:
    await until(pilot, lambda: place(widget, words) if _is_there(widget, words) else None)
    await pilot.click(offset=place(widget, words), times=times)
    await pilot.pause()


def _is_there(widget: Widget, words: str) -> bool:
    try:
        place(widget, words)
    except AssertionError:
        return False
    return True


async def test_the_signs_beside_a_value_step_it() -> None:
    app = Convsole(bell=False, experiment=SMALL)
    async with app.run_test(size=(120, 40)) as pilot:
        fields = app.query_one("#settings", FieldList)
        fields.focus()
        await click(pilot, fields, "▸")
        first = SMALL.eta_min
        assert fields.values["eta_min"] == fields.setting.stepped(first, 1)
        await click(pilot, fields, "◂", times=2)
        await until(pilot, lambda: fields.values["eta_min"] == fields.setting.stepped(first, -1))
        assert not fields.typing


async def test_the_key_cap_on_a_pane_presses_its_key() -> None:
    app = Convsole(bell=False, experiment=SMALL)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: " g  starts" in screen_text(app))
        await pilot.click(offset=(1, 1))
        await until(pilot, lambda: app.pane == "train")
        await until(pilot, lambda: app.runner.state is JobState.RUNNING)
        app.runner.end()


@pytest.mark.parametrize("key", ["question_mark", "q"])
async def test_a_click_outside_closes_a_dialog_as_escape_does(key: str) -> None:
    endless = SMALL.changed(half_cycle=1_000_000)
    app = Convsole(bell=False, experiment=endless)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("g")
        await until(pilot, lambda: app.runner.state is JobState.RUNNING)
        await pilot.press(key)
        await until(pilot, lambda: isinstance(app.screen, HelpScreen | QuitScreen))
        await pilot.click(offset=(60, 20))
        await pilot.pause()
        assert len(app.screen_stack) == 2
        await pilot.click(offset=(0, 39))
        await until(pilot, lambda: len(app.screen_stack) == 1)
        assert app.is_running
        app.runner.end()


async def test_a_click_outside_of_an_editor_closes_it() -> None:
    app = Convsole(bell=False, experiment=SMALL)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("tab", "enter")
        await until(pilot, lambda: isinstance(app.screen, LayerEditor))
        await pilot.click(offset=(0, 0))
        await until(pilot, lambda: len(app.screen_stack) == 1)


async def test_headings_sort_and_a_double_click_opens_a_run() -> None:
    recorded(store(), 3)
    app = Convsole(bell=False, experiment=SMALL)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("5")
        await until(pilot, lambda: "arch-2-3" in screen_text(app))
        table, pane = app.query_one(RunTable), app.query_one(RunsPane)
        await click(pilot, table, "updates")
        assert pane.book.order.column == "updates"
        await click(pilot, table, "started")
        await until(pilot, lambda: "started▼" in screen_text(app))
        await click(pilot, table, "started")
        await until(pilot, lambda: "started▲" in screen_text(app))
        await click(pilot, table, "arch-2-2", times=2)
        await until(pilot, lambda: shown(app, "train"))
        session = app.runner.session
        assert session is not None
        assert session.record is not None
        assert session.record.name == "arch-2-2"


async def test_headings_sort_the_tensors() -> None:
    app = GradientsStage()
    async with app.run_test(size=(120, 40)) as pilot:
        await checked(pilot)
        heading = app.table.query_one(HeaderRow)
        await click(pilot, heading, "norm-wise")
        assert "norm-wise▼" in app.heading
        await click(pilot, heading, "norm-wise")
        assert "norm-wise▲" in app.heading


async def test_headings_sort_the_architectures_and_the_cursor_stays_on_its_own() -> None:
    app = BenchStage()
    async with app.run_test(size=(160, 50)) as pilot:
        await pilot.press("g")
        app.tell("arch-1", "final", ours=3.0)
        app.tell("arch-2", ours=1.0)
        app.tell("deep", ours=9.0)
        await pilot.press("down")
        heading = app.table.query_one(HeaderRow)
        await click(pilot, heading, "this")
        assert "this▲" in app.heading
        assert app.table.current == "arch-2"
        assert app.table.cursor == 0
        await click(pilot, heading, "this")
        assert "this▼" in app.heading
        assert app.table.current == "arch-2"
        assert app.table.cursor == 3


async def test_headings_and_keys_sort_the_layers_that_have_the_focus() -> None:
    app = BenchStage()
    async with app.run_test(size=(160, 50)) as pilot:
        await pilot.press("i")
        app.profiled("arch-1")
        await pilot.pause()
        app.layers.focus()
        await pilot.press("s")
        assert app.layers.order.column == "forward"
        await click(pilot, app.layers.query_one(HeaderRow), "share")
        assert app.layers.order.column == "share"
        shares = [app.layers.profile.share(row) for row in app.layers._ordered]  # type: ignore[union-attr]
        assert shares == sorted(shares, reverse=True)
        assert app.table.order.column == columns.NAME

"""Tests of editing a running training by keyboard, and of refused values."""

from core.config import presets
from core.runs.session import store
from core.training.timeline import Edit
from tests.tui.waiting import until
from tui.app import Convsole
from tui.dialogs.question import Question
from tui.train.edit_dialog import SOON, EditScreen
from tui.train.log import RunLog
from tui.widgets.explanation import Explanation
from tui.widgets.field_list import FieldList
from tui.worker.messages import JobState


def app_with(**settings: object) -> Convsole:
    experiment = presets.load("arch-2").changed(
        **{
            "dataset": "synthetic",
            "architecture": "8x8/4/6",
            "shards": 1,
            "half_cycle": 1_000,
            "cycles": 90,
            **settings,
        }
    )
    return Convsole(experiment=experiment, bell=False)


def shown(screen: EditScreen) -> str:
    return str(screen.query_one(Explanation).content)


def opened(app: Convsole) -> bool:
    """Return whether the settings of the edit screen have the focus."""
    return isinstance(app.screen, EditScreen) and isinstance(app.focused, FieldList)


def text(fields: FieldList) -> str:
    return "\n".join(line.plain for line in fields.lines(200))


async def test_an_edit_by_keyboard_is_kept_marked_and_told() -> None:
    app = app_with()
    async with app.run_test(size=(80, 24)) as pilot:
        assert not app.runner.busy
        await pilot.press("g")
        await until(pilot, lambda: app.runner.state is JobState.RUNNING)
        await pilot.press("p")
        await until(pilot, lambda: app.runner.state is JobState.PAUSED)
        session = app.runner.session
        assert session is not None
        done = len(session.history.updates)
        await pilot.press("enter")
        await until(pilot, lambda: opened(app))
        await pilot.press("down", "left", "left", "down", "down", "down", "enter")
        await pilot.press(*("backspace",) * 5, *"0.002", "enter", "t")
        await until(pilot, lambda: len(session.history.edits) == 1)
        assert session.history.edits == [Edit(done, {"eta_max": 0.05, "weight_decay": 0.002})]
        # The edit is saved at once.
        assert store().edits(store().find("latest")) == tuple(session.history.edits)
        assert session.history.total == 90 * 2_000
        log = app.query_one(RunLog)
        words = f"from update {done + 1:,} on: highest rate 0.1 → 0.05, lambda 0.003 → 0.002"
        await until(pilot, lambda: log.lines[-1][1] == words)
        await pilot.press("p")
        await until(pilot, lambda: len(session.history.updates) > done + 5)
        # The current value is shown, not the initial one.
        await pilot.press("enter")
        await until(pilot, lambda: opened(app))
        await until(
            pilot, lambda: [f.values["eta_max"] for f in app.screen.query(FieldList)] == [0.05]
        )
        await pilot.press("t")
        await until(pilot, lambda: not isinstance(app.screen, EditScreen))
        assert len(session.history.edits) == 1
        await pilot.press("x")
        await until(pilot, lambda: app.runner.state is JobState.IDLE)
        assert not app.check_action("edit", ()) or not app.runner.busy


async def test_what_is_out_of_range_is_refused_and_nothing_changes() -> None:
    app = app_with(half_cycle=20)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("g")
        await until(pilot, lambda: app.runner.state is JobState.RUNNING)
        session = app.runner.session
        assert session is not None
        await until(pilot, lambda: len(session.history.updates) > 42)
        await pilot.press("enter")
        await until(pilot, lambda: opened(app))
        screen = app.screen
        assert isinstance(screen, EditScreen)
        fields = screen.query_one(FieldList)
        await pilot.press("down", "down", "down", "enter", *("backspace",) * 2, "1", "enter")
        # The input stays open, with the reason beside it.
        await until(pilot, lambda: fields.typing)
        await until(pilot, lambda: "has begun, so there must be" in text(fields))
        await pilot.press("escape", "up", "up", "up", "enter", *("backspace",) * 5, "5", "enter")
        await until(pilot, lambda: "lowest rate 5 is above highest rate 0.1" in text(fields))
        await pilot.press("escape", "escape")
        await until(pilot, lambda: not isinstance(app.screen, EditScreen))
        assert session.history.edits == []
        await pilot.press("x")
        await until(pilot, lambda: app.runner.state is JobState.IDLE)


async def test_an_edit_that_ends_the_run_is_asked_about() -> None:
    app = app_with(cycles=1)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("g")
        await until(pilot, lambda: app.runner.state is JobState.RUNNING)
        session = app.runner.session
        assert session is not None
        await until(pilot, lambda: len(session.history.updates) > 20)
        await pilot.press("p")
        await until(pilot, lambda: app.runner.state is JobState.PAUSED)
        done = len(session.history.updates)
        await pilot.press("enter")
        await until(pilot, lambda: opened(app))
        await pilot.press("down", "down", "enter", *("backspace",) * 5, "1", "enter")
        edit = app.screen
        box = edit.query_one("#edit")
        await until(pilot, lambda: "2,000 → " in str(box.border_subtitle))
        for key in ("t", "n"):
            await pilot.press(key)
            await until(pilot, lambda k=key: isinstance(app.screen, Question) == (k == "t"))
        assert app.screen is edit
        assert session.history.edits == []
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, Question))
        await pilot.press("y")
        await until(pilot, lambda: session.history.edits == [Edit(done, {"half_cycle": 1})])
        await pilot.press("p")
        await until(pilot, lambda: session.history.result is not None)
        assert len(session.history.updates) <= done + SOON


async def test_an_edit_of_a_run_that_is_over_by_then_says_so() -> None:
    app = app_with(max_updates=30)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("g")
        session = app.runner.session
        assert session is not None
        await until(pilot, lambda: session.history.started is not None)
        screen = EditScreen(session)
        await app.push_screen(screen)
        await until(pilot, lambda: app.runner.state is JobState.IDLE)
        await pilot.press("down", "left", "t")
        await until(pilot, lambda: "the run is over" in shown(screen))
        await pilot.press("escape")
        assert session.history.edits == []

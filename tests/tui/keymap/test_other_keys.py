"""Tests of the app with keys of the user's own, and of keys that the screen names."""

import pytest

from core.config import presets
from core.runs.session import store
from tests.runs.made import recorded
from tests.tui.waiting import screen_text, until
from torture.named_keys import press
from tui.app import PANES, Convsole
from tui.dialogs.help import HelpScreen
from tui.frame.key_footer import KeyFooter
from tui.keymap import keys
from tui.worker.messages import JobState

SMALL = presets.load("arch-2").changed(dataset="synthetic", architecture="8x8/4/6", shards=1)


async def test_other_keys_work_and_stand_in_every_text() -> None:
    keys.use({"start": ("f8", "y"), "yes": ("j",), "down": ("down",), "help": ("h",),
              "left": ("left",)})  # fmt: skip
    app = Convsole(bell=False, experiment=SMALL)
    async with app.run_test(size=(80, 70)) as pilot:
        await until(pilot, lambda: " F8  starts the training" in screen_text(app))
        await pilot.press("3")
        await until(pilot, lambda: " F8   checks arch-2" in screen_text(app))
        await pilot.press("h")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await until(pilot, lambda: "F8 y" in screen_text(app))
        await pilot.press("escape", "1", "g")
        assert app.runner.state is JobState.IDLE
        await pilot.press("y")
        await until(pilot, lambda: app.pane == "train")
        app.runner.end()


async def test_keys_that_changed_places_do_what_the_other_did() -> None:
    keys.use({"sort": ("g",), "start": ("s",)})
    recorded(store(), 2)
    app = Convsole(bell=False, experiment=SMALL)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("5")
        await until(pilot, lambda: "arch-2-2" in screen_text(app))
        await pilot.press("g")
        await until(pilot, lambda: "settings▲" in screen_text(app))
        assert app.runner.state is JobState.IDLE


async def test_a_key_of_another_place_says_what_it_means() -> None:
    app = Convsole(bell=False, experiment=SMALL)
    async with app.run_test(size=(80, 24)) as pilot:
        footer = app.screen.query_one(KeyFooter)
        await pilot.press("s")
        await until(pilot, lambda: footer.refused.startswith("s: sort by the next column; not"))
        await until(pilot, lambda: "✗ s: sort by the next column" in screen_text(app))
        await pilot.press("down")
        await until(pilot, lambda: "Start" in screen_text(app))
        await pilot.press("x")
        await until(pilot, lambda: footer.refused == "nothing runs")


@pytest.mark.parametrize("pane", PANES)
@pytest.mark.parametrize("train", [False, True], ids=["idle", "training"])
async def test_no_key_that_the_screen_names_is_silent(pane: str, train: bool) -> None:
    recorded(store(), 3)
    assert await press(pane, 24, seed=1, train=train)

"""Tests of studies in the whole app: its keys, its header, and the way to other panes."""

import threading
from typing import Any

from textual.pilot import Pilot

from core.config import presets
from core.runs.session import store
from core.training.control import Control
from tests.runs.made import recorded
from tests.tui.waiting import screen_text, shown, until
from tui.app import Convsole
from tui.dialogs.help import HelpScreen
from tui.dialogs.quit import QuitScreen
from tui.messages import ShowInRuns
from tui.runs.table import RunTable
from tui.sweeps.form import StudyForm
from tui.worker.messages import JobState

SMALL = presets.load("arch-2").changed(dataset="synthetic", architecture="8x8/4/6", shards=1)


class Loop:
    """Stands for the loop of a study, and runs until it is stopped."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.orders: list[Any] = []

    def __call__(self, order: Any, data: Any, threads: Any, control: Control, *more: Any) -> None:
        self.orders.append(order)
        while not control.stopping:
            self.stop.wait(0.01)


async def to_sweeps(pilot: Pilot[None], app: Convsole) -> None:
    await pilot.press("9")
    await until(pilot, lambda: shown(app, "sweeps"))
    await until(pilot, lambda: "No study yet" in screen_text(app))


async def test_a_study_is_started_paused_and_stopped_by_the_keys_of_the_app() -> None:
    app, loop = Convsole(bell=False, experiment=SMALL), Loop()
    app.runner._run_sweep = loop  # type: ignore[method-assign, assignment]
    async with app.run_test(size=(120, 40)) as pilot:
        await to_sweeps(pilot, app)
        await pilot.press("a")
        await until(pilot, lambda: isinstance(app.screen, StudyForm))
        await pilot.press("g")
        await until(pilot, lambda: app.runner.state is JobState.SWEEPING)
        await until(pilot, lambda: "∷ sweeps" in screen_text(app).split("\n")[0])
        await pilot.press("p")
        await until(pilot, lambda: app.runner.state is JobState.SWEEP_PAUSED)
        await pilot.press("p")
        await until(pilot, lambda: app.runner.state is JobState.SWEEPING)
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, QuitScreen))
        await until(pilot, lambda: "A study is under way." in screen_text(app))
        await pilot.press("escape")
        await pilot.press("1")
        await until(pilot, lambda: "shows the study that runs; x stops it" in screen_text(app))
        await pilot.press("x")
        await until(pilot, lambda: app.runner.state is JobState.IDLE)
    assert loop.orders[0].definition["base"]["architecture"][0]["kind"] == "conv"


async def test_the_form_shows_its_keys() -> None:
    app = Convsole(bell=False, experiment=SMALL)
    async with app.run_test(size=(120, 40)) as pilot:
        await to_sweeps(pilot, app)
        await pilot.press("a")
        await until(pilot, lambda: isinstance(app.screen, StudyForm))
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await until(pilot, lambda: "Let the setting vary, or not" in screen_text(app))


async def test_the_guide_opens_at_the_chapter_of_sweeps() -> None:
    app = Convsole(bell=False, experiment=SMALL)
    async with app.run_test(size=(120, 40)) as pilot:
        await to_sweeps(pilot, app)
        await pilot.press("f1")
        await until(pilot, lambda: "9. Sweeps" in screen_text(app))
        await until(pilot, lambda: "hyperparameters" in screen_text(app))


async def test_the_run_of_a_trial_is_shown_in_runs() -> None:
    recorded(store(), 3)
    app = Convsole(bell=False, experiment=SMALL)
    async with app.run_test(size=(120, 40)) as pilot:
        for number in (2, 1):
            app.post_message(ShowInRuns(store().find(f"arch-2-{number}")))
            await until(pilot, lambda: shown(app, "runs"))
            table = app.query_one(RunTable)
            await until(
                pilot,
                lambda n=number, table=table: table.current and table.current.id == f"arch-2-{n}",
            )

"""Random keys in the Sweeps pane of the whole app, while a study runs."""

import random
from time import sleep
from typing import Any

import pytest

from core.config import presets
from core.training.control import Control
from tests.sweeps.made_snapshot import finalists, made
from tests.tui.sweeps.made import FakeBook
from tests.tui.waiting import shown, until
from torture.keys import ABOVE, KEYS, Presser, Staying
from tui.sweeps.pane import SweepsPane
from tui.worker.messages import JobState
from tui.worker.sweeping import SweepOrder

SMALL = presets.load("arch-2").changed(dataset="synthetic", architecture="8x8/4/6", shards=1)

COUNT = 120
"""Keys at each size."""


class Loop:
    """Stands for the loop of a study, which trains until it is stopped."""

    def __call__(
        self, order: Any, data: Any, threads: Any, control: Control, on_live: Any, load: Any
    ) -> None:
        while not control.stopping:
            on_live(made(40).live)
            sleep(0.05)


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40)])
async def test_no_key_raises_while_a_study_runs(size: tuple[int, int]) -> None:
    rng = random.Random(f"sweeps {size}")
    app = Staying(bell=False, experiment=SMALL)
    app.runner._run_sweep = Loop()  # type: ignore[method-assign, assignment]
    study = made(40)
    presser, above = Presser(app), 0
    async with app.run_test(
        size=size, notifications=True, message_hook=presser.on_message
    ) as pilot:
        await pilot.press("9")
        await until(pilot, lambda: shown(app, "sweeps"))
        pane = app.query_one(SweepsPane)
        pane.book = FakeBook(study, finalists())
        for _ in range(COUNT):
            if app.runner.state is JobState.IDLE:
                app.runner.start_sweep(SweepOrder("wide", study.study.definition), None)
                pane.look()
            above = above + 1 if len(app.screen_stack) > 1 else 0
            if not above:
                app.pane = "sweeps"
            await presser.press(pilot, "escape" if above > ABOVE else rng.choice(KEYS))
        assert presser.pressed.keys == COUNT
        app.runner.end()

"""A study that is really trained, in the app or beside it, on invented images."""

from contextlib import ExitStack
from functools import partial
from typing import Any

import pytest
from textual.notifications import Notification
from textual.pilot import Pilot

from core.config import presets
from core.data import source
from core.runs.session import store
from core.runs.studies.records import StudyRecord, StudyState
from core.sweeps.definition.study import Study
from core.sweeps.execution import executors
from core.sweeps.execution.executor import InProcess
from core.sweeps.execution.progress import Progress
from core.sweeps.execution.run import Sweep
from core.training.control import Control
from tests.tui.waiting import screen_text, shown, until
from tui.app import Convsole
from tui.sweeps.pane import SweepsPane
from tui.sweeps.table import TrialTable
from tui.worker.messages import JobState
from tui.worker.sweeping import SweepOrder

SMALL = presets.load("arch-2").changed(dataset="synthetic", architecture="8x8/4/6", shards=1)


def study(**values: Any) -> Study:
    given: dict[str, Any] = {
        "name": "small",
        "base": SMALL.model_dump(mode="json"),
        "trials": 3,
        "finalists": 0,
        "seeds": [0],
        "updates": 5000,
        "validation_size": 1000,
        "space": {"eta_max": {"log": [0.01, 0.1]}},
    }
    return Study.of({**given, **values})


@pytest.fixture(autouse=True)
def no_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Train in this process."""

    def opened(dataset: Any, **_: Any) -> Any:
        return real(dataset, workers=0)

    real = executors.open_executor
    monkeypatch.setattr(executors, "open_executor", opened)


def record() -> StudyRecord:
    return store().study("small")


def trained(study: StudyRecord) -> int:
    return sum(trial.updates for trial in store().trials(study))


def told(notification: Notification) -> str:
    return " ".join(notification.message.split())


async def to_the_study(pilot: Pilot[None], app: Convsole) -> SweepsPane:
    await pilot.press("9")
    await until(pilot, lambda: shown(app, "sweeps"))
    pane = app.query_one(SweepsPane)
    await until(pilot, lambda: pane.book.studies)
    await pilot.press("enter")
    await until(pilot, lambda: pane.open is not None)
    return pane


async def test_a_study_ends_with_the_app_and_can_be_gone_on_with() -> None:
    made = study()
    app = Convsole(bell=False, experiment=SMALL)
    async with app.run_test(size=(80, 24)) as pilot:
        app.runner.start_sweep(SweepOrder(made.name, made.definition()), None)
        await until(pilot, lambda: any(trained(each) for each in store().studies()))
        await pilot.press("q")
        await until(pilot, lambda: "A study is under way." in screen_text(app))
        await pilot.press("y")
        await until(pilot, lambda: app.runner.state is JobState.IDLE)
    found = record()
    assert found.state is StudyState.STOPPED
    assert store().is_at_work(found) is False
    control, before = Control(), {t.key: t.updates for t in store().trials(found)}

    def listen(progress: Progress) -> None:
        if any(trial.updates > before.get(trial.key, 0) for trial in progress.trials):
            control.stop()

    sweep = Sweep(made, store(), control=control, listen=listen)
    images = sweep.load(source.load)
    with ExitStack() as stack:
        executor = InProcess(images.without_test())
        stack.callback(executor.close)
        sweep.run(images, executor)
    after = {trial.key: trial.updates for trial in store().trials(found)}
    assert all(after[key] >= updates for key, updates in before.items())
    assert sum(after.values()) > sum(before.values()), "it goes on from where it was"


async def test_a_study_of_another_program_is_shown_as_it_runs_and_not_run_twice() -> None:
    made = study(updates=50_000)
    other = Sweep(made, store())
    images = other.load(source.load)
    control = Control()
    other.control = control
    app = Convsole(bell=False, experiment=SMALL)
    async with app.run_test(size=(80, 24)) as pilot:
        pane = await to_the_study(pilot, app)
        assert "small ─ ● running ─ 0 trials" in screen_text(app)
        await pilot.press("g")
        await until(pilot, lambda: "another program runs small" in screen_text(app))
        assert app.runner.state is JobState.IDLE
        # As a program that does not know yet that another works on it:
        app.runner.start_sweep(SweepOrder(made.name, made.definition()), None)
        words = "another process works on the study small"
        await until(pilot, lambda: any(words in told(each) for each in app._notifications))
        await until(pilot, lambda: app.runner.state is JobState.IDLE)
        await until(pilot, lambda: "small ─ ● running ─ 0 trials" in screen_text(app))
        executor = InProcess(images.without_test())
        run = pilot.app.run_worker(
            partial(other.run, images, executor), thread=True, exit_on_error=False
        )
        table = app.query_one(TrialTable)
        await until(pilot, lambda: table.count() == 1)
        await until(pilot, lambda: table.current is not None and table.current.updates > 0)
        seen = table.current.updates if table.current is not None else 0
        await until(pilot, lambda: table.current is not None and table.current.updates > seen)
        control.stop()
        await until(pilot, lambda: run.is_finished)
        executor.close()
        await until(pilot, lambda: "small ─ ■ stopped" in screen_text(app))
        assert pane.open is not None
    assert record().state is StudyState.STOPPED

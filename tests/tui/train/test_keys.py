"""Tests of the keys of the Train pane."""

import sys
from pathlib import Path
from types import ModuleType

import pytest
from textual.content import Content
from textual.pilot import Pilot

from tests.tui.train.made import TrainStage, drawn
from tests.tui.waiting import until
from tui.messages import ExportDone
from tui.train.sparklines import Spark
from tui.widgets.progress_line import ProgressLine
from tui.worker.messages import JobState


async def test_keys_of_curves_do_nothing_before_there_are_curves():
    app = TrainStage()
    async with app.run_test() as pilot:
        await pilot.press("v", "P", "e", "L")
        assert not app.pane.frozen
        assert not app.chart("loss").log_scale
        assert not app.exports


async def test_freezing_holds_the_curves_says_so_and_catches_up():
    app = TrainStage()
    async with app.run_test(size=(120, 40)) as pilot:
        app.begin(updates=1000)
        await drawn(pilot)
        await pilot.press("P")
        await until(pilot, lambda: app.title_over("loss").startswith("FROZEN at 1,000"))
        await until(pilot, lambda: app.title_over("accuracy").startswith("FROZEN at 1,000"))
        await until(pilot, lambda: "FROZEN" in app.title_over("spark-loss"))
        held = app.title_over("loss"), app.query_one("#spark-loss", Spark).data
        app.run_to(3000)
        app.pane.look()
        app.pane.draw()
        assert (app.title_over("loss"), app.query_one("#spark-loss", Spark).data) == held
        assert "3,000" in app.query_one(ProgressLine).words[0]
        await pilot.press("P")
        await until(pilot, lambda: "FROZEN" not in app.title_over("loss"))
        await until(pilot, lambda: app.query_one("#spark-loss", Spark).data != held[1])


async def test_another_training_ends_the_freeze():
    app = TrainStage()
    async with app.run_test(size=(120, 40)) as pilot:
        app.begin(updates=1000)
        await pilot.press("P")
        app.end()
        assert app.pane.frozen
        app.begin(updates=100)
        app.pane.look()
        assert not app.pane.frozen
        assert "100 of 4,800" in app.query_one(ProgressLine).words[0]


def labels(app: TrainStage, name: str) -> str:
    margin = app.chart(name).query_one("#margin-left")
    return " ".join(margin.render_line(y).text.strip() for y in range(margin.size.height))


async def test_the_loss_can_stand_on_a_logarithmic_axis():
    app = TrainStage()
    async with app.run_test(size=(120, 40)) as pilot:
        app.begin()
        app.run_to(500, loss=100.0)
        app.run_to(1500)
        app.pane.job_state(JobState.RUNNING)
        await drawn(pilot)
        await until(pilot, lambda: labels(app, "loss").split() == ["100", "75", "50", "25", "0"])
        await pilot.press("L")
        await drawn(pilot)
        await until(pilot, lambda: "log scale" in app.title_over("loss"))
        await until(pilot, lambda: labels(app, "loss").split() == ["100", "10", "1"])
        await pilot.press("L")
        await drawn(pilot)
        await until(pilot, lambda: "log scale" not in app.title_over("loss"))
        await until(pilot, lambda: labels(app, "loss").split() == ["100", "75", "50", "25", "0"])


async def test_one_chart_at_a_time_where_there_is_no_room_and_c_goes_through_them():
    app = TrainStage()
    async with app.run_test(size=(80, 24)) as pilot:
        app.begin(updates=1000)
        await drawn(pilot)
        await until(pilot, lambda: app.charts() == ["loss"])
        await pilot.press("v")
        await until(pilot, lambda: app.charts() == ["accuracy"])
        await pilot.press("v")
        await until(pilot, lambda: app.charts() == ["rate"])
        await pilot.press("v")
        await until(pilot, lambda: app.charts() == [])
        await pilot.press("v")
        await until(pilot, lambda: app.charts() == ["loss"])
        await pilot.press("v")
        await drawn(pilot)
        await until(pilot, lambda: "training sample" in str(app.chart("accuracy").border_subtitle))


@pytest.mark.parametrize("size", [(120, 40), (80, 44)])
async def test_two_charts_where_there_is_room_and_c_changes_the_second(size):
    app = TrainStage()
    async with app.run_test(size=size) as pilot:
        app.begin(updates=1000)
        await drawn(pilot)
        await until(pilot, lambda: app.charts() == ["loss", "accuracy"])
        await pilot.press("v")
        await drawn(pilot)
        await until(pilot, lambda: app.charts() == ["loss", "rate"])
        await pilot.press("v")
        await until(pilot, lambda: app.charts() == [])
        await pilot.press("v")
        await until(pilot, lambda: app.charts() == ["loss", "accuracy"])


def told(app: TrainStage, name: str) -> str:
    return Content.from_markup(str(app.chart(name).border_subtitle)).plain


def values(app: TrainStage, at: int) -> str:
    """The loss at an update with an evaluation, as the readout should tell it."""
    view = app.pane._view
    assert view is not None
    smoothed = view.loss[view.update == at][0]
    evaluated = view.validation_loss[view.evaluated == at][0]
    return f"training, smoothed over 50 {smoothed:.3f}   ─◆─ validation {evaluated:.3f}"


async def test_arrows_read_every_quantity_at_one_update_and_escape_ends_it():
    app = TrainStage()
    async with app.run_test(size=(200, 50)) as pilot:
        app.begin(updates=1200)
        await drawn(pilot)
        await pilot.press("escape")
        before = told(app, "loss")
        await pilot.press("left")
        assert told(app, "loss").startswith("update 1,200 (epoch 2.4) ")
        assert told(app, "loss").endswith(values(app, 1200))
        accuracy = 100 * app.pane._view.validation_accuracy[-1]
        assert told(app, "accuracy").startswith("update 1,200 (epoch 2.4) ")
        assert told(app, "accuracy").endswith(f"validation {accuracy:.1f} %")
        await pilot.press("v")
        await drawn(pilot)
        rate = app.pane._view.rate[-1]
        assert told(app, "rate").endswith(f"learning rate {rate:.4f}")
        await pilot.press("escape")
        assert told(app, "loss") == before
        assert "update" not in told(app, "rate")


async def test_the_cursor_stays_on_its_update_while_the_training_goes_on_and_ends_with_another():
    app = TrainStage()
    async with app.run_test(size=(80, 24)) as pilot:
        app.begin(updates=1200)
        await drawn(pilot)
        await pilot.press("left")
        for done in (1250, 2000, 4800):
            app.run_to(done)
            app.pane.look()
            app.pane.draw()
            await pilot.pause()
            assert told(app, "loss").startswith("update 1,200 ")
            assert told(app, "loss").endswith(values(app, 1200))
        app.end()
        app.begin(updates=1300)
        await drawn(pilot)
        assert "update" not in told(app, "loss")


async def test_without_curves_arrows_and_escape_do_nothing():
    app = TrainStage()
    async with app.run_test() as pilot:
        await pilot.press("left", "right", "shift+left", "escape")
        assert app.chart("loss").standing is None


def fake_figures(monkeypatch: pytest.MonkeyPatch, error: Exception | None = None) -> list[object]:
    calls: list[object] = []

    def export(history: object, folder: Path, title: str) -> list[Path]:
        calls.append((history, folder, title))
        if error is not None:
            raise error
        return [folder / "loss.png", folder / "accuracy.png"]

    module = ModuleType("core.figures.run")
    module.export = export  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "core.figures.run", module)
    monkeypatch.setattr("core.figures.run", module, raising=False)
    return calls


async def exported(pilot: Pilot[None]) -> ExportDone:
    app = pilot.app
    assert isinstance(app, TrainStage)
    await pilot.press("e")
    await app.workers.wait_for_complete()
    await until(pilot, lambda: app.exports)
    return app.exports[-1]


async def test_e_writes_the_figures_of_the_run_and_says_where(monkeypatch):
    calls = fake_figures(monkeypatch)
    app = TrainStage()
    async with app.run_test() as pilot:
        session = app.begin(updates=300)
        done = await exported(pilot)
        assert calls == [(session.history, Path("/runs/arch-2-3/figures"), "arch-2-3, seed 0")]
        assert not done.failed
        assert done.text == "loss.png, accuracy.png in /runs/arch-2-3/figures"
        assert f"14:03:07 wrote {done.text}" in app.log_lines()
        await pilot.press("e")
        await app.workers.wait_for_complete()
        assert len(calls) == 2


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), ValueError("odd")])
async def test_figures_that_cannot_be_written_are_told_and_the_app_goes_on(monkeypatch, error):
    fake_figures(monkeypatch, error)
    app = TrainStage()
    async with app.run_test() as pilot:
        app.begin(updates=300)
        done = await exported(pilot)
        assert done.failed
        assert ("Permission denied" in done.text) == isinstance(error, OSError)
        assert app.log_lines()[-1] == f"14:03:07 {done.text}"

"""Tests of the contents of the Train pane."""

import subprocess
import sys
from math import nan

import pytest
from textual.content import Content
from textual.pilot import Pilot

from core.config import presets
from core.data.progress import Reading
from core.runs.session import Session
from core.training.events import (
    Evaluated,
    Failed,
    Paused,
    Resumed,
    Started,
    UpdateDone,
)
from tests.tui.train.made import TrainStage, drawn
from tests.tui.waiting import screen_text, until
from tui.train.curves import Curves
from tui.train.log import RunLog
from tui.train.status import RunStatus
from tui.train.welcome import Welcome
from tui.widgets.plot import Sheet
from tui.widgets.progress_line import ProgressLine
from tui.worker.messages import JobState


async def test_before_the_first_training_the_pane_says_what_starts_one():
    app = TrainStage()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        welcome = app.query_one(Welcome)
        assert "starts the training of what Configure shows" in str(welcome.render())
        app.pane.experiment = presets.load("final")
        app.pane.dataset = "synthetic"
        text = str(welcome.render())
        assert " g " in text
        assert "final on the built-in shapes" in text
        assert "24,000 updates" in text
        assert "not CIFAR-10" in text
        assert not app.query_one(RunLog).is_on_screen


async def test_a_failure_before_the_first_update_is_told_with_the_key_to_try_again():
    app = TrainStage()
    async with app.run_test(size=(80, 24)) as pilot:
        app.runner.session = Session(presets.load("arch-2"))
        app.state(JobState.LOADING)
        assert "are being read" in app.query_one(Welcome).heading
        app.tell(Failed(0, "the archive is damaged"))
        app.state(JobState.IDLE)
        await pilot.pause()
        await until(pilot, lambda: "the archive is damaged" in app.query_one(Welcome).heading)
        await until(pilot, lambda: app.query_one(Welcome).start)
        await until(pilot, lambda: "14:03:07 failed: the archive is damaged" in app.log_lines())


async def test_the_progress_line_shows_how_far_the_images_are_read():
    app = TrainStage()
    async with app.run_test(size=(80, 24)) as pilot:
        app.runner.session = Session(presets.load("arch-2"))
        app.state(JobState.LOADING)
        line = app.query_one(ProgressLine)
        assert not line.is_on_screen
        app.runner.reading = Reading(0.4, "reading CIFAR-10: data_batch_3")
        await until(pilot, lambda: line.is_on_screen and line.fraction == 0.4)
        assert "reading CIFAR-10: data_batch_3, 40 %" in str(line.render())
        assert "are being read" in app.query_one(Welcome).heading
        app.tell(Failed(0, "the archive is damaged"))
        app.state(JobState.IDLE)
        await until(pilot, lambda: not line.is_on_screen)


async def test_a_running_training_is_shown_with_its_numbers():
    app = TrainStage()
    async with app.run_test(size=(120, 40)) as pilot:
        session = app.begin(updates=500)
        app.seconds = 5.0
        app.pane.look()
        app.seconds = 6.5
        app.run_to(2000)
        app.pane.look()
        app.pane.look()
        app.pane.draw()
        await drawn(pilot)
        loss = session.history.evaluations.last("validation_loss")
        await until(pilot, lambda: f"validation {loss:.3f}" in app.title_over("loss"))
        await until(pilot, lambda: app.title_over("spark-validation").startswith("validation 49."))
        await until(
            pilot, lambda: "at 2,000" in str(app.query_one("#spark-validation").border_subtitle)
        )
        await until(pilot, lambda: app.query_one("#spark-rate").border_subtitle == "cycle 2 of 3")
        line = app.query_one(ProgressLine)
        assert line.words[0] == "update 2,000 of 4,800 · epoch 4.1 · 3 s to go"
        assert line.fraction == pytest.approx(2000 / 4800)
        status = app.query_one(RunStatus)
        assert status.numbers == (("100,000 images/s",), "1,000 updates/s")
        assert "arch-2-3 · seed 0" in str(status.render())
        assert "● runs" in app.standing()


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize("name", ["loss", "accuracy"])
async def test_a_single_evaluation_is_seen_though_it_lies_on_the_frame(
    size: tuple[int, int], name: str
):
    app = TrainStage()
    async with app.run_test(size=size) as pilot:
        session = app.begin()
        app.query_one(Curves).picked = name
        for update in range(1, 601):
            session.history.add(UpdateDone(update, 0.1, 1.0, 1.3))
        session.history.add(Evaluated(600, 1.0, 0.5, 1.5, 0.6))
        await drawn(pilot)

        def inside() -> str:
            app.pane.draw()
            sheet = app.query_one(f"#{name} #plot", Sheet)
            return "".join(sheet.render_line(line).text for line in range(sheet.size.height))

        await until(pilot, lambda: "◆" in inside())


async def test_the_log_cuts_a_path_behind_a_slash():
    app = TrainStage()
    async with app.run_test(size=(80, 24)) as pilot:
        app.begin()
        parts = [f"folder-{number}" for number in range(9)]
        app.query_one(RunLog).say(f"wrote loss.png in /{'/'.join(parts)}")

        await until(pilot, lambda: parts[-1] in screen_text(app))
        await until(pilot, lambda: all(part in screen_text(app) for part in parts))


async def test_nothing_is_drawn_while_the_pane_is_hidden_and_all_of_it_afterwards():
    app = TrainStage()
    async with app.run_test(size=(120, 40)) as pilot:
        app.begin(updates=500)
        await drawn(pilot)
        app.pane.display = False
        await pilot.pause()
        before = app.title_over("loss"), app.query_one(ProgressLine).words
        app.run_to(3000)
        app.pane.look()
        app.pane.draw()
        assert (app.title_over("loss"), app.query_one(ProgressLine).words) == before
        app.pane.display = True
        await drawn(pilot)
        await until(pilot, lambda: app.title_over("loss") != before[0])
        await until(pilot, lambda: "3,000" in app.query_one(ProgressLine).words[0])


async def test_the_log_tells_what_happened_and_nothing_that_happens_all_the_time():
    app = TrainStage()
    async with app.run_test() as pilot:
        app.begin(dataset="synthetic", updates=200)
        app.tell(Evaluated(200, 1.0, 0.5, 1.0, 0.5))
        app.tell(Paused(200))
        app.state(JobState.PAUSED)
        assert "‖ paused" in app.standing()
        assert app.query_one(ProgressLine).words[0].endswith("paused")
        app.tell(Resumed(200))
        app.state(JobState.RUNNING)
        app.end(stopped=True)
        await pilot.pause()
        assert app.log_lines() == [
            "14:03:07 started arch-2-3: 4x4/10/50, 33,050 parameters, seed 0",
            "data: the built-in shapes, not CIFAR-10",
            "14:03:07 paused after update 200",
            "14:03:07 goes on after update 200",
            "14:03:07 stopped after 200 updates in 4 s",
            "at the stop: training 60.9 %, validation 54.3 %, test 55.9 %",
            "saved in /runs/arch-2-3",
        ]
        assert "■ stopped" in app.standing()
        assert "built-in shapes" in str(app.query_one(RunStatus).render())
        assert "test at stop 55.9 %" in str(app.query_one(RunStatus).render())


async def test_a_training_that_failed_keeps_its_curves_and_says_why():
    app = TrainStage()
    async with app.run_test(size=(120, 40)) as pilot:
        app.begin(updates=700)
        app.tell(Failed(701, "the loss is no longer finite"))
        app.state(JobState.IDLE)
        await drawn(pilot)
        await until(pilot, lambda: "✗ failed" in app.standing())
        await until(
            pilot, lambda: "14:03:07 failed: the loss is no longer finite" in app.log_lines()
        )
        await until(pilot, lambda: "training 1.4" in app.title_over("loss"))


async def test_a_start_that_the_pane_missed_is_told_when_it_is_seen():
    app = TrainStage()
    session = Session(presets.load("arch-2"))
    session.history.add(Started("cifar10", "here.tar.gz", 33_050, 4800, 490, 100))
    app.runner.session, app.runner.state = session, JobState.RUNNING
    async with app.run_test() as pilot:
        await until(pilot, lambda: len(app.log_lines()) == 2)
        assert app.log_lines()[0].startswith("14:03:07 started arch-2")
        assert app.log_lines()[1] == "data: CIFAR-10 from here.tar.gz"


async def test_numbers_that_are_not_finite_are_left_out():
    app = TrainStage()
    async with app.run_test(size=(120, 40)) as pilot:
        session = app.begin()
        for update in range(1, 200):
            session.history.add(UpdateDone(update, nan, nan, nan))
            session.history.add(Evaluated(update, nan, nan, nan, nan))
        app.state(JobState.RUNNING)
        await drawn(pilot)
        await until(pilot, lambda: app.title_over("loss") == "Loss ─ training … · validation …")
        app.run_to(400)
        app.state(JobState.RUNNING)
        await pilot.press("L")
        await drawn(pilot)
        await until(pilot, lambda: "…" not in app.title_over("loss"))


@pytest.mark.parametrize("updates", [0, 1, 150, 4800])
async def test_any_size_can_be_drawn(updates):
    app = TrainStage()
    async with app.run_test(size=(80, 24)) as pilot:
        app.begin(updates=updates)
        await drawn(pilot)
        for size in [
            (120, 40),
            (1, 1),
            (80, 24),
            (60, 20),
            (30, 8),
            (200, 60),
            (101, 12),
            (80, 40),
        ]:
            await pilot.resize_terminal(*size)
            await drawn(pilot)
            app.run_to(min(4800, updates + size[0]))
            app.state(JobState.RUNNING)
            await pilot.press("v", "L")
            if not app.charts():  # the strip has tests of its own
                await pilot.press("v")
            await drawn(pilot)
            assert app.charts()
            if size[0] >= 60 and size[1] >= 20:
                assert any("\u2800" < sign < "\u28ff" for sign in screen_text(app)), size


async def test_nothing_needs_colours(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    app = TrainStage()
    async with app.run_test(size=(80, 24)) as pilot:
        app.begin(updates=1000)
        await drawn(pilot)
        await pilot.resize_terminal(120, 40)
        await drawn(pilot)

        def legend() -> str:
            return Content.from_markup(str(app.chart("loss").border_subtitle)).plain

        await until(pilot, lambda: "⠒⠒⠒ training" in legend() and "─◆─ validation" in legend())


async def test_the_other_theme_draws_too():
    app = TrainStage()
    async with app.run_test(size=(120, 40)) as pilot:
        app.begin(updates=1000)
        await drawn(pilot)
        before = app.export_screenshot()
        app.theme = "textual-light"
        await drawn(pilot)
        await until(pilot, lambda: app.export_screenshot() != before)


def test_nothing_heavy_is_imported_before_it_is_shown():
    code = (
        "import sys, tui.train.pane; "
        "print(*sorted({'matplotlib', 'textual_plot', 'torch'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == ""


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_values_that_are_read_look_as_they_should(snap_compare, size):
    app = TrainStage()

    async def read(pilot: Pilot[None]) -> None:
        app.begin(updates=3120)
        app.pane.look()
        app.state(JobState.PAUSED)
        await drawn(pilot)
        await pilot.press("shift+left", "shift+left", "left")
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=read)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_a_running_training_looks_as_it_should(snap_compare, size):
    app = TrainStage()

    async def run_half(pilot: Pilot[None]) -> None:
        app.begin(updates=1200)
        app.pane.look()
        app.seconds = 1.0
        app.run_to(3120)
        app.state(JobState.PAUSED)
        app.tell(Paused(3120))
        await drawn(pilot)

    assert snap_compare(app, terminal_size=size, run_before=run_half)


async def test_what_opening_the_pane_took_does_not_put_off_the_first_drawing():
    app = TrainStage()
    async with app.run_test(size=(120, 40)):
        app.pane._budget._debt = 1.0
        app.begin(updates=1200)
        app.pane.look()
        assert app.pane._budget._debt == 0.0


async def test_the_curves_of_a_run_that_is_over_are_not_frozen():
    app = TrainStage()
    async with app.run_test(size=(120, 40)) as pilot:
        app.begin(updates=1200)
        app.pane.look()
        await drawn(pilot)
        assert app.pane.refusal("freeze", ()) == ""
        await pilot.press("P")
        assert app.pane.frozen
        app.state(JobState.IDLE)
        assert app.pane.refusal("freeze", ()) == ""  # it may be let go
        await pilot.press("P")
        assert not app.pane.frozen
        assert "nothing is recorded any more" in app.pane.refusal("freeze", ())

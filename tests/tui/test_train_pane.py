"""The Train pane on a bridge whose training is written by hand."""

import subprocess
import sys
from datetime import datetime
from math import exp, nan
from pathlib import Path
from types import ModuleType

import pytest
from textual.app import App, ComposeResult
from textual.content import Content
from textual.pilot import Pilot
from textual.widgets import Footer, Static

import tui
from core import build, presets
from core.runs.session import Session
from core.runs.store import RunFolder
from core.training.events import (
    Evaluated,
    Event,
    Failed,
    Finished,
    Paused,
    Result,
    Resumed,
    Started,
    UpdateDone,
)
from tui.bridge import Bridge, JobState, TrainingEvent
from tui.messages import ExportDone
from tui.panes.train import TrainPane
from tui.widgets.chart import Chart
from tui.widgets.progress_line import ProgressLine
from tui.widgets.run_log import RunLog
from tui.widgets.run_status import RunStatus
from tui.widgets.spark import Spark
from tui.widgets.welcome import Welcome

STYLES = Path(tui.__file__).parent


class Stage(App[None]):
    """The pane alone, between two lines that stand for the header and the keys."""

    CSS_PATH = [STYLES / "convsole.tcss", STYLES / "panes/train.tcss"]

    def __init__(self) -> None:
        super().__init__()
        self.bridge = Bridge(lambda message: None)
        self.seconds = 0.0
        self.exports: list[ExportDone] = []
        self.pane = TrainPane(
            self.bridge, lambda: datetime(2024, 5, 4, 14, 3, 7), lambda: self.seconds
        )

    def compose(self) -> ComposeResult:
        yield Static("Convsole")
        yield self.pane
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        self.query_one(Static).styles.height = 1
        self.pane.focus()

    def on_export_done(self, message: ExportDone) -> None:
        self.exports.append(message)

    # What the bridge would do

    def begin(self, dataset: str = "cifar10", updates: int = 0) -> Session:
        session = Session(presets.load("arch-2").changed(dataset=dataset))
        session.folder = RunFolder(Path("/runs/arch-2-3"))
        self.bridge.session = session
        self.state(JobState.LOADING)
        self.tell(Started(dataset, "built in", 33_050, 4800, 490, 100))
        self.state(JobState.RUNNING)
        self.run_to(updates)
        return session

    def run_to(self, updates: int, loss: float | None = None) -> None:
        session = self.bridge.session
        assert session is not None
        schedule = build.schedule(session.experiment)
        for update in range(len(session.history.updates) + 1, updates + 1):
            value = 1.2 + 1.1 * exp(-update / 400) if loss is None else loss
            session.history.add(UpdateDone(update, schedule.rate(update - 1), value, value + 0.3))
            if update % 100 == 0:
                accuracy = 0.9 - 0.3 * value
                session.history.add(
                    Evaluated(update, value, accuracy, value + 0.1, accuracy - 0.04)
                )

    def tell(self, event: Event) -> None:
        session = self.bridge.session
        assert session is not None
        session.history.add(event)
        self.pane.take(TrainingEvent(session, event))

    def state(self, state: JobState) -> None:
        self.bridge.state = state
        self.pane.job_state(state)

    def end(self, stopped: bool = False) -> None:
        session = self.bridge.session
        assert session is not None
        done = len(session.history.updates)
        result = Result("arch-2", "cifar10", 0, done, 3.6, 33_050, 0.609, 0.543, 0.559, 1.1, 1.3)
        self.tell(Finished(result, stopped))
        self.state(JobState.IDLE)

    # What a person sees

    def chart(self, name: str) -> Chart:
        return self.query_one(f"#{name}", Chart)

    def charts(self) -> list[str | None]:
        return [chart.id for chart in self.query(Chart) if chart.display]

    def heading(self, name: str) -> str:
        return str(self.query_one(f"#{name}").border_title)

    def standing(self) -> str:
        return Content.from_markup(str(self.query_one(RunStatus).border_title)).plain

    def log_lines(self) -> list[str]:
        return [f"{time} {text}".strip() for time, text in self.query_one(RunLog).lines]


async def drawn(pilot: Pilot[None]) -> None:
    """Wait until the plots are there and everything has been painted."""
    while len(pilot.app.query("Plot")) < 3:
        await pilot.pause()
    for _ in range(3):
        await pilot.pause()


async def test_before_the_first_training_the_pane_says_what_starts_one():
    app = Stage()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        welcome = app.query_one(Welcome)
        assert "starts the training of what Configure shows" in str(welcome.render())
        app.pane.experiment = presets.load("final")
        app.pane.dataset = "synthetic"
        text = str(welcome.render())
        assert " s " in text
        assert "final on the built-in shapes" in text
        assert "24,000 updates" in text
        assert "not CIFAR-10" in text
        assert not app.query_one(RunLog).is_on_screen


async def test_keys_of_curves_do_nothing_before_there_are_curves():
    app = Stage()
    async with app.run_test() as pilot:
        await pilot.press("c", "f", "e", "l")
        assert not app.pane.frozen
        assert not app.chart("loss").log_scale
        assert not app.exports


async def test_a_failure_before_the_first_update_is_told_with_the_key_to_try_again():
    app = Stage()
    async with app.run_test(size=(80, 24)) as pilot:
        app.bridge.session = Session(presets.load("arch-2"))
        app.state(JobState.LOADING)
        assert "are being read" in app.query_one(Welcome).heading
        app.tell(Failed(0, "the archive is damaged"))
        app.state(JobState.IDLE)
        await pilot.pause()
        assert "the archive is damaged" in app.query_one(Welcome).heading
        assert app.query_one(Welcome).start
        assert "14:03:07 failed: the archive is damaged" in app.log_lines()


async def test_a_running_training_is_shown_with_its_numbers():
    app = Stage()
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
        assert f"validation {loss:.3f}" in app.heading("loss")
        assert app.heading("spark-validation").startswith("validation 49.")
        assert "at 2,000" in str(app.query_one("#spark-validation").border_subtitle)
        assert app.query_one("#spark-rate").border_subtitle == "cycle 2 of 3"
        line = app.query_one(ProgressLine)
        assert line.words[0] == "update 2,000 of 4,800 · epoch 4.1 · 3 s to go"
        assert line.fraction == pytest.approx(2000 / 4800)
        status = app.query_one(RunStatus)
        assert status.numbers == ("100,000 images/s", "1,000 updates/s")
        assert "arch-2-3 · seed 0" in str(status.render())
        assert "● runs" in app.standing()


async def test_nothing_is_drawn_while_the_pane_is_hidden_and_all_of_it_afterwards():
    app = Stage()
    async with app.run_test(size=(120, 40)) as pilot:
        app.begin(updates=500)
        await drawn(pilot)
        app.pane.display = False
        await pilot.pause()
        before = app.heading("loss"), app.query_one(ProgressLine).words
        app.run_to(3000)
        app.pane.look()
        app.pane.draw()
        assert (app.heading("loss"), app.query_one(ProgressLine).words) == before
        app.pane.display = True
        await drawn(pilot)
        assert app.heading("loss") != before[0]
        assert "3,000" in app.query_one(ProgressLine).words[0]


async def test_freezing_holds_the_curves_says_so_and_catches_up():
    app = Stage()
    async with app.run_test(size=(120, 40)) as pilot:
        app.begin(updates=1000)
        await drawn(pilot)
        await pilot.press("f")
        assert app.heading("loss").startswith("FROZEN at 1,000")
        assert app.heading("accuracy").startswith("FROZEN at 1,000")
        assert "FROZEN" in app.heading("spark-loss")
        held = app.heading("loss"), app.query_one("#spark-loss", Spark).data
        app.run_to(3000)
        app.pane.look()
        app.pane.draw()
        assert (app.heading("loss"), app.query_one("#spark-loss", Spark).data) == held
        assert "3,000" in app.query_one(ProgressLine).words[0]
        await pilot.press("f")
        assert "FROZEN" not in app.heading("loss")
        assert app.query_one("#spark-loss", Spark).data != held[1]


async def test_another_training_ends_the_freeze():
    app = Stage()
    async with app.run_test(size=(120, 40)) as pilot:
        app.begin(updates=1000)
        await pilot.press("f")
        app.end()
        assert app.pane.frozen
        app.begin(updates=100)
        app.pane.look()
        assert not app.pane.frozen
        assert "100 of 4,800" in app.query_one(ProgressLine).words[0]


def labels(app: Stage, name: str) -> str:
    margin = app.chart(name).query_one("#margin-left")
    return " ".join(margin.render_line(y).text.strip() for y in range(margin.size.height))


async def test_the_loss_can_stand_on_a_logarithmic_axis():
    app = Stage()
    async with app.run_test(size=(120, 40)) as pilot:
        app.begin()
        app.run_to(500, loss=100.0)
        app.run_to(1500)
        app.pane.job_state(JobState.RUNNING)
        await drawn(pilot)
        assert "40" in labels(app, "loss").split()
        await pilot.press("l")
        await drawn(pilot)
        assert "log scale" in app.heading("loss")
        assert "50" in labels(app, "loss").split()
        assert "2" in labels(app, "loss").split()
        await pilot.press("l")
        await drawn(pilot)
        assert "log scale" not in app.heading("loss")
        assert "40" in labels(app, "loss").split()


async def test_one_chart_at_a_time_where_there_is_no_room_and_c_goes_through_them():
    app = Stage()
    async with app.run_test(size=(80, 24)) as pilot:
        app.begin(updates=1000)
        await drawn(pilot)
        seen = [app.charts()]
        for _ in range(3):
            await pilot.press("c")
            await drawn(pilot)
            seen.append(app.charts())
        assert seen == [["loss"], ["accuracy"], ["rate"], ["loss"]]
        await pilot.press("c")
        await drawn(pilot)
        assert "training sample" in str(app.chart("accuracy").border_subtitle)


@pytest.mark.parametrize("size", [(120, 40), (80, 44)])
async def test_two_charts_where_there_is_room_and_c_changes_the_second(size):
    app = Stage()
    async with app.run_test(size=size) as pilot:
        app.begin(updates=1000)
        await drawn(pilot)
        assert app.charts() == ["loss", "accuracy"]
        await pilot.press("c")
        await drawn(pilot)
        assert app.charts() == ["loss", "rate"]
        await pilot.press("c")
        assert app.charts() == ["loss", "accuracy"]


def fake_figures(monkeypatch: pytest.MonkeyPatch, error: Exception | None = None) -> list[object]:
    calls: list[object] = []

    def export(history: object, folder: Path, title: str) -> list[Path]:
        calls.append((history, folder, title))
        if error is not None:
            raise error
        return [folder / "loss.png", folder / "accuracy.png"]

    module = ModuleType("core.figures")
    module.export = export  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "core.figures", module)
    monkeypatch.setattr("core.figures", module, raising=False)
    return calls


async def exported(pilot: Pilot[None]) -> ExportDone:
    app = pilot.app
    assert isinstance(app, Stage)
    await pilot.press("e")
    await app.workers.wait_for_complete()
    while not app.exports:
        await pilot.pause()
    return app.exports[-1]


async def test_e_writes_the_figures_of_the_run_and_says_where(monkeypatch):
    calls = fake_figures(monkeypatch)
    app = Stage()
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
    app = Stage()
    async with app.run_test() as pilot:
        app.begin(updates=300)
        done = await exported(pilot)
        assert done.failed
        assert ("Permission denied" in done.text) == isinstance(error, OSError)
        assert app.log_lines()[-1] == f"14:03:07 {done.text}"


async def test_the_log_tells_what_happened_and_nothing_that_happens_all_the_time():
    app = Stage()
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
            "data: built-in shapes, not CIFAR-10",
            "14:03:07 paused after update 200",
            "14:03:07 goes on after update 200",
            "14:03:07 stopped after 200 updates in 4 s",
            "training 60.9 %, validation 54.3 %, test 55.9 %",
            "saved in /runs/arch-2-3",
        ]
        assert "■ stopped" in app.standing()
        assert "built-in shapes" in str(app.query_one(RunStatus).render())
        assert "test 55.9 %" in str(app.query_one(RunStatus).render())


async def test_a_training_that_failed_keeps_its_curves_and_says_why():
    app = Stage()
    async with app.run_test(size=(120, 40)) as pilot:
        app.begin(updates=700)
        app.tell(Failed(701, "the loss is no longer finite"))
        app.state(JobState.IDLE)
        await drawn(pilot)
        assert "✗ failed" in app.standing()
        assert "14:03:07 failed: the loss is no longer finite" in app.log_lines()
        assert "training 1.4" in app.heading("loss")


async def test_a_start_that_the_pane_missed_is_told_when_it_is_seen():
    app = Stage()
    session = Session(presets.load("arch-2"))
    session.history.add(Started("cifar10", "here.tar.gz", 33_050, 4800, 490, 100))
    app.bridge.session, app.bridge.state = session, JobState.RUNNING
    async with app.run_test() as pilot:
        await pilot.pause()
        assert app.log_lines()[0].startswith("14:03:07 started arch-2")
        assert app.log_lines()[1] == "data: CIFAR-10 from here.tar.gz"


async def test_numbers_that_are_not_finite_are_left_out():
    app = Stage()
    async with app.run_test(size=(120, 40)) as pilot:
        session = app.begin()
        for update in range(1, 200):
            session.history.add(UpdateDone(update, nan, nan, nan))
            session.history.add(Evaluated(update, nan, nan, nan, nan))
        app.state(JobState.RUNNING)
        await drawn(pilot)
        assert app.heading("loss") == "Loss ─ training … · validation …"
        app.run_to(400)
        app.state(JobState.RUNNING)
        await pilot.press("l")
        await drawn(pilot)
        assert "…" not in app.heading("loss")


@pytest.mark.parametrize("updates", [0, 1, 150, 4800])
async def test_any_size_can_be_drawn(updates):
    app = Stage()
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
            await pilot.press("c", "l")
            await drawn(pilot)
        assert app.charts()


async def test_nothing_needs_colours(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    app = Stage()
    async with app.run_test(size=(80, 24)) as pilot:
        app.begin(updates=1000)
        await drawn(pilot)
        await pilot.resize_terminal(120, 40)
        await drawn(pilot)
        legend = Content.from_markup(str(app.chart("loss").border_subtitle)).plain
        assert "⠒⠒⠒ training" in legend
        assert "─◆─ validation" in legend


async def test_the_other_theme_draws_too():
    app = Stage()
    async with app.run_test(size=(120, 40)) as pilot:
        app.begin(updates=1000)
        await drawn(pilot)
        before = app.export_screenshot()
        app.theme = "textual-light"
        await drawn(pilot)
        assert app.export_screenshot() != before


def test_nothing_heavy_is_imported_before_it_is_shown():
    code = (
        "import sys, tui.panes.train; "
        "print(*sorted({'matplotlib', 'textual_plot', 'torch'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == ""


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_a_running_training_looks_as_it_should(snap_compare, size):
    app = Stage()

    async def run_half(pilot: Pilot[None]) -> None:
        app.begin(updates=1200)
        app.pane.look()
        app.seconds = 1.0
        app.run_to(3120)
        app.state(JobState.PAUSED)
        app.tell(Paused(3120))
        await drawn(pilot)

    assert snap_compare(app, terminal_size=size, run_before=run_half)

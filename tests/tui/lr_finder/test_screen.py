"""Tests of the learning-rate range test in the app."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from textual import events
from textual.content import Content
from textual.pilot import Pilot
from textual.widgets import Static

from core import format as fmt
from core.config.experiment import Experiment
from core.data import home
from core.training import lr_finder
from core.training.lr_curve import RateCurve
from core.training.lr_finder import RangeSettings
from core.training.process_worker import WorkerError
from tests.training.test_lr_curve import curve as made
from tests.tui.waiting import until
from tui.app import Convsole
from tui.dialogs.help import HelpScreen
from tui.frame.key_footer import KeyFooter
from tui.lr_finder.screen import RangeScreen
from tui.lr_finder.view import RangeView
from tui.widgets.chart import Chart
from tui.widgets.field_list import FieldList
from tui.worker.messages import JobState

SMALL = Experiment.of(
    {"name": "small", "architecture": "8x8/4/12", "dataset": "synthetic", "half_cycle": 5000}
)
Listen = Callable[[RateCurve], None]


def shown(app: Convsole) -> str:
    return str(app.screen.query_one("#range-words", Static).visual)


def view(app: Convsole) -> RangeView:
    return app.screen.query_one(RangeView)


def footer_fits(app: Convsole) -> bool:
    footer = app.screen.query_one(KeyFooter)
    return 0 < len(footer.places) == len(footer.keys) <= 7


async def opened(pilot: Pilot[None], app: Convsole) -> None:
    await pilot.press("f")
    await until(pilot, lambda: isinstance(app.screen, RangeScreen))


async def test_the_rates_are_measured_and_taken_over_by_keyboard() -> None:
    app = Convsole(bell=False, experiment=SMALL)
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, app)
        await until(pilot, lambda: "eta_max" in shown(app))
        found = app.runner.ranged
        assert found is not None
        assert found.suggestion is not None
        await pilot.press("e")
        picture = home.saved_models_folder() / "reports" / "small-rates" / "range-test.png"
        await until(pilot, picture.exists)
        await pilot.press("t")
        await until(pilot, lambda: not isinstance(app.screen, RangeScreen))
        wanted = SMALL.changed(eta_min=found.suggestion.eta_min, eta_max=found.suggestion.eta_max)
        await until(pilot, lambda: app.experiment == wanted)
        await pilot.press("u")
        await until(pilot, lambda: app.experiment == SMALL)
        assert not list(home.saved_models_folder().glob("small-*")), "no run is kept of it"


async def test_escape_ends_the_test_and_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lr_finder, "run", endless)
    app = Convsole(bell=False, experiment=SMALL)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await until(pilot, lambda: shown(app) == "measures…")
        assert app.runner.state is JobState.RANGING
        assert not view(app).check_action("take_over", ())
        await pilot.press("escape")
        await until(pilot, lambda: not app.runner.busy)
        await until(pilot, lambda: not isinstance(app.screen, RangeScreen))
        await until(pilot, lambda: app.experiment == SMALL)


async def test_a_test_that_is_stopped_keeps_its_curve_and_can_be_begun_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lr_finder, "run", endless)
    app = Convsole(bell=False, experiment=SMALL)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await until(pilot, lambda: view(app).curve is not None)
        await pilot.press("x")
        await until(pilot, lambda: "none: too few updates" in shown(app))
        monkeypatch.setattr(lr_finder, "run", at_once(made()))
        await pilot.press("right", "g")
        await until(pilot, lambda: "eta_min, lowest rate" in shown(app))
        assert view(app)._tested == RangeSettings(low=1.5e-5)
        await pilot.press("u")
        await until(pilot, lambda: view(app)._draft.present == RangeSettings())


async def test_while_a_training_runs_the_key_does_nothing_and_takes_no_room() -> None:
    app = Convsole(bell=False, experiment=SMALL.changed(half_cycle=100_000))
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.press("g", "1")
        await until(pilot, lambda: app.runner.state is JobState.RUNNING)
        await pilot.press("f")
        await pilot.pause()
        assert not isinstance(app.screen, RangeScreen)
        await until(pilot, lambda: footer_fits(app))
        await pilot.press("x")
        await until(pilot, lambda: not app.runner.busy)


async def test_where_something_else_is_under_way_it_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lr_finder, "run", at_once(made()))
    app = Convsole(bell=False, experiment=SMALL)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await until(pilot, lambda: "eta_max" in shown(app))
        app.runner.state = JobState.FETCHING
        await pilot.press("g")
        await until(pilot, lambda: shown(app).startswith("✗ something else is under way"))
        assert not view(app).check_action("take_over", ())
        await pilot.press("escape")
        assert app.runner.state is JobState.FETCHING, "what runs is not this test's to stop"
        app.runner.state = JobState.IDLE


@pytest.mark.parametrize("keys", [("t", "t"), ("t", "escape"), ("escape", "t")])
async def test_two_keys_at_once_close_it_once(
    monkeypatch: pytest.MonkeyPatch, keys: tuple[str, str]
) -> None:
    monkeypatch.setattr(lr_finder, "run", at_once(made()))
    app = Convsole(bell=False, experiment=SMALL)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await until(pilot, lambda: "eta_max" in shown(app))
        for key in keys:
            app.post_message(events.Key(key, None))
        await until(pilot, lambda: not isinstance(app.screen, RangeScreen))
        await pilot.pause()
        await until(pilot, lambda: len(app.screen_stack) == 1)


async def test_the_key_pressed_twice_opens_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lr_finder, "run", at_once(made()))
    app = Convsole(bell=False, experiment=SMALL)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        for _ in range(2):
            app.post_message(events.Key("f", None))
        await until(pilot, lambda: isinstance(app.screen, RangeScreen))
        await pilot.pause()
        await until(pilot, lambda: len(app.screen_stack) == 2)


async def test_a_failure_half_way_is_told_and_suggests_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object, listen: Listen, **__: object) -> RateCurve:
        listen(made())
        raise WorkerError("a helper ended")

    monkeypatch.setattr(lr_finder, "run", broken)
    app = Convsole(bell=False, experiment=SMALL)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await until(pilot, lambda: "✗ " in shown(app))
        assert "a helper ended" in shown(app)
        assert not view(app).check_action("take_over", ())


async def test_a_picture_that_comes_when_the_screen_is_closed_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lr_finder, "run", at_once(made()))
    closed = threading.Event()

    def slow(curve: RateCurve, path: Path, title: str) -> Path:
        closed.wait(10)
        return path

    monkeypatch.setattr("core.figures.lr_finder.export", slow)
    app = Convsole(bell=False, experiment=SMALL)
    told: list[str] = []
    monkeypatch.setattr(app, "notify", lambda message, **_: told.append(message))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await until(pilot, lambda: "eta_max" in shown(app))
        await pilot.press("e", "escape")
        await until(pilot, lambda: not isinstance(app.screen, RangeScreen))
        closed.set()
        await until(pilot, lambda: any("small-rates" in message for message in told))


async def test_everything_is_said_in_full_on_a_small_screen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    falling = made(falls=(1e-2, 1.0), rises=10.0, noise=0.01)
    monkeypatch.setattr(lr_finder, "run", at_once(falling))
    app = Convsole(bell=False, experiment=SMALL)
    async with app.run_test(size=(60, 20)) as pilot:
        await opened(pilot, app)
        await until(pilot, lambda: "try higher rates" in shown(app))
        words = app.screen.query_one("#range-words", Static)
        lines = [line.rstrip() for line in shown(app).splitlines()]
        needed = sum(-(-len(line) // words.content_size.width) for line in lines)
        assert needed <= words.content_size.height
        await until(pilot, lambda: footer_fits(app))
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))


async def test_a_failure_is_told_in_a_sentence(tmp_path: Path) -> None:
    app = Convsole(
        data=tmp_path / "nowhere", bell=False, experiment=SMALL.changed(dataset="cifar10")
    )
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await until(pilot, lambda: "does not exist" in shown(app))
        assert not view(app).check_action("export", ())


async def test_the_chart_has_an_axis_of_powers_and_leaves_the_explosion_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lr_finder, "run", at_once(made()))
    app = Convsole(bell=False, experiment=SMALL)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await until(pilot, lambda: "eta_max" in shown(app))
        picture = app.screen.query_one(Chart)._picture
        assert picture is not None
        assert (picture.first, picture.last) == (1e-5, 1.0)
        assert picture.marks == (0.0016, 0.073)
        assert max(float(line.y.max()) for line in picture.curves) < 3.0


async def test_the_losses_at_a_rate_are_read_by_pointer_and_keys(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    measured = made()
    monkeypatch.setattr(lr_finder, "run", at_once(measured))
    app = Convsole(bell=False, experiment=SMALL)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await until(pilot, lambda: "eta_max" in shown(app))
        chart = app.screen.query_one(Chart)
        assert isinstance(app.screen.focused, FieldList)

        def told() -> str:
            return Content.from_markup(str(chart.border_subtitle)).plain

        def check() -> None:
            """The losses are those of one update, and neither is cut to fit the chart."""
            reading = chart._reading()
            assert reading is not None
            row = int(np.flatnonzero(measured.rates == reading.x)[0])
            smoothed, single = reading.values
            assert single is not None
            assert single.y == measured.losses[row]
            assert smoothed is None or smoothed.y == measured.smoothed[row]
            assert told().startswith(f"rate {fmt.rate(reading.x)} ")
            assert fmt.loss(single.y) in told()

        await pilot.hover("#range-curve #plot", offset=(20, 3))
        await until(pilot, lambda: "rate" in told())
        check()
        await pilot.hover("#range-words")
        await until(pilot, lambda: "rate" not in told())
        await pilot.press("shift+tab", "left")
        await until(pilot, lambda: "rate" in told())
        check()
        assert measured.losses[-1] > measured.ceiling, "an explosion, at the end"
        await pilot.press("shift+left")
        check()
        await pilot.press("escape")
        assert "rate" not in told()
        assert isinstance(app.screen, RangeScreen)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, RangeScreen))


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_a_range_test_looks_as_it_should(
    snap_compare: Any, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lr_finder, "run", at_once(made()))
    app = Convsole(bell=False, experiment=SMALL)

    async def measure(pilot: Pilot[None]) -> None:
        await opened(pilot, app)
        await until(pilot, lambda: "eta_max" in shown(app))
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=measure)


def at_once(curve: RateCurve) -> Callable[..., RateCurve]:
    def run(*_: object, listen: Listen, **__: object) -> RateCurve:
        listen(curve)
        return curve

    return run


def endless(*_: object, listen: Listen, cancelled: Callable[[], bool], **__: object) -> RateCurve:
    curve = RateCurve(np.geomspace(1e-5, 2e-5, 5), np.full(5, 2.3), 300)
    listen(curve)
    while not cancelled():
        time.sleep(0.005)
    return curve

"""Tests of the check before a training in the app."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from core.checks import start
from core.checks.report import Progress
from core.checks.start_report import Finding, StartReport, Verdict
from core.config.experiment import Experiment
from core.data import home
from core.data.dataset import DataError
from tests.tui.waiting import screen_text, until
from tui.app import Convsole
from tui.frame.key_footer import KeyFooter
from tui.start_check.finding_list import TITLES, FindingList
from tui.start_check.screen import StartCheckScreen
from tui.worker.messages import JobState

SMALL = Experiment.of(
    {"name": "small", "architecture": "8x8/4/12", "dataset": "synthetic", "half_cycle": 5000}
)
SIZES = [(60, 20), (80, 24), (120, 40)]


def made() -> StartReport:
    """A report with every verdict."""
    texts = (
        (Verdict.PASSED, "mean -0.02, deviation 1.00, largest 2.41", "mean within 0.2 of 0"),
        (Verdict.PASSED, "2.99; guessing costs ln 10 = 2.30", "from 1.15 to 3.80"),
        (Verdict.FAILED, "deviation 12, from image to image 3.4", "deviation 0.05 to 3"),
        (Verdict.DOUBTFUL, "20 images: loss 0.31 after 300 updates at rate 1; AdamW at 0.001: "
         "0.039, so the rate or the optimiser is at fault", "loss at most 0.1"),
        (Verdict.PASSED, "loss 2.3 with inputs of 0, 0.039 with the images; the labels alone "
         "allow 2.3", "the images at least halve it"),
    )  # fmt: skip
    findings = tuple(
        Finding(title.lower(), title, verdict, measured, threshold,
                "What cannot learn a few images by heart cannot learn many.", "cs231n notes")
        for title, (verdict, measured, threshold) in zip(TITLES, texts, strict=True)
    )  # fmt: skip
    return StartReport("small", "the built-in shapes", 5, findings, 1.5)


def at_once(report: StartReport) -> Callable[..., StartReport]:
    def run(*_: object, listen: Callable[[object], None], **__: object) -> StartReport:
        for finding in report.findings:
            listen(finding)
        return report

    return run


def endless(*_: object, listen: Any, cancelled: Callable[[], bool], **__: object) -> StartReport:
    report = made()
    listen(Progress(1, 4, "learns by heart"))
    listen(report.findings[0])
    while not cancelled():
        time.sleep(0.01)
    return StartReport("small", "the built-in shapes", 5, report.findings[:1], 1.0)


def failing(*_: object, **__: object) -> StartReport:
    raise DataError("there are no images; look for some")


async def opened(pilot: Pilot[None], app: Convsole) -> None:
    await pilot.press("V")
    await until(pilot, lambda: isinstance(app.screen, StartCheckScreen))


def footer(app: Convsole) -> list[str]:
    return [key.words for key in app.screen.query_one(KeyFooter).keys]


def test_the_titles_are_those_of_the_findings() -> None:
    report = start.run(SMALL)
    assert tuple(finding.title for finding in report.findings) == TITLES
    assert len(TITLES) == start.QUESTIONS


async def test_the_network_in_configure_is_checked_by_keyboard() -> None:
    app = Convsole(bell=False, experiment=SMALL)
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, app)
        await until(pilot, lambda: "5 of 5 passed" in screen_text(app))
        await until(pilot, lambda: footer(app)[0] == "Check again")
        assert "Stop" not in footer(app)
        await pilot.press("down")
        await until(pilot, lambda: "wanted: from 1.15 to 3.80" in screen_text(app))
        assert "Karpathy 2019" in screen_text(app)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, StartCheckScreen))
        assert app.experiment == SMALL
        assert not list(home.saved_models_folder().glob("*")), "nothing is kept of it"


async def test_it_can_be_stopped_and_begun_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start, "run", endless)
    app = Convsole(bell=False, experiment=SMALL)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await until(pilot, lambda: "learns by heart…" in screen_text(app))
        assert app.runner.state is JobState.TRYING
        await pilot.press("g")
        await until(pilot, lambda: "✗ the check runs; x ends it" in screen_text(app))
        await pilot.press("x")
        await until(pilot, lambda: "stopped; 1 of 5 passed" in screen_text(app))
        monkeypatch.setattr(start, "run", at_once(made()))
        await pilot.press("g")
        await until(pilot, lambda: "3 of 5 passed, 1 doubtful, 1 failed" in screen_text(app))


async def test_escape_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start, "run", endless)
    app = Convsole(bell=False, experiment=SMALL)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, StartCheckScreen))
        await until(pilot, lambda: not app.runner.busy)


async def test_why_nothing_was_measured_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start, "run", failing)
    app = Convsole(bell=False, experiment=SMALL)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await until(pilot, lambda: "✗ there are no images; look for some" in screen_text(app))


async def test_beside_a_training_the_key_says_why_not() -> None:
    app = Convsole(bell=False, experiment=SMALL.changed(half_cycle=100_000))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("g", "1")
        await until(pilot, lambda: app.runner.state is JobState.RUNNING)
        await pilot.press("V")
        await until(pilot, lambda: "✗ a training runs; x stops it" in screen_text(app))
        assert not isinstance(app.screen, StartCheckScreen)
        await pilot.press("x")
        await until(pilot, lambda: not app.runner.busy)


@pytest.mark.parametrize("size", SIZES)
def test_it_looks_as_it_should(
    snap_compare: Any, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(start, "run", at_once(made()))
    app = Convsole(bell=False, experiment=SMALL)

    async def show(pilot: Pilot[None]) -> None:
        await opened(pilot, app)
        await until(pilot, lambda: "3 of 5 passed" in screen_text(app))
        await pilot.press("down", "down", "down")
        await until(pilot, lambda: app.screen.query_one(FindingList).cursor == 3)
        await until(pilot, lambda: footer(app)[0] == "Check again")
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=show)

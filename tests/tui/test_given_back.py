"""Tests that the memory of a finished job is freed without the cyclic garbage collector."""

import gc
import subprocess
import sys
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
from textual.message import Message

from core import memory
from core.benchmark import profile
from core.benchmark import run as benchmarks
from core.benchmark.settings import BenchSettings
from core.checks import gradients
from core.checks.settings import CheckSettings
from core.config import presets
from core.config.experiment import Experiment
from core.data import source
from core.data.dataset import Dataset
from core.job_process import JobProcessError
from core.predictions.evaluation import Evaluation
from core.predictions.model import Model
from core.reproduce import run
from core.reproduce.plan import StudySettings
from core.runs.session import Session, store
from core.training.lr_finder import RangeSettings
from tests.tui.test_app import until
from tui.app import Convsole
from tui.inspect.screen import InspectScreen
from tui.worker.messages import JobState, WorkReport
from tui.worker.runner import JobRunner

TIMEOUT_S = 120.0


@pytest.fixture
def no_collection() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.fixture
def read(small: Dataset, monkeypatch: pytest.MonkeyPatch) -> list["weakref.ref[Dataset]"]:
    """Return weak references to the data sets that are read, a new one each time."""
    found: list[weakref.ref[Dataset]] = []

    def load(*_: object) -> Dataset:
        fresh = Dataset(
            "synthetic", "built in", small.classes, small.train, small.validation, small.test
        )
        found.append(weakref.ref(fresh))
        return fresh

    monkeypatch.setattr(source, "load", load)
    return found


def short() -> Experiment:
    return presets.load("arch-2").changed(
        dataset="synthetic",
        validation_size=100,
        training_sample=100,
        batch_size=12,
        max_updates=4,
        evaluate_every=2,
    )


@pytest.mark.parametrize("job", ["training", "range test"])
def test_the_images_go_with_the_job(
    job: str,
    read: list["weakref.ref[Dataset]"],
    no_collection: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[Message] = []
    trimmed: list[JobState] = []
    runner = JobRunner(said.append)
    monkeypatch.setattr(memory, "trim", lambda: trimmed.append(runner.state))
    for jobs in (1, 2):
        if job == "training":
            runner.train(short(), None)
        else:
            runner.find_rates(short(), RangeSettings(updates=50), None)
        assert runner._thread is not None
        runner._thread.join(TIMEOUT_S)
        assert runner.state is JobState.IDLE
        # Each job reads the images once, and no reference to them is left.
        assert len(read) == jobs
        assert [images() for images in read] == [None] * jobs
        # The C library's free memory is returned before the state changes to idle.
        assert len(trimmed) == jobs
        assert JobState.IDLE not in trimmed


async def test_predictions_go_with_their_screen(
    small: Dataset, no_collection: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    Session(short()).run(load=lambda *_: small)
    monkeypatch.setattr(source, "load", lambda *_: small)
    made: list[weakref.ref[Any]] = []
    for kind in (Model, Evaluation):
        init = kind.__init__

        def noted(self: Any, *arguments: Any, init: Any = init, **named: Any) -> None:
            made.append(weakref.ref(self))
            init(self, *arguments, **named)

        monkeypatch.setattr(kind, "__init__", noted)
    app = Convsole(experiment=short())
    async with app.run_test() as pilot:
        await app.push_screen(InspectScreen(store().runs()[0], None))
        screen = app.screen
        assert isinstance(screen, InspectScreen)
        await until(pilot, lambda: screen._found is not None)
        await pilot.press("v")  # the mistakes, whose widgets hold pictures
        assert len(made) == 2
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is not screen)
        await until(pilot, lambda: all(each() is None for each in made))


def test_checks_and_measurements_are_made_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[object, ...]] = []

    def apart(work: object, *arguments: object, **named: object) -> None:
        asked.append((work, *arguments))
        raise JobProcessError("it was killed")

    said: list[Message] = []
    runner = JobRunner(said.append)
    monkeypatch.setattr(runner, "_in_own_process", apart)
    monkeypatch.setattr(run, "jobs", lambda *_: ())
    experiment, check, settings = short(), CheckSettings(), BenchSettings()
    for begin in (
        lambda: runner.check(experiment, check, None),
        lambda: runner.bench(settings, None),
        lambda: runner.profile(experiment, None),
        lambda: runner.reproduce(StudySettings(length="quick"), None),
    ):
        begin()
        assert runner._thread is not None
        runner._thread.join(TIMEOUT_S)
    works = (gradients.run, benchmarks.run, profile.profile, benchmarks.run)
    assert tuple(each[0] for each in asked) == works
    assert asked[0][1:] == (experiment, check, None)
    assert asked[1][1:] == (settings, None)
    assert asked[2][1:] == (experiment, None)
    ended = [message for message in said if isinstance(message, WorkReport)]
    assert [message.reason for message in ended] == ["it was killed"] * 4


def test_pytorch_never_comes_into_the_app() -> None:
    code = """
import sys
from core.config import presets
from core.checks.settings import CheckSettings
from tui.worker.runner import JobRunner
said = []
runner = JobRunner(said.append)
experiment = presets.load("arch-1").changed(dataset="synthetic")
runner.check(experiment, CheckSettings(batch_size=1), None)
runner._thread.join()
ended = next(message for message in said if type(message).__name__ == "CheckEnded")
assert ended.reason is None, ended.reason
assert ended.report.passed
assert "torch" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

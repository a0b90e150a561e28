"""Tests of the job of a study: its states, its end, and what it says of a missing package."""

import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from textual.message import Message

from core.errors import UserError
from core.sweeps.analysis.snapshot import Live, WorkerRow
from core.training.control import Control
from tests.sweeps.made_snapshot import DEFINITION
from tui.worker import sweeping
from tui.worker.messages import JobState, JobStateChanged, SweepEnded
from tui.worker.runner import BusyError, JobRunner
from tui.worker.sweeping import SweepOrder

ORDER = SweepOrder("wide", DEFINITION)
TIMEOUT_S = 30.0


class Loop:
    """Stands for the loop of a study: waits until it is stopped."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.begun, self.stop = threading.Event(), threading.Event()
        self.controls: list[Control] = []
        self.on_live: Callable[[Live], None] | None = None

    def __call__(
        self,
        order: SweepOrder,
        data: Path | None,
        threads: int | None,
        control: Control,
        on_live: Callable[[Live], None],
        load: Any,
    ) -> None:
        self.controls.append(control)
        self.on_live = on_live
        on_live(Live((WorkerRow("local-0", "here"),), 100.0, None))
        self.begun.set()
        if self.error is not None:
            raise self.error
        assert self.stop.wait(TIMEOUT_S)


def started(loop: Loop) -> tuple[JobRunner, list[Message]]:
    said: list[Message] = []
    runner = JobRunner(said.append)
    runner._run_sweep = loop  # type: ignore[method-assign, assignment]
    runner.start_sweep(ORDER, None, 2)
    assert loop.begun.wait(TIMEOUT_S)
    return runner, said


def ended(runner: JobRunner) -> None:
    assert runner._thread is not None
    runner._thread.join(TIMEOUT_S)
    assert not runner.busy


def test_a_study_is_paused_goes_on_and_stops() -> None:
    loop = Loop()
    runner, said = started(loop)
    [control] = loop.controls
    assert runner.state is JobState.SWEEPING
    assert runner.swept is not None
    assert runner.swept.images_per_second == 100
    with pytest.raises(BusyError, match="a study runs; x stops it"):
        runner.start_sweep(ORDER, None)
    runner.pause()
    assert runner.state is JobState.SWEEP_PAUSED
    assert control.paused
    runner.resume()
    assert runner.state is JobState.SWEEPING
    assert not control.paused
    runner.stop()
    assert control.stopping
    loop.stop.set()
    ended(runner)
    assert runner.swept is None
    [end] = [each for each in said if isinstance(each, SweepEnded)]
    assert end.reason is None
    states = [each.state for each in said if isinstance(each, JobStateChanged)]
    assert states == [
        JobState.SWEEPING,
        JobState.SWEEP_PAUSED,
        JobState.SWEEPING,
        JobState.STOPPING,
        JobState.IDLE,
    ]


def test_another_process_ends_a_pause() -> None:
    loop = Loop()
    runner, _ = started(loop)
    assert loop.on_live is not None
    live = Live((), 100.0, None)
    runner.pause()
    loop.on_live(live)
    assert runner.state is JobState.SWEEP_PAUSED
    loop.controls[0].resume()
    loop.on_live(live)
    assert runner.state is JobState.SWEEPING
    loop.stop.set()
    ended(runner)


def test_a_study_that_fails_says_why_in_a_sentence() -> None:
    loop = Loop(UserError("the scheduler is gone"))
    runner, said = started(loop)
    ended(runner)
    [end] = [each for each in said if isinstance(each, SweepEnded)]
    assert end.reason == "the scheduler is gone"


class Sweep:
    """Stands for `core.sweeps.execution.run.Sweep`."""

    def __init__(self, study: Any, *, data: Any, control: Control, listen: Any) -> None:
        self.study, self.listen = study, listen

    def __enter__(self) -> "Sweep":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def load(self, load: Any) -> Any:
        return load(self.study.start.dataset, None, self.study.validation_size)

    def run(self, dataset: Any, executor: Any) -> None:
        worker = SimpleNamespace(worker="w", host="h", doing="trial 3, seed 0")
        idle = SimpleNamespace(worker="v", host="h", doing="idle")
        self.listen(SimpleNamespace(workers=(worker, idle), images_per_second=7.0, to_go=3.0))


def modules(monkeypatch: pytest.MonkeyPatch, opened: Callable[..., Any]) -> None:
    run, executors = (
        ModuleType("core.sweeps.execution.run"),
        ModuleType("core.sweeps.execution.executors"),
    )
    run.Sweep = Sweep  # type: ignore[attr-defined]
    executors.open_executor = opened  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "core.sweeps.execution.run", run)
    monkeypatch.setitem(sys.modules, "core.sweeps.execution.executors", executors)


def test_the_loop_gets_the_study_and_says_who_works(monkeypatch: pytest.MonkeyPatch) -> None:
    from contextlib import nullcontext

    asked: list[Any] = []
    said: list[Live] = []

    def opened(dataset: Any, *, cores: int | None) -> Any:
        asked.append((dataset, cores))
        return nullcontext()

    modules(monkeypatch, opened)
    sweeping.run(ORDER, None, 2, Control(), said.append, lambda *what: what)  # type: ignore[arg-type, return-value]
    assert asked == [(("auto", None, 5000), 2)]
    workers = (WorkerRow("w", "h", "trial 3, seed 0"), WorkerRow("v", "h", ""))
    assert said == [
        Live(starting="starts: reads the images"),
        Live(starting="starts: waits for workers"),
        Live(workers, 7.0, 3.0),
    ]


@pytest.mark.parametrize("name", ["distributed", "dask", "optuna"])
def test_a_missing_package_is_named_with_what_installs_it(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(dataset: Any, *, cores: int | None) -> Any:
        raise ModuleNotFoundError(f"No module named '{name}'", name=name)

    modules(monkeypatch, opened)
    with pytest.raises(
        UserError, match=f"needs {name}, which is not installed; install it by: pip"
    ):
        sweeping.run(ORDER, None, None, Control(), lambda live: None, lambda *what: what)  # type: ignore[arg-type, return-value]

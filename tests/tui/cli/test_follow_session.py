"""Tests of the result of a training, as `train` and `resume` print it."""

import io

import pytest
from rich.console import Console

from core.config import presets
from core.runs.records import new_run
from core.runs.session import Session
from core.training import events
from tests.runs.made import EXPERIMENT, FACTS
from tui.cli import follow_session


@pytest.mark.parametrize("measured", [True, False])
def test_the_result_of_a_stopped_training_is_what_was_measured_at_the_stop(
    measured: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = [0.402] * 5
    result = events.Result("arch-2", "cifar10", 0, 349, 19.2, 33_050, *parts)
    made = Session(presets.load("arch-2"), record=new_run("arch-2-1", EXPERIMENT, **FACTS))
    told_last = result if measured else None
    follow_session._print(
        made, events.Finished(told_last, stopped=True), as_json=False, warnings=[]
    )
    told = capsys.readouterr().out
    assert ("at the stop" in told and "40.2 %" in told) is measured
    assert ("at the stop: not measured" in told) is not measured
    follow_session._print(made, events.Finished(result, stopped=False), as_json=False, warnings=[])
    assert "stop" not in capsys.readouterr().out


def test_the_bar_shows_how_far_the_images_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = io.StringIO()
    console = Console(file=shown, force_terminal=True, width=100)
    monkeypatch.setattr(follow_session, "Console", lambda **_: console)
    monkeypatch.setattr(follow_session, "REDRAW", 0.0)
    with follow_session._Bar(Session(presets.load("arch-2"))) as bar:
        bar.on_reading(0.4, "reading CIFAR-10: data_batch_3")
        assert "reading CIFAR-10: data_batch_3, 40 %" in shown.getvalue()
        bar.on_reading(1.0, "the images are read")
        bar.on_event(events.Started("cifar10", "here", 33_050, 4800, 490, 100))
        assert len(bar._progress.tasks) == 1


def test_images_that_are_there_at_once_need_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = io.StringIO()
    console = Console(file=shown, force_terminal=True, width=100)
    monkeypatch.setattr(follow_session, "Console", lambda **_: console)
    with follow_session._Bar(Session(presets.load("arch-2"))) as bar:
        bar.on_reading(1.0, "the images are read")
        assert bar._progress.tasks == []

"""Tests of which events of a training become messages, each of which may redraw a pane."""

from textual.message import Message

from core.config import presets
from core.runs.session import Session
from core.training.events import Evaluated, HealthMeasured, UpdateDone
from tui.worker.messages import TrainingEvent
from tui.worker.runner import JobRunner


def test_only_what_is_rare_is_posted() -> None:
    posted: list[Message] = []
    runner = JobRunner(posted.append)
    session = Session(presets.load("arch-2"))
    runner._on_event(session, UpdateDone(1, 0.1, 2.3, 2.3))
    runner._on_event(session, HealthMeasured(1, (0.5,)))
    assert posted == []
    runner._on_event(session, Evaluated(100, 2.0, 0.2, 2.1, 0.2))
    assert [type(message) for message in posted] == [TrainingEvent]

"""What the tests of the screen share."""

import time

import pytest

from core.runs.session import Session
from core.training.events import Event, UpdateDone
from tui.worker.runner import JobRunner

BREATH = 0.005
"""Seconds that a training leaves to the screen after each update."""


@pytest.fixture(autouse=True)
def trainings_leave_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """A training that only has to be under way need not take the processor from what is tested."""
    on_event = JobRunner._on_event

    def pause_after(self: JobRunner, session: Session, event: Event) -> None:
        on_event(self, session, event)
        if isinstance(event, UpdateDone):
            time.sleep(BREATH)

    monkeypatch.setattr(JobRunner, "_on_event", pause_after)

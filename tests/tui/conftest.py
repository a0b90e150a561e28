"""What the tests of the screen share."""

import time

import pytest

from core.runs.session import Session
from core.training.events import Event, UpdateDone
from tui.bridge import Bridge

BREATH = 0.005
"""Seconds that a training leaves to the screen after each update."""


@pytest.fixture(autouse=True)
def trainings_leave_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """A training that only has to be under way need not take the processor from what is tested."""
    hear = Bridge._hear

    def hear_and_breathe(self: Bridge, session: Session, event: Event) -> None:
        hear(self, session, event)
        if isinstance(event, UpdateDone):
            time.sleep(BREATH)

    monkeypatch.setattr(Bridge, "_hear", hear_and_breathe)

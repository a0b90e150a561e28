"""Fixtures that all tests of the app share."""

import time
from collections.abc import Iterator

import pytest

from core.runs.session import Session
from core.training.events import Event, UpdateDone
from tui.keymap import keys
from tui.worker.runner import JobRunner

BREATH = 0.005
"""Seconds for which a training pauses after each update."""


@pytest.fixture(autouse=True)
def trainings_leave_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slow trainings down, so that they do not take the processor from the code under test."""
    on_event = JobRunner._on_event

    def pause_after(self: JobRunner, session: Session, event: Event) -> None:
        on_event(self, session, event)
        if isinstance(event, UpdateDone):
            time.sleep(BREATH)

    monkeypatch.setattr(JobRunner, "_on_event", pause_after)


@pytest.fixture(autouse=True)
def keys_are_their_own() -> Iterator[None]:
    """Take other keys away after a test that has given some."""
    yield
    keys.use({})

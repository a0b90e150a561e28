"""Tests of the timeouts of a process that shuts down."""

import pytest

from core.runs.session import store
from core.training.control import Control
from tui import shutdown


class Clock:
    """A fake clock that adds up the seconds waited, without waiting."""

    def __init__(self, comes: float = float("inf")) -> None:
        self.seconds, self.comes = 0.0, comes

    def over(self, seconds: float) -> bool:
        self.seconds += seconds
        return self.seconds >= self.comes


def test_a_wait_ends_with_what_it_is_for() -> None:
    clock = Clock(0.5)
    assert shutdown.within(1.0, clock.over)
    assert clock.seconds == pytest.approx(0.5, abs=shutdown.SLICE)
    clock = Clock(2.0)
    assert not shutdown.within(1.0, clock.over)
    assert clock.seconds == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("saving", "noticed", "seconds"),
    [
        (False, False, shutdown.WORK),
        (True, False, shutdown.UPDATE),
        (True, True, shutdown.DISK),
    ],
)
def test_what_is_kept_is_waited_for(
    saving: bool, noticed: bool, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer, control, clock = store().writer, Control(), Clock()
    monkeypatch.setattr(type(writer), "saving", property(lambda _: saving))
    control.noticed = noticed
    assert not shutdown.job_ended(clock.over, control)
    assert clock.seconds == pytest.approx(seconds, abs=2 * shutdown.SLICE)
    assert shutdown.job_ended(Clock(seconds / 2).over, control)


def test_the_disk_has_its_time_after_the_update(monkeypatch: pytest.MonkeyPatch) -> None:
    writer, control, clock = store().writer, Control(), Clock()
    monkeypatch.setattr(type(writer), "saving", property(lambda _: True))

    def over(seconds: float) -> bool:
        control.noticed = clock.seconds > shutdown.UPDATE / 2
        return clock.over(seconds)

    assert not shutdown.job_ended(over, control)
    assert clock.seconds == pytest.approx(
        shutdown.UPDATE / 2 + shutdown.DISK, abs=3 * shutdown.SLICE
    )

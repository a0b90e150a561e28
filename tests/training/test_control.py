"""Tests that a stopped training never waits, in any order of pause, resume and stop."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.training.control import Control


def test_pause_and_resume() -> None:
    control = Control()
    assert not control.paused
    control.wait()
    control.pause()
    assert control.paused
    control.resume()
    assert not control.paused
    control.wait()
    assert not control.stopping


@given(st.lists(st.sampled_from(("pause", "resume", "stop"))))
def test_after_a_stop_nothing_waits(words: list[str]) -> None:
    control = Control()
    for word in words:
        getattr(control, word)()
    assert control.stopping == ("stop" in words)
    if control.stopping:
        assert not control.paused
        control.wait()
    else:
        assert control.paused == (words[-1:] == ["pause"] or _last(words) == "pause")


def _last(words: list[str]) -> str:
    return words[-1] if words else ""


def test_a_stop_in_the_middle_of_a_pause_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    control = Control()
    clear = control._go.clear

    def interrupted() -> None:
        # As by a signal, at the worst moment.
        control.stop()
        clear()

    monkeypatch.setattr(control._go, "clear", interrupted)
    control.pause()
    assert not control.paused
    control.wait()


def test_an_interruption_ends_measurements_whenever_it_comes() -> None:
    for early in (True, False):
        control, abandoned = Control(), []
        if early:
            control.interrupt()
        with control.when_interrupted(lambda abandoned=abandoned: abandoned.append(1)):
            assert bool(abandoned) == early
            if not early:
                control.interrupt()
            assert abandoned
        assert control.stopping
        # After the context the callback is neither called nor referenced.
        abandoned.clear()
        control.interrupt()
        assert not abandoned


@pytest.mark.parametrize("word", ["resume", "stop", "interrupt"])
def test_a_waiting_thread_goes_on(word: str) -> None:
    control = Control()
    control.pause()
    waiting, gone_on = threading.Event(), threading.Event()

    def loop() -> None:
        waiting.set()
        control.wait()
        gone_on.set()

    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    assert waiting.wait(60)
    assert not gone_on.is_set()
    getattr(control, word)()
    assert gone_on.wait(60)
    thread.join(60)

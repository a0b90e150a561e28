"""Tests of the question dialog: answers and changed texts."""

import importlib
import pkgutil

import pytest
from textual.app import App
from textual.screen import ModalScreen
from textual.widgets import Static

import tui
from tests.tui.waiting import screen_text, until
from tui.dialogs.question import Question
from tui.widgets.modal import ClosesOnce


@pytest.mark.parametrize(
    ("key", "answer"), [("y", True), ("n", False), ("escape", False), ("q", False)]
)
async def test_a_question_is_answered_by_keyboard(key: str, answer: bool) -> None:
    app, answers = App[None](), []
    async with app.run_test(size=(60, 20)) as pilot:
        question = Question("Delete?", "one [run]", "delete it", "keep it")
        app.push_screen(question, answers.append)
        await until(pilot, lambda: "y  delete it" in screen_text(app))
        for words in ("one [run]", "n  keep it"):
            assert words in screen_text(app)
        assert question.query_one("#question").border_title == "Delete?"
        await pilot.press(key)
        await until(pilot, lambda: answers == [answer])


async def test_what_it_is_about_may_change_meanwhile() -> None:
    app = App[None]()
    async with app.run_test(size=(60, 20)) as pilot:
        question = Question("Leave?", "at 40 %", "stop it", "go on")
        app.push_screen(question)
        await until(pilot, lambda: bool(question.query(Static)))
        await pilot.pause()
        question.change("at [50] %", "end it")
        await until(pilot, lambda: "at [50] %" in screen_text(app))
        assert "y  end it" in screen_text(app)
        assert "n  go on" in screen_text(app)
        question.change("at 60 %", "end it")
        await until(pilot, lambda: "at 60 %" in screen_text(app))
        # The same texts again change nothing.
        question.query_one("#what", Static).update("other")
        question.change("at 60 %", "end it")
        await pilot.pause()
        assert "other" in screen_text(app)


def test_every_screen_above_the_panes_is_closed_once() -> None:
    for module in pkgutil.walk_packages(tui.__path__, "tui."):
        importlib.import_module(module.name)
    found, left = set(), [ModalScreen]
    while left:
        left += (below := left.pop().__subclasses__())
        found |= {each for each in below if each.__module__.startswith("tui.")}
    assert len(found) >= 10
    for screen in found:
        assert screen.dismiss is ClosesOnce.dismiss, screen


async def test_a_screen_that_is_told_twice_to_close_leaves_the_one_below() -> None:
    app, answers = App[None](), []
    async with app.run_test(size=(60, 20)) as pilot:
        for what in ("below", "above"):
            app.push_screen(Question("?", what, "do it", "leave it"), answers.append)
            await until(pilot, lambda what=what: what in screen_text(app))
        above = app.screen
        assert isinstance(above, Question)
        above.dismiss(True)
        await above.dismiss(False)
        await until(pilot, lambda: answers == [True])
        await pilot.pause()
        assert "below" in screen_text(app)
        assert answers == [True]

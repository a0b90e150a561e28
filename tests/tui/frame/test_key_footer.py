"""Tests of the footer."""

from itertools import pairwise
from typing import ClassVar

import pytest
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Static

from tests.tui.stage import STYLES
from tests.tui.waiting import screen_text
from tui.frame.key_footer import KeyFooter, ShownKey, arrange

KEYS = (
    ShownKey("s", "s", "Start", "Start a training"),
    ShownKey("question_mark", "?", "Keys", "Show every key"),
    ShownKey("q", "q", "Quit", "Leave"),
)
FULL, COMPACT = 9 + 8 + 8, 8 + 7 + 7
"""Widths of these keys with the blank behind each, which the last can do without."""


class Focusable(Static, can_focus=True):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x,y", "note('x')", "Note", tooltip="Note that it was pressed"),
        Binding("h", "note('h')", "Hidden", show=False),
    ]

    def action_note(self, key: str) -> None:
        self.app.noted.append(key)  # type: ignore[attr-defined]


class Stage(App[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "note('?')", "Keys", key_display="?")
    ]

    def __init__(self) -> None:
        super().__init__(css_path=[STYLES / "convsole.tcss"])
        self.noted: list[str] = []

    def compose(self) -> ComposeResult:
        yield Focusable("one", id="one")
        yield Static("two")
        yield KeyFooter()

    def action_note(self, key: str) -> None:
        self.noted.append(key)

    @property
    def footer(self) -> KeyFooter:
        return self.query_one(KeyFooter)

    @property
    def line(self) -> str:
        return str(self.footer.render())


@pytest.mark.parametrize(
    ("width", "number", "end"),
    [(FULL, 3, FULL), (FULL - 1, 3, COMPACT), (COMPACT, 3, COMPACT), (COMPACT - 1, 3, COMPACT),
     (COMPACT - 2, 2, 15), (7, 1, 8), (6, 0, 0), (0, 0, 0)],
)  # fmt: skip
def test_keys_are_closer_where_they_do_not_fit_and_never_cut(
    width: int, number: int, end: int
) -> None:
    places = arrange(KEYS, width)
    assert [place.key for place in places] == list(KEYS[:number])
    assert max((place.end for place in places), default=0) == end
    assert all(left.end == right.start for left, right in pairwise(places))


async def test_it_shows_the_keys_of_what_has_the_focus_and_those_of_the_app() -> None:
    app = Stage()
    async with app.run_test() as pilot:
        await pilot.pause()
        assert app.line == " x Note  ? Keys "
        app.set_focus(None)
        await pilot.pause()
        assert app.line == " ? Keys "


async def test_a_narrow_one_is_compact_and_what_does_not_fit_is_not_there() -> None:
    app = Stage()
    async with app.run_test(size=(14, 5)) as pilot:
        await pilot.pause()
        assert app.line == "x Note ? Keys "
        await pilot.resize_terminal(12, 5)
        await pilot.pause()
        assert app.line == "x Note "


async def test_a_click_presses_the_key_under_it() -> None:
    app = Stage()
    async with app.run_test() as pilot:
        await pilot.pause()
        for column in (0, 7, 8, 15, 16):
            await pilot.click(KeyFooter, offset=(column, 0))
        assert app.noted == ["x", "x", "?", "?"]


async def test_of_two_keys_shown_together_a_click_presses_that_under_it() -> None:
    class Steps(Focusable):
        BINDINGS: ClassVar[list[BindingType]] = [
            Binding("left", "note('left')", "Step", key_display="← →"),
            Binding("right", "note('right')", "Step", show=False),
        ]

    class Stepping(Stage):
        def compose(self) -> ComposeResult:
            yield Steps("one")
            yield KeyFooter()

    app = Stepping()
    async with app.run_test() as pilot:
        await pilot.pause()
        assert app.line.startswith(" x Note  ← → Step ")
        for column in (9, 11, 13):
            await pilot.click(KeyFooter, offset=(column, 0))
        assert app.noted == ["left", "right", "left"]


async def test_under_a_dialog_it_shows_the_keys_of_the_dialog() -> None:
    class Dialog(ModalScreen[None]):
        BINDINGS: ClassVar[list[BindingType]] = [Binding("y", "dismiss", "Yes")]

    app = Stage()
    async with app.run_test() as pilot:
        await pilot.pause()
        footer = app.footer
        await app.push_screen(Dialog())
        await pilot.pause()
        assert str(footer.render()) == " y Yes "
        await pilot.press("y")
        await pilot.pause()
        assert str(footer.render()) == " x Note  ? Keys "


async def test_a_dialog_upon_a_dialog_is_painted_with_its_keys() -> None:
    class Dialog(ModalScreen[None]):
        BINDINGS: ClassVar[list[BindingType]] = [Binding("z", "dismiss", "Close")]

        def compose(self) -> ComposeResult:
            yield Focusable("one")

    app = Stage()
    async with app.run_test() as pilot:
        for _ in range(2):
            await app.push_screen(Dialog())
            await pilot.pause()
        app.screen.set_focus(None)
        await pilot.pause()
        assert screen_text(app).splitlines()[-1].strip() == "z Close"
        app.screen.set_focus(app.screen.query_one(Focusable))
        await pilot.pause()
        assert screen_text(app).splitlines()[-1].strip() == "x Note  z Close"


async def test_the_key_under_the_pointer_is_marked_and_explained() -> None:
    app = Stage()
    async with app.run_test() as pilot:
        await pilot.hover(KeyFooter, offset=(2, 0))
        assert app.footer.tooltip == "Note that it was pressed"
        assert app.footer.hovered == app.footer.keys[0]
        colours = {str(span.style) for span in app.footer.render().spans}
        await pilot.hover(KeyFooter, offset=(30, 0))
        assert app.footer.tooltip is None
        assert app.footer.hovered is None
        assert {str(span.style) for span in app.footer.render().spans} < colours
        await pilot.hover(KeyFooter, offset=(10, 0))
        await pilot.hover("#one")
        assert app.footer.hovered is None

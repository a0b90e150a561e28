"""Tests that a result is delivered only while somebody waits for it."""

from asyncio import sleep
from threading import Event

from textual import work
from textual.app import App, ComposeResult
from textual.screen import Screen
from textual.widgets import Label

from tests.tui.waiting import until
from tui.thread_results import deliver


class Asking(App[None]):
    """Starts thread workers, each of which finishes when it is released."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[str] = []
        self.begun = self.left = 0

    @work(thread=True, exclusive=True)
    def ask(self, word: str, go: Event) -> None:
        self.begun += 1
        go.wait()
        deliver(self, self.answers.append, word)
        self.left += 1


async def test_an_older_answer_that_comes_late_is_dropped() -> None:
    app, first, second = Asking(), Event(), Event()
    async with app.run_test() as pilot:
        app.ask("old", first)
        await until(pilot, lambda: app.begun == 1)
        app.ask("new", second)
        second.set()
        await until(pilot, lambda: app.answers == ["new"])
        first.set()
        await until(pilot, lambda: app.left == 2)
    assert app.answers == ["new"]


class Answers(Screen[None]):
    """Shows an answer in a widget, which is gone a while before the screen is."""

    def __init__(self, go: Event) -> None:
        super().__init__()
        self.go, self.left = go, False

    def compose(self) -> ComposeResult:
        yield Label(id="answer")

    def on_mount(self) -> None:
        self.ask()

    async def on_unmount(self) -> None:
        self.go.set()
        while not self.left:
            await sleep(0.01)

    @work(thread=True)
    def ask(self) -> None:
        self.go.wait()
        try:
            deliver(self.app, self._show)
        finally:
            self.left = True

    def _show(self) -> None:
        self.query_one("#answer", Label).update("42")


async def test_an_answer_for_a_screen_that_is_being_closed_is_dropped() -> None:
    app = Asking()
    async with app.run_test():
        await app.push_screen(Answers(Event()))
        await app.pop_screen()


async def test_an_answer_for_an_app_that_is_being_closed_is_dropped() -> None:
    app = Asking()
    async with app.run_test():
        await app.push_screen(Answers(Event()))

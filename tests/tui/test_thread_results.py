"""Tests that only the result of the latest worker is delivered, in any order of completion."""

from threading import Event

from textual import work
from textual.app import App

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

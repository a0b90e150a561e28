"""Tests that one export runs at a time, and that its result is told whoever is closed meanwhile."""

from threading import Event

from textual.app import App
from textual.screen import Screen

from tests.tui.waiting import until
from tui.exporting import Exporting
from tui.messages import ExportDone


class Page(Exporting, Screen[None]):
    """Exports."""


class Book(App[None]):
    """Keeps what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def on_export_done(self, message: ExportDone) -> None:
        self.told.append(message.text)


async def test_a_second_export_waits_for_the_first() -> None:
    app, page, go = Book(), Page(), Event()

    def write() -> ExportDone:
        go.wait()
        return ExportDone("first")

    async with app.run_test() as pilot:
        await app.push_screen(page)
        assert not page.export_refusal
        page.export(write)
        assert page.export_refusal == "the files are being written"
        page.export(lambda: ExportDone("second"))
        go.set()
        await until(pilot, lambda: app.told == ["first"])
        await until(pilot, lambda: not page.export_refusal)
        page.export(lambda: ExportDone("third"))
        await until(pilot, lambda: app.told == ["first", "third"])


async def test_the_result_is_told_when_the_screen_is_closed() -> None:
    app, page, go = Book(), Page(), Event()

    def write() -> ExportDone:
        go.wait()
        return ExportDone("done")

    async with app.run_test() as pilot:
        await app.push_screen(page)
        page.export(write)
        await app.pop_screen()
        go.set()
        await until(pilot, lambda: app.told == ["done"])

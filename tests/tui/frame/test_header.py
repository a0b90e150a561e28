"""Tests of the header: which tabs stand in it, at which width."""

import pytest
from textual.app import ComposeResult
from textual.pilot import Pilot

from tests.tui.stage import Stage
from tests.tui.waiting import screen_text, until
from tui.frame.header import PaneHeader
from tui.keymap import verbs
from tui.keymap.verbs import APP, Verb

NINE = {
    "configure": "Configure",
    "train": "Train",
    "gradients": "Gradients",
    "benchmark": "Benchmark",
    "runs": "Runs",
    "reproduce": "Reproduce",
    "explain": "Explain",
    "data": "Data",
    "sweeps": "Sweeps",
}


class HeaderStage(Stage):
    HEADER = ""

    def compose(self) -> ComposeResult:
        yield PaneHeader(NINE, self.runner)


@pytest.fixture(autouse=True)
def nine_verbs(monkeypatch: pytest.MonkeyPatch) -> None:
    for number, name in enumerate(NINE, 1):
        monkeypatch.setitem(verbs.VERBS, name, Verb(APP, (str(number),), f"{name}: words"))


async def line(pilot: Pilot[None], width: int, current: str) -> list[str]:
    """Return the words of the header, where a pane is shown in a terminal of a width."""
    await pilot.resize_terminal(width, 24)
    header = pilot.app.query_one(PaneHeader)
    header.current = current
    await until(pilot, lambda: header.size.width == width)
    await pilot.pause()
    return screen_text(pilot.app).split("\n")[0].split()


async def test_nine_panes_have_names_numbers_or_the_present_one_alone() -> None:
    app = HeaderStage()
    async with app.run_test(size=(120, 24)) as pilot:
        every = [word for at, title in enumerate(NINE.values(), 1) for word in (str(at), title)]
        assert await line(pilot, 120, "explain") == ["Convsole", *every, "○", "ready"]
        numbers = ["1", "2", "3", "4", "5", "6", "7", "Explain", "8", "9"]
        assert await line(pilot, 80, "explain") == [*numbers, "○", "ready"]
        assert await line(pilot, 60, "explain") == ["Convsole", "7", "Explain", "○", "ready"]
        assert await line(pilot, 60, "data") == ["Convsole", "8", "Data", "○", "ready"]
        assert (await line(pilot, 120, "data"))[1:4] == every[:3]


async def test_a_number_stays_its_pane_s_where_others_are_missing() -> None:
    class Fewer(HeaderStage):
        def compose(self) -> ComposeResult:
            yield PaneHeader({"runs": "Runs", "data": "Data"}, self.runner)

    app = Fewer()
    async with app.run_test(size=(80, 24)) as pilot:
        assert await line(pilot, 80, "data") == ["Convsole", "5", "Runs", "8", "Data", "○", "ready"]

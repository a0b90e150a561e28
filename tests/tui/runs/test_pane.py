"""Tests of the Runs pane by keyboard: filter, mark, compare, rename, delete, undo, resume."""

import csv
import dataclasses
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from io import StringIO
from typing import Any

import numpy as np
import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text
from textual import events
from textual.content import Content
from textual.pilot import Pilot
from textual.widgets import Input

from core.reproduce.study import RECORD, place
from core.runs import database, queries
from core.runs.compare import Compared
from core.runs.folder import locked
from core.runs.points import replace_points
from core.runs.records import Run, RunState
from core.runs.session import Session, store
from core.runs.studies import queries as study_queries
from core.runs.studies.records import TrialRecord
from core.training.events import Started
from core.training.health_summary import SUMMARIES
from tests.runs.made import created, record_edit, recorded
from tests.tui.waiting import screen_text, shown, until
from tui.app import Convsole
from tui.dialogs.prompt import LineScreen
from tui.dialogs.question import Question
from tui.frame.key_footer import KeyFooter
from tui.runs import columns as run_columns
from tui.runs.compare import RunCompare
from tui.runs.details import SAME, Difference, RunDetails
from tui.runs.pane import RunsPane
from tui.runs.table import RunTable
from tui.runs.view_model import RunBook
from tui.train import text as run_text
from tui.train.log import RunLog
from tui.train.pane import TrainPane
from tui.train.status import RunStatus
from tui.widgets.digits import ON_DARK, ON_LIGHT
from tui.widgets.progress_line import ProgressLine
from tui.worker.messages import JobState


def typing(app: Convsole) -> bool:
    """Return whether the input of a dialog has the focus."""
    return isinstance(app.screen, LineScreen) and isinstance(app.focused, Input)


class Seen:
    """Accessors for the visible contents of the pane."""

    def __init__(self, app: Convsole, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    @property
    def pane(self) -> RunsPane:
        return self.app.query_one(RunsPane)

    @property
    def table(self) -> RunTable:
        return self.app.query_one(RunTable)

    def column(self, name: str) -> list[str]:
        return [str(cell) for cell in self.table.get_column(name)]

    @property
    def marks(self) -> list[str]:
        """The digits of the marks, without the sign of the cursor before them."""
        return [mark[1:] for mark in self.column("mark")]

    @property
    def names(self) -> list[str]:
        return self.column("name")

    @property
    def curves(self) -> list[str]:
        picture = self.app.query_one(RunCompare)._picture
        return [curve.name for curve in picture.curves] if picture else []

    def details(self) -> str:
        text = self.app.query_one(RunDetails).query("Static").first().visual
        console = Console(width=42, file=StringIO())
        with console.capture() as capture:
            console.print(getattr(text, "_renderable", text))
        return capture.get()

    def plotted(self) -> list[str]:
        """The visible rows of the plot."""
        sheet = self.app.query_one(RunCompare).query_one("#plot")
        return [sheet.render_line(y).text for y in range(sheet.size.height)]

    @property
    def refused(self) -> str:
        """Why the last key did nothing."""
        return self.app.query_one(KeyFooter).refused

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def come(self, condition: Any) -> None:
        await until(self.pilot, condition)


@asynccontextmanager
async def opened(size: tuple[int, int] = (120, 40)) -> AsyncIterator[Seen]:
    app = Convsole(bell=False)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        if len(app.screen_stack) > 1:  # the offer to fetch CIFAR-10
            await pilot.press("escape")
        await pilot.press("5")
        await until(pilot, lambda: bool(app.query(RunTable)))
        seen = Seen(app, pilot)
        await seen.come(lambda: "─" in str(seen.table.border_title))  # runs are counted
        yield seen


async def test_without_a_run_it_says_how_one_begins() -> None:
    async with opened((80, 24)) as seen:
        await seen.press("v")
        await seen.come(lambda: not seen.pane.book.runs)
        assert seen.table.row_count == 0
        for key in ("space", "enter", "r", "n", "d", "e", "u", "t", "o"):
            await seen.press(key)


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)])
async def test_runs_are_listed_newest_first(size: tuple[int, int]) -> None:
    recorded(store(), 3)
    recorded(store(), 1, state=RunState.RUNNING)
    async with opened(size) as seen:
        await seen.come(lambda: seen.table.row_count == 4)
        assert seen.names == ["arch-2-4", "arch-2-3", "arch-2-2", "arch-2-1"]
        assert seen.column("state") == ["! crashed", *["✓ finished"] * 3]
        assert seen.column("best")[1:] == ["33.0 %", "32.0 %", "31.0 %"]
        await seen.come(lambda: seen.curves == ["arch-2-4"])


async def test_a_run_that_another_program_begins_and_leaves_is_seen() -> None:
    async with opened() as seen:
        with created(store()) as (run,):
            seen.pane.look()
            await seen.come(lambda: seen.table.row_count == 1)
            assert seen.column("state") == ["● running"]
        seen.pane.look()
        await seen.come(lambda: seen.column("state") == ["! crashed"])
        store().purge(store().delete(run))


async def test_sorting_and_filtering() -> None:
    recorded(store(), 3)
    recorded(store(), 1, weight_decay=0.5)
    async with opened() as seen:
        await seen.come(lambda: seen.table.row_count == 4)
        await seen.press("S")
        await seen.come(lambda: seen.names[0] == "arch-2-1")
        while seen.pane.book.order.column != "best":
            await seen.press("s")
        await seen.come(lambda: seen.names[0] == "arch-2-4")
        await seen.press("slash", *"lambda", "less_than_sign", *"0.1", "enter")
        await seen.come(lambda: sorted(seen.names) == ["arch-2-1", "arch-2-2", "arch-2-3"])
        await seen.come(lambda: "3 of 4" in str(seen.table.border_title))
        await seen.come(lambda: seen.table.has_focus)
        await seen.press("slash", *" zz=1")
        line = seen.app.query_one(Input)
        await seen.come(lambda: line.has_class("refused"))
        await seen.come(lambda: "there is no field 'zz'" in str(line.border_subtitle))
        await seen.press("enter", "down")
        assert line.has_focus, "what is refused is not kept in pieces"
        await seen.press("escape")
        await seen.come(lambda: len(seen.names) == 4)
        await seen.come(lambda: not line.display)


async def test_a_filter_is_text_whatever_stands_in_it() -> None:
    recorded(store(), 2)
    async with opened() as seen:
        await seen.come(lambda: seen.table.row_count == 2)
        await seen.press("slash", "[", "/")
        await seen.come(lambda: seen.names == [])
        assert str(seen.table.border_subtitle) == "/ [/"
        await seen.press("backspace", "backspace", "enter")
        await seen.come(lambda: len(seen.names) == 2)


async def test_only_the_keys_of_the_question_answer_it() -> None:
    recorded(store(), 1)
    async with opened() as seen:
        await seen.come(lambda: seen.table.row_count == 1)
        await seen.press("d")
        await seen.come(lambda: isinstance(seen.app.screen, Question))
        await seen.press("enter", "space")
        assert isinstance(seen.app.screen, Question)
        await seen.press("n")
        await seen.come(lambda: not isinstance(seen.app.screen, Question))
        assert len(store().runs()) == 1


async def test_the_sign_of_the_order_stands_at_every_column() -> None:
    recorded(store(), 1)
    async with opened((200, 40)) as seen:
        await seen.come(lambda: seen.table.row_count == 1)
        for _ in run_columns.COLUMNS:
            await seen.press("s")
            name = seen.pane.book.order.column
            column = next(each for each in seen.table.ordered_columns if each.key.value == name)
            assert str(column.label).rstrip().endswith(("▼", "▲"))
            assert cell_len(str(column.label)) <= column.width, f"{name} is cut"


@pytest.mark.parametrize("width", [30, 42, 60, 120])
@pytest.mark.parametrize("count", [2, 4, 6, 10])
def test_what_differs_is_never_cut(width: int, count: int) -> None:
    heads = [Text(str(number)) for number in range(count)]
    names = [f"best-short-{number}" for number in range(count)]
    rows = [("half cycle", [f"{number + 1},450" for number in range(count)])]
    rows += [("normalisation", ["channel"] * count), ("best val.", ["53.5 %"] * count)]
    console = Console(width=width, file=StringIO())
    with console.capture() as capture:
        console.print(Difference(heads, names, rows))
    words = capture.get().split()
    for name in names:
        assert name in words
    for label, cells in rows:
        assert set(label.split()) <= set(words)
        assert words.count(cells[0].split()[0]) >= 1
    assert words.count("channel") == count


async def test_marked_runs_are_laid_side_by_side() -> None:
    recorded(store(), 3)
    async with opened() as seen:
        await seen.come(lambda: seen.curves == ["arch-2-3"])
        await seen.press("space")
        await seen.come(lambda: seen.marks == ["1", " ", " "])
        await seen.press("down", "down", "space")
        await seen.come(lambda: seen.marks == ["2", " ", "1"])
        await seen.come(lambda: seen.curves == ["arch-2-1", "arch-2-3"])
        assert [run.marked for run in store().runs()] == [True, False, True]
        chart = seen.app.query_one(RunCompare)
        await seen.come(lambda: "Validation accuracy over updates" in str(chart.border_title))
        await seen.press("v", "H", "m", "L")
        await seen.come(lambda: chart.over != "validation_accuracy")
        await seen.come(lambda: "epochs, smoothed 0.6, log scale" in str(chart.border_title))
        await seen.press("A")
        await seen.come(lambda: seen.marks == [" ", " ", " "])
        await seen.press("u")
        await seen.come(lambda: seen.marks == ["2", " ", "1"])


async def test_a_small_screen_shows_curves_or_details() -> None:
    recorded(store(), 1)
    async with opened((80, 24)) as seen:
        boxes = [seen.app.query_one(RunCompare), seen.app.query_one(RunDetails)]
        await seen.come(lambda: [box.display for box in boxes] == [True, False])
        await seen.press("v")
        await seen.come(lambda: [box.display for box in boxes] == [False, True])
        await seen.press("v")
        await seen.come(lambda: [box.display for box in boxes] == [True, False])


async def test_what_was_measured_at_a_stop_is_shown_as_that() -> None:
    (finished,) = recorded(store(), 1)
    (stopped,) = recorded(store(), 1, state=RunState.STOPPED)
    assert finished.result is not None
    result = {**finished.result, "train_accuracy": 0.41, "validation_accuracy": 0.402,
              "test_accuracy": 0.39}  # fmt: skip
    store().writer.do(
        lambda connection: queries.update_run(connection, stopped.number, result=result)
    )
    async with opened() as seen:
        await seen.come(lambda: len(seen.names) == 2)
        assert seen.column("test") == ["■ 39.0 %", "31.0 %"]
        await seen.come(lambda: "at the stop" in seen.details())
        said = " ".join(seen.details().split())
        assert "at the stop training 41.0 %, validation 40.2 %, test 39.0 %" in said
        assert "validation 40" not in said.replace("training 41.0 %, validation 40.2 %", "")
        await seen.press("space", "down", "space")
        await seen.come(lambda: "val. at stop" in seen.details())
        rows = {row.strip()[:12].strip(): row.split() for row in seen.details().splitlines()}
        assert rows["val. at stop"][-3:] == ["·", "40.2", "%"]
        assert rows["test at stop"][-3:] == ["·", "39.0", "%"]
        assert rows["test"][-3:] == ["31.0", "%", "·"]
        await seen.press("/", *"test>30")
        await seen.come(lambda: seen.names == ["arch-2-1"])
        await seen.press("escape", "/", *"stop>40")
        await seen.come(lambda: seen.names == ["arch-2-2"])


async def test_runs_of_the_same_settings_are_said_to_be() -> None:
    (run,) = recorded(store(), 1)
    async with opened() as seen:
        await seen.come(lambda: seen.curves == ["arch-2-1"])
        twice = [Compared(run, store().history(run))] * 2
        seen.app.query_one(RunDetails).show_difference(twice)
        assert SAME in seen.details()
        other = dataclasses.replace(run, settings={**run.settings, "seed": 5})
        seen.app.query_one(RunDetails).show_difference([*twice, Compared(other, twice[0].history)])
        assert SAME not in seen.details()


async def test_edits_are_marked_for_each_run_and_told() -> None:
    first, second, third = recorded(store(), 3)
    record_edit(store(), second, 20, weight_decay=0.001)
    record_edit(store(), third, 20, weight_decay=0.002)
    async with opened() as seen:
        await seen.come(lambda: seen.table.row_count == 3)
        for run in (first, second, third):
            store().describe(run, marked=True)
        seen.pane.look()
        await seen.come(lambda: len(seen.curves) == 3)
        chart = seen.app.query_one(RunCompare)
        picture = chart._picture
        assert picture is not None
        assert [curve.marks for curve in picture.curves] == [(), (20,), (20,)]
        assert "edited" in str(chart.border_subtitle)

        def column_of(sign: str) -> set[int]:
            """Return the columns in which `sign` is in the same column as a line of an edit."""
            rows = seen.plotted()
            below = {x for row in rows for x, letter in enumerate(row) if letter == "┊"}
            return {x for row in rows for x, letter in enumerate(row) if letter == sign} & below

        await seen.come(lambda: bool(column_of("2")))
        assert column_of("2") == column_of("3") != set()
        assert not column_of("1")
        await seen.come(lambda: "lambda 0.003 → 0.001 after 20" in seen.details())
        assert "lambda 0.003 → 0.002 after 20" in seen.details()
        assert "none" in seen.details()


@pytest.mark.parametrize(("columns", "whole"), [(140, True), (60, False)])
async def test_the_legend_cuts_the_names_that_are_too_long(columns: int, whole: bool) -> None:
    full = ["the first of them all", "second", "a third one, with momentum"]
    for run, name in zip(recorded(store(), 3), full, strict=True):
        store().describe(run, name=name, marked=True)
    async with opened((columns, 40)) as seen:
        await seen.come(lambda: len(seen.curves) == 3)

        def legend() -> str:
            return Content.from_markup(str(seen.app.query_one(RunCompare).border_subtitle)).plain

        await seen.come(lambda: "─1─" in legend() and "─3─" in legend())
        assert len(legend()) <= seen.app.query_one(RunCompare).size.width
        assert all(name in legend() for name in full) is whole
        assert ("…" in legend()) is not whole
        assert "second" in legend()


async def test_each_key_draws_the_curves_once(monkeypatch: pytest.MonkeyPatch) -> None:
    recorded(store(), 1)
    async with opened() as seen:
        await seen.come(lambda: bool(seen.curves))
        drawn: list[str] = []
        whole = RunCompare._draw

        def draw(chart: RunCompare) -> None:
            drawn.append(chart.over)
            whole(chart)

        monkeypatch.setattr(RunCompare, "_draw", draw)
        for key in ("v", "H", "m", "L"):
            drawn.clear()
            await seen.press(key)
            await seen.come(lambda: bool(drawn))
            assert len(drawn) == 1, key


async def test_what_has_not_changed_is_not_painted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    recorded(store(), 2)
    async with opened() as seen:
        await seen.come(lambda: bool(seen.curves))
        lists: list[int] = []
        looks: list[int] = []
        whole, load = RunTable.show_runs, RunBook.load

        def show(table: RunTable, runs: Sequence[Run], *more: Any) -> None:
            lists.append(len(runs))
            whole(table, runs, *more)

        def look(book: RunBook) -> list[Run]:
            looks.append(1)
            return load(book)

        monkeypatch.setattr(RunTable, "show_runs", show)
        monkeypatch.setattr(RunBook, "load", look)
        seen.pane.look()
        await seen.come(lambda: bool(looks))
        recorded(store(), 1)
        seen.pane.look()
        await seen.come(lambda: seen.table.row_count == 3)
        assert lists == [3]


async def test_the_details_of_ten_runs_are_whole_and_scroll() -> None:
    for _ in range(10):
        recorded(store(), 1)
    store().writer.do(
        lambda connection: [
            queries.update_run(
                connection, run.number, marked=True, preset=f"a rather long preset {run.number}"
            )
            for run in store().runs()
        ]
    )
    async with opened((120, 30)) as seen:
        await seen.come(lambda: len(seen.curves) == 10)
        await seen.come(lambda: "best val." in seen.details())
        shown = seen.details()
        for words in ("a rather long preset 10", "seed", "best val.", "40.0 %", "test"):
            assert words in shown
        assert "…" not in shown
        box = seen.app.query_one(RunDetails)
        await seen.come(lambda: box.max_scroll_y > 0)
        await seen.press(*["right_square_bracket"] * 2)
        await seen.come(lambda: box.scroll_y == 2)
        await seen.press(*["left_square_bracket"] * 2)
        await seen.come(lambda: box.scroll_y == 0)


async def test_no_more_than_ten_are_marked() -> None:
    recorded(store(), 11)
    async with opened() as seen:
        await seen.come(lambda: seen.table.row_count == 11)
        for number in range(10):
            await seen.press("space")
            await seen.come(lambda n=number: len(seen.pane.book.marked()) == n + 1)
            await seen.press("down")
        await seen.press("space")
        await seen.come(lambda: any("10 runs" in n.message for n in seen.app._notifications))
        assert len(seen.pane.book.marked()) == 10
        await seen.come(lambda: len(seen.curves) == 10)


async def test_renamed_noted_deleted_and_brought_back() -> None:
    recorded(store(), 2)
    async with opened() as seen:
        await seen.come(lambda: seen.table.row_count == 2)
        await seen.press("R")
        await seen.come(lambda: typing(seen.app))
        await seen.press("home", *"my ", "enter")
        await seen.come(lambda: seen.names[0] == "my arch-2-2")
        await seen.press("N")
        await seen.come(lambda: typing(seen.app))
        await seen.press(*"deep", "enter")
        await seen.come(lambda: store().runs()[0].note == "deep")
        await seen.press("d")
        await seen.come(lambda: isinstance(seen.app.screen, Question))
        await seen.press("n")
        assert len(store().runs()) == 2
        await seen.press("d")
        await seen.come(lambda: isinstance(seen.app.screen, Question))
        await seen.press("y")
        await seen.come(lambda: seen.names == ["arch-2-1"])
        await seen.press("u")
        await seen.come(lambda: seen.names == ["my arch-2-2", "arch-2-1"])
        # The cursor goes to the run that is back, so that the next key means it.
        await seen.come(lambda: seen.table.cursor_row == 0)
        await seen.come(lambda: seen.column("mark") == ["▸ ", "  "])
        await seen.press("down")
        await seen.come(lambda: seen.column("mark") == ["  ", "▸ "])
        await seen.press("u")
        await seen.come(lambda: store().runs()[0].note == "")
        await seen.press("u")
        await seen.come(lambda: seen.names == ["arch-2-2", "arch-2-1"])
        # The cursor stays on its run.
        await seen.press("up", "d")
        await seen.come(lambda: isinstance(seen.app.screen, Question))
        await seen.press("y")
        await seen.come(lambda: seen.names == ["arch-2-1"])
        assert store().folder("arch-2-2").is_dir()
    # After the app has closed, the run is removed for good.
    assert not store().folder("arch-2-2").exists()
    assert store().runs(deleted=True) == []


async def test_a_name_that_cannot_be_is_refused() -> None:
    recorded(store(), 1)
    async with opened() as seen:
        await seen.come(lambda: seen.table.row_count == 1)
        await seen.press("R")
        await seen.come(lambda: typing(seen.app))
        await seen.press(*("backspace",) * 12, "enter")
        assert isinstance(seen.app.screen, LineScreen)
        await seen.press("escape")
        await seen.come(lambda: seen.names == ["arch-2-1"])


async def test_a_run_is_opened_and_its_settings_are_taken() -> None:
    recorded(store(), 2, label_smoothing=0.2)
    async with opened() as seen:
        await seen.come(lambda: seen.table.row_count == 2)
        await seen.press("enter")
        await seen.come(lambda: shown(seen.app, "train"))
        session = seen.app.runner.session
        assert session is not None
        assert len(session.history.updates) == 40
        await seen.come(
            lambda: (
                "opened arch-2-2"
                in " ".join(line[1] for line in seen.app.query_one(RunLog).lines[:1])
            )
        )
        await seen.press("5", "t")
        await seen.come(lambda: shown(seen.app, "configure"))
        assert seen.app.experiment.label_smoothing == 0.2
        assert seen.app.experiment.seed == 2
        await seen.press("5", "r")
        await seen.come(lambda: "has come to its end" in seen.refused)
        assert not seen.app.runner.busy


def write_points(run: Run, updates: int) -> None:
    """Write updates of a run, as another process that trains it would."""
    at = np.arange(1.0, updates + 1)
    store().writer.do(
        lambda connection: (
            replace_points(
                connection, run, "updates", np.stack([at, at, 1 / at, 1 / at, at / 100])
            ),
            queries.update_run(connection, run.number, updates=updates),
        )
    )


async def test_a_run_of_another_program_is_followed_to_its_end() -> None:
    async with opened() as seen:
        app = seen.app
        with created(store()) as (run,):
            write_points(run, 3)
            seen.pane.look()
            await seen.come(lambda: seen.column("state") == ["● running"])
            await seen.press("enter")
            await seen.come(lambda: shown(app, "train"))
            session, pane = app.runner.session, app.query_one(TrainPane)
            assert session is not None
            await seen.come(lambda: "running" in str(app.query_one(RunStatus).border_title))
            await seen.come(lambda: "update 3 of 8" in app.query_one(ProgressLine).words[0])
            write_points(run, 6)
            record_edit(store(), run, 5, weight_decay=0.001)
            pane.follow()
            await seen.come(lambda: "update 6 of 8" in app.query_one(ProgressLine).words[0])
            await seen.come(lambda: "→ 0.001" in app.query_one(RunLog).lines[-1][1])
            # The other process has resumed the run from an earlier checkpoint.
            write_points(run, 4)
            pane.follow()
            await seen.come(lambda: "update 4 of 8" in app.query_one(ProgressLine).words[0])
        pane.follow()
        await seen.come(lambda: "crashed" in str(app.query_one(RunStatus).border_title))
        await seen.come(lambda: "4 updates are kept" in app.query_one(RunLog).lines[-1][1])
        told = len(app.query_one(RunLog).lines)
        assert not session.watched
        # Another process resumes it: once opened again, it is followed again.
        with locked(store().folder(run)):
            store().record_resume(run, 4, np.empty((5, 0)))
            await seen.press("5")
            await seen.come(lambda: seen.column("state") == ["● running"])
            await seen.press("enter")
            await seen.come(lambda: shown(app, "train") and app.runner.session is not session)
            await seen.come(lambda: len(app.query_one(RunLog).lines) > told)
            assert app.runner.session is not None
            assert app.runner.session.watched


async def test_a_followed_run_that_is_deleted_is_told_once() -> None:
    async with opened() as seen:
        app = seen.app
        with created(store()) as (run,):
            seen.pane.look()
            await seen.come(lambda: seen.column("state") == ["● running"])
            await seen.press("enter")
            await seen.come(lambda: shown(app, "train"))
            pane, log = app.query_one(TrainPane), app.query_one(RunLog)
            store().writer.do(lambda connection: queries.delete_run(connection, run.number))
            pane.follow()
            await seen.come(lambda: bool(log.lines) and "has been deleted" in log.lines[-1][1])
            told = len(log.lines)
            pane.follow()
            await seen.pilot.pause(0.1)
            assert len(log.lines) == told


def test_a_run_that_was_killed_says_what_is_computed_again() -> None:
    (run,) = recorded(store(), 1, state=RunState.RUNNING)
    session = Session.resume(run)
    started = Started("synthetic", "built in", 10, 40, 4, 8, done=15)
    assert "from update 16 on; those up to 40 are computed again" in run_text.describe(
        session, started
    )


async def test_a_run_at_work_is_not_deleted() -> None:
    (run,) = recorded(store(), 1, state=RunState.RUNNING)
    with locked(store().folder(run)):
        async with opened() as seen:
            await seen.come(lambda: seen.column("state") == ["● running"])
            await seen.press("d")
            await seen.come(lambda: "stop it first" in seen.refused)
            assert not isinstance(seen.app.screen, Question)


async def test_runs_of_reproductions_are_folded_away_and_shown_again() -> None:
    recorded(store(), 3)
    async with opened() as seen:
        await seen.come(lambda: seen.table.row_count == 3)
        await seen.press("F")
        await seen.come(lambda: "no run here comes from a reproduction" in seen.refused)
        folder = place("quick")
        folder.mkdir(parents=True)
        (folder / RECORD).write_text('{"runs": {"final/0": "arch-2-2"}, "timing": ""}')
        await seen.come(lambda: seen.pane.book.studied == {"arch-2-2"})
        await seen.press("F")
        await seen.come(lambda: sorted(seen.names) == ["arch-2-1", "arch-2-3"])
        await seen.come(lambda: "folded away" in str(seen.table.border_title))
        await seen.press("F")
        await seen.come(lambda: seen.table.row_count == 3)


async def test_trials_of_studies_are_folded_away_too() -> None:
    runs = recorded(store(), 3)
    study = store().create_study("rates", {}, "")
    new = TrialRecord(study.number, 0, 0, {}, run=runs[0].number)
    store().writer.do(lambda connection: study_queries.add_trial(connection, new))
    async with opened() as seen:
        await seen.come(lambda: seen.table.row_count == 3)
        await seen.press("F")
        await seen.come(lambda: sorted(seen.names) == ["arch-2-2", "arch-2-3"])


async def test_a_table_without_rows_has_no_row_to_point_at() -> None:
    """Textual tells of a cursor above the first row, as all rows are folded away."""
    (run,) = recorded(store(), 1)
    study = store().create_study("rates", {}, "")
    new = TrialRecord(study.number, 0, 0, {}, run=run.number)
    store().writer.do(lambda connection: study_queries.add_trial(connection, new))
    async with opened() as seen:
        await seen.come(lambda: seen.table.row_count == 1)
        await seen.press("F")
        await seen.come(lambda: seen.table.row_count == 0)
        seen.table._pointed = -1
        seen.table.on_data_table_row_highlighted()
        await seen.press("F")
        await seen.come(lambda: seen.table.row_count == 1)


async def test_marks_have_darker_colours_on_the_light_theme() -> None:
    recorded(store(), 1)
    async with opened() as seen:
        await seen.come(lambda: seen.table.row_count == 1)
        await seen.press("space")
        await seen.come(lambda: seen.marks == ["1"])

        def colours() -> set[str]:
            picture = seen.app.query_one(RunCompare)._picture
            curves = picture.curves if picture else ()
            marks = seen.table.get_column("mark")
            return {curve.colour for curve in curves} | {
                str(mark.spans[-1].style).split()[-1] for mark in marks
            }

        await seen.come(lambda: colours() == {ON_DARK[0]})
        await seen.press("ctrl+t")
        await seen.come(lambda: colours() == {ON_LIGHT[0]})
        legend = seen.app.query_one(RunCompare)._border_subtitle
        assert legend is not None
        assert ON_LIGHT[0] in {str(span.style) for span in legend.spans}


async def test_the_run_in_train_is_renamed_and_resumed() -> None:
    async with opened() as seen:
        app = seen.app
        app.experiment = app.experiment.changed(dataset="synthetic", half_cycle=1_000_000)
        await seen.press("2", "r")
        await seen.come(lambda: "no run is shown that could be resumed" in seen.refused)
        await seen.press("g")
        await seen.come(lambda: app.runner.state is JobState.RUNNING)
        await seen.press("r")
        await seen.come(lambda: seen.refused == "a training runs; x stops it")
        await seen.press("R")
        await seen.come(lambda: typing(app))
        await seen.press("home", *"my ", "enter")
        await seen.come(lambda: store().find("latest").name.startswith("my "))
        await seen.come(lambda: "my arch" in screen_text(app))
        await seen.come(lambda: "my arch" in str(app.query_one("#status").render()))
        await seen.press("x")
        await seen.come(lambda: app.runner.state is JobState.IDLE)
        done = store().find("latest").updates
        await seen.press("r")
        await seen.come(lambda: app.runner.state is JobState.RUNNING)
        resumed = app.runner.session
        assert resumed is not None
        await seen.come(lambda: len(resumed.history.updates) > done + 5)
        await seen.press("x")
        await seen.come(lambda: app.runner.state is JobState.IDLE)


async def test_a_stopped_run_goes_on() -> None:
    async with opened() as seen:
        app = seen.app
        app.experiment = app.experiment.changed(
            dataset="synthetic", half_cycle=1_000_000, evaluate_every=50
        )
        await seen.press("g")
        await seen.come(lambda: app.runner.state is JobState.RUNNING)
        await seen.press("5", "x")
        await seen.come(lambda: app.runner.state is JobState.IDLE)
        done = store().find("latest").updates
        await seen.come(lambda: seen.column("state") == ["■ stopped"])
        await seen.press("r")
        await seen.come(lambda: shown(app, "train"))
        session = app.runner.session
        assert session is not None
        await seen.come(lambda: len(session.history.updates) > done + 20)
        assert session.history.started is not None
        assert session.history.started.done == done
        ends = (f"from update {done + 1:,} on", "update 0: started", f"update {done:,}: stopped")
        log = app.query_one(RunLog)
        await seen.come(
            lambda: all(any(line.endswith(end) for _, line in log.lines) for end in ends)
        )
        await seen.press("x")
        await seen.come(lambda: app.runner.state is JobState.IDLE)
        assert len(store().runs()) == 1


async def test_the_comparison_is_exported() -> None:
    recorded(store(), 2)
    async with opened() as seen:
        await seen.come(lambda: seen.curves == ["arch-2-2"])
        await seen.press("space", "down", "space")
        await seen.come(lambda: len(seen.curves) == 2)
        await seen.press("e")
        folder = store().root / "reports"
        await seen.come(lambda: len(list(folder.glob("*"))) == 5)
        await seen.come(lambda: any("compare" in n.message for n in seen.app._notifications))
    for picture in folder.glob("*.png"):
        assert picture.read_bytes().startswith(b"\x89PNG")
    assert len(list(folder.glob("*-runs.png"))) == 1
    (points,) = folder.glob("*-curves.csv")
    assert len(list(csv.reader(points.read_text().splitlines()))) == 1 + 2 * 4
    (everything,) = folder.glob("*.json")
    assert [run["id"] for run in json.loads(everything.read_text())] == ["arch-2-1", "arch-2-2"]


async def test_a_damaged_store_is_told_and_the_app_goes_on() -> None:
    recorded(store(), 1)
    async with opened() as seen:
        await seen.come(lambda: seen.table.row_count == 1)
        (store().root / database.NAME).write_bytes(b"\0" * 5000)
        await seen.press("R")
        await seen.come(lambda: typing(seen.app))
        await seen.press("x", "enter")
        seen.pane.look()
        await seen.come(lambda: any("is damaged" in n.message for n in seen.app._notifications))
        assert seen.app.is_running


async def test_keys_that_come_before_the_last_one_is_done_are_taken_in_turn() -> None:
    recorded(store(), 3)
    async with opened() as seen:
        await seen.press("d")
        await seen.come(lambda: isinstance(seen.app.screen, Question))
        await seen.press("y")
        await seen.come(lambda: len(seen.names) == 2)
        for _ in range(2):
            seen.app.post_message(events.Key("u", "u"))
        await seen.come(lambda: len(seen.names) == 3)
        for _ in range(2):
            seen.app.post_message(events.Key("space", " "))
        await seen.come(lambda: len(seen.pane.book._undo) == 2)
        assert not any(run.marked for run in store().runs()), "marked, and unmarked again"


async def test_the_health_of_runs_is_among_the_curves() -> None:
    recorded(store(), 1)
    async with opened((120, 40)) as seen:
        chart = seen.app.query_one(RunCompare)
        await seen.press("space")
        await seen.come(lambda: seen.curves == ["arch-2-1"])
        for name, title in SUMMARIES.items():
            await seen.come(lambda: chart.is_attached)
            while chart.over != name:
                await seen.press("v")
            assert title[1:] in str(chart.border_title)
            await seen.come(lambda: "none of these runs has recorded it" in screen_text(seen.app))

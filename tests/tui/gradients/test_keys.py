"""Tests of the keys of the Gradients pane, alone and in the app."""

import sys
import threading
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from core.checks import gradients, tables
from core.checks.report import CheckError, Verdict
from core.config import presets
from core.data.home import saved_models_folder
from tests.tui.gradients.made import SHAPES, GradientsStage, checked, rows
from tests.tui.test_app import synthetic
from tests.tui.waiting import until
from tui.app import Convsole
from tui.gradients.pane import GradientsPane
from tui.gradients.table import GradientTable
from tui.widgets.field_list import FieldList
from tui.widgets.undo import NOTHING_DONE, NOTHING_UNDONE
from tui.worker.jobs import Jobs
from tui.worker.messages import JobState

WIDE = (120, 40)


async def test_any_column_sorts_its_worst_first_and_the_order_can_be_turned_round():
    app = GradientsStage()
    async with app.run_test(size=WIDE) as pilot:
        await checked(pilot, conv1_bias=Verdict.FAIL)
        network = app.names
        await pilot.press("s")
        assert "shape▼" in app.heading
        assert app.names[0] == "linear1.weight"
        await pilot.press("s", "s", "s")
        assert "norm-wise▼" in app.heading
        assert app.names[0] == "conv1.bias"
        await pilot.press("S")
        assert "norm-wise▲" in app.heading
        assert app.names[-1] == "conv1.bias"
        await pilot.press("s")
        assert "cosine▲" in app.heading
        await pilot.press("s", "s", "s")
        assert "verdict▼" in app.heading
        assert app.names[0] == "conv1.bias"
        await pilot.press("s")
        assert app.names == network


async def test_the_cursor_stays_on_its_tensor():
    app = GradientsStage()
    async with app.run_test(size=WIDE) as pilot:
        await checked(pilot, linear1_bias=Verdict.FAIL)
        await pilot.press("down", "down", "down")
        for key in ("s", "S", "s", "s", "S"):
            await pilot.press(key)
            assert app.table.current is not None
            assert app.table.current.name == "linear1.weight"
        await pilot.press("g")
        found = rows()
        for one in found:
            app.tell(one)
        assert app.table.current is not None
        assert app.table.current.name == "linear1.weight"


# Keys


async def test_c_checks_what_configure_shows_with_the_settings_and_the_data():
    app = GradientsStage()
    async with app.run_test() as pilot:
        app.pane.experiment = presets.load("arch-3")
        await pilot.press("tab", "down", "down", "right")
        await pilot.press("g")
        experiment, check, data, scale = app.runner.asked[0]
        assert experiment.name == "arch-3"
        assert (check.batch_size, data, scale) == (11, Path("/data"), None)
        await pilot.press("g")
        assert len(app.runner.asked) == 1


async def test_b_breaks_a_tensor_and_restores_it():
    app = GradientsStage()
    async with app.run_test(size=WIDE) as pilot:
        await checked(pilot)
        await pilot.press("down", "b")
        assert app.runner.asked[-1][3] == "conv1.weight"
        found = rows(conv1_weight=Verdict.FAIL)
        app.end(*found)
        await pilot.pause()
        await until(
            pilot,
            lambda: "conv1.weight x 1.001 on purpose: ✗ 6 of 7 PASS, 1 FAIL" in app.title_text,
        )
        assert app.lines(app.table)[2].strip() == "└ x 1.001 on purpose"
        await until(pilot, lambda: "x 1.001 on purpose" in app.line)
        await pilot.press("b")
        assert app.runner.asked[-1][3] is None
        app.end(*rows())
        await pilot.pause()
        assert "on purpose" not in app.title_text


async def test_another_experiment_or_a_failure_restores_what_was_broken():
    app = GradientsStage()
    async with app.run_test(size=WIDE) as pilot:
        await checked(pilot)
        await pilot.press("b")
        app.fail("the archive is damaged")
        await pilot.press("g")
        app.end(*rows())
        await pilot.press("b")
        app.end(*rows())
        app.pane.experiment = presets.load("arch-2")
        await pilot.press("g")
        assert [scale for _, _, _, scale in app.runner.asked] == [
            None,
            "input",
            None,
            "input",
            None,
        ]


async def test_keys_work_only_when_they_can():
    app = GradientsStage()
    async with app.run_test() as pilot:
        await pilot.press("b", "e", "enter", "S", "s")
        assert not app.runner.asked
        assert not app.exports
        await pilot.press("g")
        app.tell(*rows())
        app.state(JobState.CHECKING)
        await pilot.press("b", "g", "e")
        assert len(app.runner.asked) == 1
        assert not app.exports
        assert not app.pane.check_action("break", ())
        app.end(*rows())
        assert app.pane.check_action("break", ())


async def test_settings_that_have_no_effect_are_marked_with_the_reason():
    app = GradientsStage()
    async with app.run_test(size=WIDE) as pilot:
        fields = app.query_one(FieldList)
        assert {"entries", "directions", "tolerance_central"} <= set(fields.unused)
        assert "dtype" not in fields.unused
        await pilot.press("tab", "right")
        assert fields.values["reference"] == "central"
        assert {"dtype", "tolerance_float32"} <= set(fields.unused)
        assert "entries" not in fields.unused
        await pilot.press("down")
        assert "no effect against central differences" in app.line
        await pilot.press("u")
        assert fields.values["reference"] == "torch"
        assert app.query_one(GradientsPane).refusal("undo", ()) == NOTHING_DONE
        await pilot.press("u")
        assert fields.values["reference"] == "torch"
        await pilot.press("U")
        assert fields.values["reference"] == "central"
        assert app.query_one(GradientsPane).refusal("redo", ()) == NOTHING_UNDONE


async def test_a_value_that_cannot_be_is_refused_beside_its_field():
    app = GradientsStage()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("tab", "down", "down", "enter", *"500", "enter")
        fields = app.query_one(FieldList)
        shown = "\n".join(line.plain for line in fields.lines(fields.size.width))
        assert "✗ 500" in shown
        assert fields.values["batch_size"] == 10
        await pilot.press("escape", *(["left"] * 10))
        assert fields.values["batch_size"] == 1
        assert "lowest value already" in app.line


def fake_figures(monkeypatch: pytest.MonkeyPatch, error: Exception | None = None) -> list[object]:
    calls: list[object] = []

    def export(report: object, folder: Path) -> list[Path]:
        calls.append((report, folder))
        if error is not None:
            raise error
        return [folder / "final.png"]

    module = ModuleType("core.figures.gradients")
    module.export = export  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "core.figures.gradients", module)
    monkeypatch.setattr("core.figures.gradients", module, raising=False)
    return calls


@pytest.mark.parametrize("done", [7, 3])
@pytest.mark.parametrize("error", [None, PermissionError(13, "Permission denied")])
async def test_e_writes_the_report_whole_or_not_and_says_where(monkeypatch, error, done):
    calls = fake_figures(monkeypatch, error)
    app = GradientsStage()
    async with app.run_test() as pilot:
        await pilot.press("g")
        report = app.end(*rows()[:done])
        if done < 7:
            assert app.title_text.endswith("■ cancelled, 3 of 7 PASS")
            assert app.words == "3 of 7 tensors · cancelled after 0.4 s"
        await pilot.press("e")
        await app.workers.wait_for_complete()
        await until(pilot, lambda: bool(app.exports))
        folder = saved_models_folder() / "reports"
        assert calls == [(report, folder)]
        stem = tables.stem(report)
        told = app.exports[0].text
        assert told.startswith("the report could not be drawn: Perm" if error else "final.png, ")
        assert f"{stem}.csv, {stem}.md in " in told
        assert {path.name for path in folder.iterdir()} == {f"{stem}.csv", f"{stem}.md"}
        assert app.exports[0].failed == bool(error)
        assert app.pane.check_action("export", ())


# In the app


def here(work: Any, *arguments: Any, **named: Any) -> Any:
    """Run a job in this process instead of its own, so that patches of the tests apply."""
    return work(*arguments, **named)


async def test_gradients_are_checked_for_real_and_the_report_is_written():
    app = Convsole(experiment=synthetic())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("3")
        await until(pilot, lambda: bool(app.query(GradientTable)))
        await pilot.pause()
        pane = next(iter(app._panes.gradients))
        pane.change({"reference": "complex", "batch_size": 2, "entries": 3}, False)
        await pilot.press("g")
        await until(pilot, lambda: pane.report is not None and not app.runner.busy)
        await pilot.pause()
        table = app.query_one(GradientTable)
        await until(pilot, lambda: [row.name for row in table.rows] == list(SHAPES))
        assert pane.report is not None
        assert pane.report.passed
        await pilot.press("down", "b")
        await until(pilot, lambda: pane.report is not None and not app.runner.busy)
        await pilot.pause()
        await until(pilot, lambda: table.current is not None and table.current.scaled)
        assert table.current is not None
        assert table.current.verdict is Verdict.FAIL


async def test_x_cancels_and_rows_are_not_lost_behind_another_pane(monkeypatch):
    going = threading.Event()
    real = gradients._Work._say

    def say(work: object, doing: str) -> None:
        if doing.startswith("probes conv1.bias"):
            going.wait(60)
        real(work, doing)

    monkeypatch.setattr(gradients._Work, "_say", say)
    monkeypatch.setattr(Jobs, "_in_own_process", staticmethod(here))
    app = Convsole(experiment=synthetic())
    async with app.run_test() as pilot:
        await pilot.press("3")
        await until(pilot, lambda: bool(app.query(GradientTable)))
        await pilot.pause()
        pane = next(iter(app._panes.gradients))
        pane.change({"reference": "central", "batch_size": 1, "entries": 2}, False)
        await pilot.press("g")
        await until(pilot, lambda: app.runner.state is JobState.CHECKING)
        await pilot.press("1")
        table = app.query_one(GradientTable)
        await until(pilot, lambda: len(table.rows) == 2)
        assert app.pane == "configure"
        await pilot.press("x")
        await until(pilot, lambda: app.runner.state is JobState.STOPPING)
        going.set()
        await until(pilot, lambda: pane.report is not None)
        assert pane.report is not None
        assert not pane.report.complete
        assert len(table.rows) == 2


async def test_a_check_that_fails_is_told_wherever_one_is(monkeypatch):
    def run(*_: object, **__: object) -> None:
        raise CheckError("PyTorch is not installed")

    monkeypatch.setattr(gradients, "run", run)
    monkeypatch.setattr(Jobs, "_in_own_process", staticmethod(here))
    app = Convsole(experiment=synthetic())
    async with app.run_test() as pilot:
        await app.check_gradients()
        await pilot.press("1")
        await until(pilot, lambda: any("PyTorch" in n.message for n in app._notifications))

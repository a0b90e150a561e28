"""Tests of the contents of the Gradients pane."""

from math import nan

import pytest
from textual.pilot import Pilot

from core.checks.report import Verdict
from tests.tui.gradients.made import SHAPES, GradientsStage, checked, row, rows
from tui.gradients import text as check_text
from tui.gradients.error_histogram import ErrorHistogram
from tui.gradients.tensor_detail import TensorDetail
from tui.gradients.tensor_screen import TensorScreen
from tui.gradients.worst_entries import WorstEntries
from tui.widgets.row_list import Rows
from tui.worker.messages import JobState

SIZES = [(80, 24), (120, 40)]
WIDE = (120, 40)


async def test_before_the_first_check_the_pane_says_what_starts_one():
    app = GradientsStage()
    async with app.run_test(size=(80, 24)):
        assert app.lines(app.table) == [
            " g   checks final on CIFAR-10 against PyTorch",
            "Every gradient by hand is held against one found by other means.",
            "PyTorch takes a few seconds to load.",
        ]
        assert app.table.query_one("HeaderRow") is not None


async def test_rows_fill_the_table_one_by_one_while_the_progress_goes_on():
    app = GradientsStage()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("g")
        app.state(JobState.CHECKING)
        assert app.lines(app.table)[0] == "The first tensor is on its way; x cancels."
        app.say(1, 8, "loads PyTorch")
        assert app.words == "loads PyTorch · 1 of 8"
        found = rows()
        for done, one in enumerate(found, 1):
            app.tell(one)
            app.say(1 + done, 8, f"compares {one.name}")
            assert app.names == list(SHAPES)[:done]
            count = f"{done} tensor{'s' if done > 1 else ''}"
            assert app.title_text.endswith(f"{count} so far")
        app.end(*found)
        assert app.title_text == "final against PyTorch, float32, 10 images, seed 0: ✓ 7 of 7 PASS"
        assert app.words == "7 of 7 tensors · finished after 0.4 s"


async def test_the_columns_are_all_there_where_there_is_room():
    app = GradientsStage()
    async with app.run_test(size=(160, 40)) as pilot:
        await checked(pilot)
        heads = "tensor▲ shape largest abs largest rel norm-wise cosine flips worst entry"
        assert " ".join(app.heading.split()) == f"{heads}, by hand, reference verdict"
        first = app.lines(app.table)[0].split()
        assert first[:3] == ["▸", "input", "10"]
        index, by_hand, reference = first[-5:-2]
        assert index == "[9,6,18,2]"
        assert float(by_hand) == pytest.approx(float(reference), rel=1e-2)
        assert first[-2:] == ["✓", "PASS"]
        await pilot.resize_terminal(*WIDE)
        await pilot.pause()
        assert " ".join(app.heading.split()) == f"{heads} verdict"
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        heads = "tensor▲ shape largest rel norm-wise flips verdict"
        assert " ".join(app.heading.split()) == heads


async def test_numerical_references_have_redrawn_probes_and_directions_instead_of_flips():
    app = GradientsStage()
    async with app.run_test(size=WIDE) as pilot:
        app.pane.change({"reference": "central"}, False)
        await checked(pilot, reference="central")
        assert "flips" not in app.heading
        assert "redrawn v^T J u" in " ".join(app.heading.split())
        assert "4.0e-09" in app.lines(app.table)[0]
        assert app.title_text.startswith("final against central differences, float64, 10 images")
        assert ("probes redrawn", "3") in check_text.facts(app.table.rows[0])


async def test_a_flip_says_that_it_passes_without_the_images_concerned():
    app = GradientsStage()
    async with app.run_test(size=WIDE) as pilot:
        await checked(pilot, conv1_weight=Verdict.FLIP)
        assert app.title_text.endswith("~ 6 of 7 PASS, 1 FLIP")
        assert "~ FLIP" in app.lines(app.table)[1]
        assert app.lines(app.table)[2].endswith(
            "passes without the images where winners differ: norm-wise 3.4e-08"
        )
        await pilot.press("down", "down")
        assert app.table.current is not None
        assert app.table.current.name == "conv1.bias"
        await pilot.press("up")
        assert ("without flips", "3.4e-08") in check_text.facts(app.table.current)


async def test_the_detail_beside_the_table_follows_the_cursor():
    app = GradientsStage()
    async with app.run_test(size=WIDE) as pilot:
        await checked(pilot)
        await pilot.press("down")
        await pilot.pause()
        worst, histogram = app.query_one(WorstEntries), app.query_one(ErrorHistogram)
        assert worst.row is histogram.row is app.table.rows[1]
        lines = [line.plain for line in worst.lines(worst.size.width)]
        assert lines[0].split() == ["entry", "by", "hand", "PyTorch", "relative"]
        assert len(lines) == 14
        assert lines[-2:] == ["relative error", "|a - b| / max(1e-06, |a| + |b|)"]
        errors = app.query_one(TensorDetail).query_one(".errors")
        assert str(errors.border_title).startswith("conv1.weight")
        zeros = app.table.rows[1].comparison.histogram.zeros
        assert f"{zeros} agree to the bit" in str(errors.border_subtitle)
        await pilot.press("enter")
        assert not isinstance(app.screen, TensorScreen)


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (120, 24), (80, 40)])
async def test_the_detail_is_a_screen_of_its_own_where_there_is_no_room(size):
    app = GradientsStage()
    async with app.run_test(size=size) as pilot:
        await checked(pilot)
        assert not app.query_one(WorstEntries).display
        await pilot.press("end", "enter")
        await pilot.pause()
        assert isinstance(app.screen, TensorScreen)
        assert app.screen.query_one(WorstEntries).row is app.table.rows[-1]
        await pilot.press("escape")
        await pilot.pause()
        assert not isinstance(app.screen, TensorScreen)


async def test_a_failure_is_told_in_the_pane_with_the_key_to_try_again():
    app = GradientsStage()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("g")
        app.fail("PyTorch is not installed; central works without it")
        assert app.lines(app.table)[0] == "✗ PyTorch is not installed; central works without it"
        assert any(line.startswith(" g ") for line in app.lines(app.table))
        assert app.title_text.endswith("✗ failed")
        assert app.pane.check_action("check", ())


async def test_what_agrees_to_the_bit_or_is_not_finite_is_told_in_words():
    app = GradientsStage()
    async with app.run_test(size=WIDE) as pilot:
        same = row("conv1.bias", error=0.0)
        await checked(pilot, same)
        histogram = app.query_one(ErrorHistogram)
        assert "all 10 entries agree to the bit" in str(histogram.render())
        lost = row("conv1.bias", Verdict.FAIL, error=nan)
        await checked(pilot, lost)
        assert "no entry has a finite error" in str(histogram.render())
        assert check_text.agreement(lost)[1] == "10 not finite"


@pytest.mark.parametrize("size", [(1, 1), (30, 8), (60, 20), (101, 12), (80, 40), (200, 60)])
async def test_any_size_can_be_drawn(size):
    app = GradientsStage()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.resize_terminal(*size)
        await checked(pilot, input=Verdict.FLIP, linear2_bias=Verdict.FAIL)
        await pilot.press("end", "right", "enter")
        await pilot.pause()
        assert app.table.current is not None
        assert app.table.current.name == "linear2.bias"
        width = app.table.query_one(Rows).size.width
        assert width < 30 or all(len(line) <= width for line in app.lines(app.table))


@pytest.mark.parametrize("size", SIZES)
def test_a_check_with_a_flip_looks_as_it_should(snap_compare, size):
    async def check(pilot: Pilot[None]) -> None:
        await checked(pilot, conv1_weight=Verdict.FLIP)
        await pilot.press("down", "right")
        for _ in range(3):
            await pilot.pause()

    assert snap_compare(GradientsStage(), terminal_size=size, run_before=check)

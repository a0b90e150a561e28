"""Tests of the contents and the keys of the Benchmark pane."""

from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from core.benchmark import saved_results, tables
from core.benchmark.cases import CASES
from core.benchmark.results import Timing
from core.data import home
from tests.benchmark.made import NOISY, benchmark, noisy, quick
from tests.tui.benchmark.made import BenchStage
from tests.tui.test_app import synthetic
from tests.tui.waiting import until
from tui.app import Convsole
from tui.benchmark import columns
from tui.benchmark.table import BenchTable
from tui.worker.messages import BenchEnded, JobState

SIZES = [(80, 24), (120, 40)]
WIDE = (120, 40)


async def test_before_the_first_measurement_the_pane_says_what_starts_one() -> None:
    app = BenchStage()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        assert app.title_text == f"Benchmark ─ {len(CASES)} architectures marked, g measures them"
        lines = app.lines(app.table)
        assert [line.lstrip("▸ ✓").split()[0] for line in lines] == list(CASES)
        assert "4x4/10/50" in lines[1]
        assert "arch-1 is measured with g" in app.line
        assert app.lines(app.layers) == ["i times every layer of arch-1, forward and backward."]


async def test_rows_fill_while_the_progress_goes_on() -> None:
    app = BenchStage()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("g")
        assert app.runner.asked[0].architectures == CASES
        app.say("arch-1", "PyTorch as written", 0.05)
        assert app.words == "arch-1: PyTorch as written · 0 of 12 measured · 5 %"
        assert "◔ arch-1" in app.lines(app.table)[0]
        app.tell("arch-1")
        first = app.lines(app.table)[0].split()
        times = ["0.50", "1.00", "0.75", "0.25", "2.00", "1.50", "2.00"]
        assert first[-10:] == [*times, "93.99", ":", "87.41"]
        assert app.title_text == f"ms per update, median ─ 1 of {len(CASES)} measured"
        app.end(*CASES)
        await pilot.pause()
        assert "mean 2.00 x PyTorch, 1.50 x its best" in app.title_text
        assert app.words == f"{len(CASES)} architectures measured"
        assert "◔" not in " ".join(app.lines(app.table))


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40), (200, 50)])
async def test_noisy_rows_and_quick_looks_say_so_in_every_size(size: tuple[int, int]) -> None:
    saved_results.save(quick(noisy(benchmark(started="2026-11-18T08:30:00+00:00"))))
    saved_results.save(noisy(benchmark(started="2026-11-20T08:30:00+00:00")))
    saved_results.save(quick(benchmark(ours=0.1, started="2026-11-21T08:30:00+00:00")))
    app = BenchStage()
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        # The newest result is a quick look, so the one before it is shown.
        assert "2026-11-20" in app.title_text
        rows = [line[4:] for line in app.lines(app.table) if "arch-" in line]
        assert [row.split()[0] for row in rows if " noisy" in row] == list(NOISY)
        assert ("mean 2.00 x PyTorch" in app.title_text) == ("2 noisy" in app.title_text)
        await pilot.press("down")
        assert "arch-2 noisy" in app.line
        await pilot.press("c")
        await pilot.pause()
        assert "quick" in app.heading
        await pilot.press("g")
        assert "quick" not in app.title_text
        app.pane.take(BenchEnded(quick(benchmark()), None))
        app.state(JobState.IDLE)
        await pilot.pause()
        assert app.title_text.startswith("quick look, ")


async def test_a_noisy_earlier_time_says_so() -> None:
    old = benchmark(("arch-1",), started="2026-11-18T08:30:00+00:00")
    saved_results.save(
        replace(old, cases=(replace(old.cases[0], ours=Timing(0.5, 0.3, 0.4, 0.6)),))
    )
    saved_results.save(benchmark())
    app = BenchStage()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        await pilot.press("c")
        await pilot.pause()
        assert "noisy 0.50" in app.lines(app.table)[0]


async def test_a_result_without_pytorch_at_its_best_can_be_shown_and_written() -> None:
    """A reproduction saves such results, because it compares with PyTorch as written only."""
    made = benchmark()
    cases = tuple(
        replace(case, best=None, best_kind=None, ratio_best=None, floor=None) for case in made.cases
    )
    saved_results.save(replace(made, cases=cases))
    app = BenchStage()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        assert "geometric mean 2.00 x PyTorch" in app.title_text
        assert "best" not in app.title_text
        assert "2.00 against PyTorch as written." in tables.markdown(replace(made, cases=cases))


async def test_bars_are_as_long_as_the_times_and_stand_below_their_columns() -> None:
    app = BenchStage()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("g")
        app.end("arch-1", "arch-2")
        await pilot.pause()
        lines = app.lines(app.table)
        assert [line.count("█") for line in lines[:5]] == [0, 4 + 9 + 6 + 2, 0, 21, 0]
        heads = app.heading
        for head in ("this", "torch", "best", "floor"):
            end = heads.index(head) + len(head)
            assert "█" in lines[1][end - 9 : end]
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        # On a low screen, only the architecture under the cursor has bars.
        assert [("█" in line) for line in app.lines(app.table)].count(True) == 1


async def test_architectures_are_chosen_by_key_and_the_choice_can_be_taken_back() -> None:
    app = BenchStage()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("down", "space")
        assert app.table.chosen == tuple(name for name in CASES if name != "arch-2")
        await pilot.press("enter")
        assert app.table.chosen == CASES
        await pilot.press("A")
        assert app.table.chosen == ("arch-2",)
        await pilot.press("space")
        assert app.table.chosen == ("arch-2",)
        assert "choose one architecture" in app.line
        await pilot.press("u")
        assert app.table.chosen == CASES
        await pilot.press("U", "g")
        assert app.runner.asked[0].architectures == ("arch-2",)


async def test_contenders_threads_and_updates_are_set_by_key() -> None:
    app = BenchStage()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("tab", "right", "down", "left", "down", "right", "g")
        asked = app.runner.asked[0]
        assert (asked.contenders, asked.threads, asked.updates) == ("torch", 1, 175)


async def test_the_layers_of_an_architecture() -> None:
    app = BenchStage()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("down", "i")
        assert app.runner.profiled[0].name == "arch-2"
        assert app.lines(app.layers) == ["The layers of arch-2 are being timed."]
        assert app.words == "times the layers of arch-2"
        app.profiled("arch-2")
        lines = app.lines(app.layers)
        assert lines[1].split() == ["conv1", "8x8x10", "0.500", "0.500", "50.0", "%", "━" * 12,
                                    "12", "3.00", "3.0"]  # fmt: skip
        assert "2.00 ms an update of 100 images" in str(app.layers.border_title)
        await pilot.press("down")
        assert "i times every layer of arch-3" in app.lines(app.layers)[0]
        await pilot.press("up", "tab", "tab", "down")
        assert "conv1: 1.000 ms of 2.000 for 100 images, 12 GFLOP/s" in app.line
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert "GB/s" not in str(app.layers.header(40))


async def test_a_measurement_that_cannot_be_made_says_why_and_can_be_tried_again() -> None:
    app = BenchStage()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("g")
        app.fail("final-3 is being trained, and each would slow the other down")
        assert "final-3 is being trained" in app.line
        assert app.title_text == "ms per update, median: ✗ not measured"
        await pilot.press("g")
        assert len(app.runner.asked) == 2


async def test_while_something_runs_nothing_can_be_measured() -> None:
    app = BenchStage()
    async with app.run_test(size=WIDE) as pilot:
        app.state(JobState.RUNNING)
        await pilot.press("g", "i")
        assert app.runner.asked == []
        assert app.runner.profiled == []


async def test_what_was_cancelled_says_so_and_keeps_what_is_done() -> None:
    app = BenchStage()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("g")
        app.end("arch-1", "arch-2")
        assert app.title_text.startswith("■ cancelled")
        assert app.words == f"cancelled, 2 of {len(CASES)} measured"
        assert sum("0.50" in line for line in app.lines(app.table)) == 2


async def test_the_latest_result_is_there_from_the_start_and_older_ones_lie_beside(
    convsole_home: Path,
) -> None:
    saved_results.save(benchmark(ours=0.8, started="2026-11-19T08:00:00+00:00"))
    saved_results.save(benchmark(ours=0.4, started="2026-11-20T08:00:00+00:00"))
    saved_results.save(benchmark(ours=0.5, started="2026-11-21T08:00:00+00:00"))
    app = BenchStage()
    async with app.run_test(size=(130, 40)) as pilot:
        assert "2026-11-21 08:00" in app.title_text
        assert "earlier" not in app.heading
        await pilot.press("c")
        assert app.lines(app.table)[0].split()[-3:] == ["0.40", "+25", "%"]
        await pilot.press("c")
        assert app.lines(app.table)[0].split()[-3:] == ["0.80", "-38", "%"]
        assert "beside 2026-11-19 08:00" in app.title_text
        await pilot.press("c")
        assert "earlier" not in app.heading


async def test_without_an_older_result_the_pane_says_so(convsole_home: Path) -> None:
    saved_results.save(benchmark())
    app = BenchStage()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("c")
        assert "no earlier result" in app.line


async def test_a_result_that_cannot_be_read_does_not_stand_in_the_way(convsole_home: Path) -> None:
    path = saved_results.save(benchmark())
    path.write_text("{}")
    app = BenchStage()
    async with app.run_test(size=WIDE) as pilot:
        assert app.title_text.startswith("Benchmark ─ ")
        await pilot.press("g")
        assert len(app.runner.asked) == 1


async def test_the_result_is_exported() -> None:
    app = BenchStage()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("e")
        await pilot.press("g")
        app.end(*CASES)
        await pilot.press("e")
        await until(pilot, lambda: bool(app.exports))
        assert not app.exports[0].failed, app.exports[0].text
    files = (home.saved_models_folder() / "reports").iterdir()
    assert sorted(file.suffix for file in files) == [".csv", ".md", ".png"]


@pytest.mark.parametrize("size", [(60, 20), (60, 40), (70, 20), (97, 30), (200, 60)])
async def test_any_size_can_be_drawn(size: tuple[int, int]) -> None:
    app = BenchStage()
    async with app.run_test(size=size) as pilot:
        await pilot.press("g")
        app.end(*CASES)
        await pilot.pause()
        assert app.table.display
        for rows in (app.table, app.layers):
            if rows.display:
                assert all(len(line) <= rows.size.width for line in app.lines(rows))


def test_the_network_in_a_few_numbers() -> None:
    assert columns.network("arch-4") == "16x16/160/50"
    assert columns.network("conv3x3") == "3x3/32/64/128"
    assert columns.network("deep") == "3x3/32/…/128"


async def test_an_architecture_is_measured_for_real() -> None:
    app = Convsole(experiment=synthetic())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("4")
        await until(pilot, lambda: bool(app.query(BenchTable)))
        pane = next(iter(app._panes.benchmark))
        pane.change({"architectures": ("arch-2",), "contenders": "floor", "updates": 25}, False)
        await pilot.press("g")  # it may end before the first check
        await until(pilot, lambda: pane.benchmark is not None)
        assert app.query_one(BenchTable).found["arch-2"].floor is not None
        assert len(saved_results.paths()) == 1
        await until(pilot, lambda: app.runner.state is JobState.IDLE)
        await pilot.press("home", "down", "i")
        await until(pilot, lambda: "arch-2" in pane._profiles.found)
        await until(pilot, lambda: app.runner.state is JobState.IDLE)


@pytest.mark.parametrize("size", SIZES)
def test_a_finished_benchmark_looks_as_it_should(snap_compare, size) -> None:  # type: ignore[no-untyped-def]
    async def measure(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, BenchStage)
        await pilot.press("g")
        app.end(*CASES)
        await pilot.press("down", "i")
        app.profiled("arch-2")
        await pilot.pause()

    assert snap_compare(BenchStage(), terminal_size=size, run_before=measure)


async def test_a_benchmark_stopped_before_its_first_result_leaves_the_pane_as_it_was() -> None:
    app = BenchStage()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        before = app.title_text
        await pilot.press("g")
        app.pane.take(BenchEnded(None, None))
        app.state(JobState.IDLE)
        await pilot.pause()
        assert app.title_text == before
        assert "✗" not in app.line

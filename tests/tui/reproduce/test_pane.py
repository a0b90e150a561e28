"""Tests of the contents and the keys of the Reproduce pane."""

from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from core.data.dataset import Dataset
from core.figures import drawing
from core.reproduce import plan, results
from core.reproduce.plan import jobs
from core.reproduce.results import look
from core.reproduce.study import Study
from core.runs.records import RunState
from core.runs.session import store
from tests.benchmark.made import NOISY, noisy
from tests.reproduce.made import FULL, QUICK, cifar10_of, complete, measured, record, tiny
from tests.tui.reproduce.made import ReproduceStage
from tests.tui.waiting import screen_text, until
from tui.app import Convsole
from tui.frame.header import PaneHeader
from tui.frame.key_footer import KeyFooter
from tui.reproduce import text as study_text
from tui.reproduce.table import StudyTable
from tui.reproduce.text import where
from tui.worker import report
from tui.worker.messages import JobState

SIZES = [(80, 24), (120, 40)]
WIDE = (120, 40)


@pytest.fixture(autouse=True)
def cifar10(convsole_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Provide a stand-in for CIFAR-10, and replace figures by empty files."""
    cifar10_of(convsole_home / "data")
    monkeypatch.setattr(drawing, "rendered", lambda *_: b"")


async def known(pilot: Pilot[None], app: ReproduceStage) -> None:
    """Wait until the pane has read the study."""
    await until(pilot, lambda: app.table.findings is not None)
    await pilot.pause()


async def test_before_the_first_run_the_pane_says_what_there_will_be_and_what_starts_it() -> None:
    app = ReproduceStage()
    async with app.run_test(size=WIDE) as pilot:
        await known(pilot, app)
        assert app.title_text == "Published results again, 3 seeds ─ 0 of 24 runs done, g starts"
        first = app.lines(app.table)[0].split()
        assert first == ["▸", "arch-1", "0/3", "○", "waits", "54.4", "·", "·", "51.1", "·", "·",
                         "50.5", "·", "·"]  # fmt: skip
        assert len(app.lines(app.table)) == 9
        assert "38,999 parameters; 4,800 updates, 3 cycles" in app.line
        claims = app.lines(app.claims)
        assert sum("○ not judged" in line for line in claims) == 4
        assert app.words == "g starts"


async def test_rows_fill_while_it_goes_on() -> None:
    app = ReproduceStage()
    study = Study.of("full")
    async with app.run_test(size=WIDE) as pilot:
        await known(pilot, app)
        await pilot.press("g")
        assert app.runner.asked == [FULL]
        app.say("timing", 0.25, 0.01)
        assert "◔ 25 %" in app.lines(app.table)[8]
        measured(study)
        record(jobs(FULL, "cifar10")[0], store(), study)
        app.news()
        app.say("arch-2/0", 0.5, 0.04)
        lines = app.lines(app.table)
        assert "✓ done" in lines[8]
        assert lines[0].split()[1:5] == ["arch-1", "1/3", "○", "waits"]
        assert lines[0].split()[5:8] == ["54.4", "53.9", "-0.5"]
        assert "● seed 0 50 %" in lines[1]
        assert app.title_text.endswith("─ 1 of 24 runs done")
        assert app.words == "arch-2/0: at work · 2 m 05 s to go"
        await pilot.press("g", "v", "plus")
        assert len(app.runner.asked) == 1
        assert app.table.findings is not None
        assert app.table.findings.settings == FULL


async def test_what_was_stopped_says_so_and_goes_on() -> None:
    app = ReproduceStage()
    study = Study.of("full")
    async with app.run_test(size=WIDE) as pilot:
        await known(pilot, app)
        await pilot.press("g")
        record(jobs(FULL, "cifar10")[0], store(), study, RunState.STOPPED, 1200)
        app.end()
        await pilot.pause()
        await until(pilot, lambda: "■ stopped" in app.lines(app.table)[0])
        await until(pilot, lambda: app.title_text.endswith("g goes on"))
        await until(pilot, lambda: app.words == "stopped, g goes on")
        await pilot.press("g")
        assert app.runner.asked == [FULL, FULL]


async def test_noisy_times_and_those_of_a_quick_look_say_so() -> None:
    complete(store(), QUICK)
    found = look(QUICK, None, store())
    assert found.timing is not None
    found = replace(found, timing=noisy(found.timing))
    assert study_text.timing_state(found, None, False) == "✓ done, noisy"
    head, shares = study_text.timing(found)
    assert head.startswith("quick look, ")
    assert "2 0.52 noisy (1.18)" in shares
    assert shares.count("noisy") == len(NOISY)


async def test_a_finished_study_shows_its_verdicts_and_where_the_report_is() -> None:
    complete(store())
    app = ReproduceStage()
    async with app.run_test(size=WIDE) as pilot:
        await known(pilot, app)
        await until(pilot, lambda: app.title_text.endswith("─ complete"))
        await until(pilot, lambda: "4 of 4 held" in str(app.claims.border_title))
        assert app.lines(app.table)[4].split()[-3:-1] == ["±", "0.4"]
        assert "training 54.3 ± 0.5 (54.4) · validation 52.6 ± 0.5 (51.1)" in app.line
        await pilot.press("end")
        assert "parts of PyTorch's time (published): 1 0.50 (1.08), 2 0.52 (1.18)" in app.line
        assert app.line.endswith("5 0.59 (0.77), 6 0.60 (0.51), 7 0.46 (0.58)")
        assert "noisy" not in app.line
        await pilot.press("tab")
        assert app.line.startswith("More and larger filters raise the accuracy")
        assert "in test accuracy arch-2 is 5.5 points above arch-1" in app.lines(app.claims)[1]
        await pilot.press("g")
        assert app.runner.asked == []
        await pilot.press("e")
        await until(pilot, lambda: bool(app.exports))
        assert not app.exports[0].failed, app.exports[0].text
        assert app.exports[0].text.startswith("report.html, report.md in ")
        app.pane.look()
        assert "report/report.html" in str(app.claims.border_subtitle)
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        await until(pilot, lambda: len(app.lines(app.claims)) == 4)
        await until(
            pilot, lambda: app.line.startswith("in test accuracy arch-2 is 5.5 points above")
        )


async def test_length_and_seeds_are_set_by_key_and_can_be_taken_back() -> None:
    complete(store(), QUICK)
    app = ReproduceStage()
    async with app.run_test(size=WIDE) as pilot:
        await known(pilot, app)
        await pilot.press("plus", "right", "minus")
        assert app.pane._draft.present.seeds == 4
        await pilot.press("u")
        assert app.pane._draft.present == FULL
        await pilot.press("v")
        await until(pilot, lambda: app.title_text == "Quick look, 1 seed ─ complete")
        await until(pilot, lambda: "1/1" in app.lines(app.table)[0])
        await until(pilot, lambda: "○ not judged" in app.lines(app.claims)[0])
        await until(pilot, lambda: app.keys.get("v") == "Full")
        await pilot.press("plus", "v")
        await until(pilot, lambda: app.keys.get("v") == "Quick")
        # What a study has found is read in the background, and takes the line when it comes.
        await until(pilot, lambda: app.title_text.startswith("Published results again, 3 seeds ─"))
        await pilot.press("minus", "minus")
        await until(pilot, lambda: app.title_text.startswith("Published results again, 1 seed ─"))
        await pilot.press("minus")
        assert app.pane._draft.present.seeds == 1
        await until(pilot, lambda: "0 is below its range" in app.line)


async def test_what_cannot_be_run_says_why(convsole_home: Path) -> None:
    for file in (convsole_home / "data" / "cifar-10-batches-bin").iterdir():
        file.unlink()
    (convsole_home / "data" / "cifar-10-batches-bin").rmdir()
    app = ReproduceStage()
    async with app.run_test(size=WIDE) as pilot:

        def claims() -> str:
            return "\n".join(app.lines(app.claims))

        await until(pilot, lambda: "published numbers are of CIFAR-10" in claims())
        assert "CIFAR-10" not in app.line  # once is enough
        await pilot.press("g")
        app.end("final-3 is being trained, and each would slow the other down")
        await until(pilot, lambda: "final-3 is being trained" in claims())
        await pilot.press("v")
        await known(pilot, app)
        await until(pilot, lambda: "on the built-in shapes" in app.title_text)


@pytest.mark.parametrize("size", [(60, 20), (60, 40), (79, 23), (97, 30), (200, 60)])
async def test_any_size_can_be_drawn(size: tuple[int, int]) -> None:
    complete(store())
    app = ReproduceStage()
    async with app.run_test(size=size) as pilot:
        await known(pilot, app)
        await pilot.press("g")
        app.say("final-unsmoothed/2", 1.0, 1.0)
        for rows in (app.table, app.claims):
            assert all(len(line) <= rows.size.width for line in app.lines(rows))


def test_a_long_path_loses_its_beginning() -> None:
    assert where(None, 80) == ""
    assert where(Path("/a/report.html"), 80) == "report in /a/report.html"
    assert where(Path("/a/long/way/report.html"), 26) == "report in …way/report.html"


async def test_the_app_reproduces_for_real_and_the_header_has_room(
    small: Dataset,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(plan, "QUICK_FACTOR", 800)
    monkeypatch.setattr(plan, "RECIPES", tiny(plan.RECIPES))
    monkeypatch.setattr(results, "dataset_of", lambda *_: "synthetic")
    measured(Study.of("quick"), QUICK)
    app = Convsole()
    app.runner._load = lambda *_: small  # type: ignore[method-assign]
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("6")
        await until(pilot, lambda: bool(app.query(StudyTable)))
        header = app.query_one(PaneHeader)
        await until(pilot, lambda: "6 Reproduce" in screen_text(app).split("\n")[0])
        await until(pilot, lambda: "○ ready" in screen_text(app).split("\n")[0])
        pane = next(iter(app._panes.reproduce))
        await pilot.press("v")
        await until(pilot, lambda: pane._findings is not None and pane._findings.settings.quick)
        await until(pilot, lambda: 0 < len(app.query_one(KeyFooter).places) <= 7)
        await pilot.press("g")
        await until(pilot, lambda: app.runner.state is JobState.IDLE)
        await until(pilot, lambda: pane._findings is not None and pane._findings.finished)
        await until(pilot, lambda: header.current == "reproduce")
        assert report.page("quick") is not None
    assert [one.state for one in store().runs()] == [RunState.FINISHED] * 8


@pytest.mark.parametrize("size", SIZES)
def test_a_study_under_way_looks_as_it_should(snap_compare, size) -> None:  # type: ignore[no-untyped-def]
    study = Study.of("full")
    measured(study)
    wanted = jobs(FULL, "cifar10")
    for job in wanted[:20]:
        record(job, store(), study)

    async def go(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, ReproduceStage)
        await known(pilot, app)
        await pilot.press("g", *["down"] * 4)
        app.news()
        app.say(wanted[20].key, 0.4, 0.87)
        await pilot.pause()

    assert snap_compare(ReproduceStage(), terminal_size=size, run_before=go)


async def test_where_claims_would_stand_it_says_why_there_are_none() -> None:
    app = ReproduceStage()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.claims.judged)
        app.claims.judged, app.claims.trouble = (), "the published numbers are of CIFAR-10"
        text = "\n".join(str(line) for line in app.claims.lines(76))
        assert "✗ the published numbers are of CIFAR-10" in text
        assert "v changes between a quick look and the whole study" in text

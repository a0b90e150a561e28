"""Tests of the contents and the keys of the Sweeps pane."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from core.config import presets
from core.data.home import saved_models_folder
from core.errors import StoreError, UserError
from core.figures import drawing
from core.runs.studies.records import StudyState, TrialState
from core.sweeps.analysis.importance import Importance
from core.sweeps.analysis.places import ACCURACY
from core.sweeps.analysis.snapshot import Live
from tests.sweeps.made_snapshot import SPACE, finalists, made
from tests.tui.sweeps.made import SweepsStage, several
from tests.tui.waiting import screen_text, until
from tui.dialogs.prompt import LineScreen
from tui.frame.key_footer import KeyFooter
from tui.messages import (
    InspectRun,
    LookInside,
    OpenRun,
    ShowInRuns,
    TakeSettings,
)
from tui.sweeps import export
from tui.sweeps.form import FormRows, StudyForm
from tui.sweeps.importance import ImportanceBars
from tui.sweeps.studies import READS
from tui.widgets.filter_line import FilterLine
from tui.widgets.row_list import HeaderRow
from tui.worker.messages import JobState
from tui.worker.sweeping import SweepOrder

WIDE = (120, 40)
SIZES = [(60, 20), (80, 24), (120, 40), (200, 50)]


async def opened(pilot: Pilot[None], app: SweepsStage) -> None:
    """Open the first study."""
    await until(pilot, lambda: app.studies.shown)
    await pilot.press("enter")
    await until(pilot, lambda: app.table.count())
    await pilot.pause()


def numbers(app: SweepsStage) -> list[int]:
    return [row.number for row in app.table._rows]


async def test_without_a_study_the_pane_says_what_makes_one() -> None:
    app = SweepsStage()
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: "a makes one around what Configure" in screen_text(app))
        await pilot.press("enter", "g")
        assert app.runner.asked == []
        assert app.pane.refusal("resume", ()) == "there is no study yet; a makes one"


async def test_the_list_says_how_far_each_study_is() -> None:
    app = SweepsStage(*several())
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: app.studies.shown)
        lines = app.lines(app.studies)
        assert lines[0].split()[:6] == ["▸", "wide", "●", "running", "32/46", "59.6"]
        assert lines[1].split()[1:3] == ["✓", "finished"]
        assert lines[2].split()[1:3] == ["■", "stopped"]
        assert "sampler tpe; pruning halving; 20 epochs each" in app.line
        await pilot.press("end")
        assert app.line.endswith("a key stopped it")


async def test_an_open_study_shows_its_trials_best_first() -> None:
    app = SweepsStage(made(40))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app)
        assert app.title_text == "wide ─ ● running ─ 40 trials"
        assert numbers(app)[:5] == [5, 6, 2, 31, 25]
        first = app.lines(app.table)[0].split()
        assert first[:6] == ["▸1", "5", "✓", "finished", "59.6", "%"]
        assert "trial 5, seed 0; highest rate 0.046; lambda" in app.line
        assert "run wide-6" in app.line
        assert app.words.startswith("32 of 46 trainings")
        await pilot.press("backspace")
        await until(pilot, lambda: app.studies.display)
        assert app.focused is app.studies


async def test_finalists_stand_by_the_mean_of_their_seeds_as_in_the_list() -> None:
    study = finalists()
    best = study.best
    assert best is not None
    app = SweepsStage(study)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: app.studies.shown)
        percent = f"{100 * (best.mean or 0):.1f} %"
        assert f" {percent} " in app.lines(app.studies)[0]
        words = f"best: trial {best.number} with {percent} validation, mean of 3 seeds"
        assert app.line.startswith(words)
        await opened(pilot, app)
        assert app.heading.split()[:2] == ["trial", "seed"]
        assert "mean val.▼" in app.heading
        lines = [line.split() for line in app.lines(app.table)[:4]]
        assert [line[:3] for line in lines[:3]] == [
            ["▸1", str(best.number), "0"],
            ["1", str(best.number), "1"],
            ["1", str(best.number), "2"],
        ]
        assert f"of 3: {percent}" in app.lines(app.table)[2]
        assert lines[3][:3] == ["2", str(study.ranked[1].number), "0"]
        assert f"mean of 3 seeds {percent}" in app.line
        assert "─ 40 trials" in app.title_text
        assert [row.seed for row in study.trials] == [0] * 40
        await pilot.press("v", "v")
        first = ", ".join(map(str, sorted(row.number for row in study.ranked[:3])))
        assert f"at the mean of several seeds: trials {first}" in app.views.slice.captions()
        points = sum(map(str.isdigit, "".join(app.views.slice.picture(200, 60).plain()[:-2])))
        assert points > 3
        assert app.pane.open is not None
        assert app.pane.open.drawn() == list(study.trials)


async def test_a_trial_at_a_rung_is_not_paused_whatever_its_study_is() -> None:
    app = SweepsStage(made(40, StudyState.PAUSED))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app)
        await pilot.press("slash")
        app.query_one(FilterLine).value = "state:rung"
        await pilot.press("enter")
        await until(pilot, lambda: 0 < app.table.count() < 40)
        assert {row.state for row in app.table._rows} == {TrialState.PAUSED}
        assert all("◐ at-rung" in line for line in app.lines(app.table))
        assert "it waits for the results of others" in app.line


async def test_a_study_that_starts_says_what_it_does_before_it_trains() -> None:
    app = SweepsStage(made(40, StudyState.STOPPED))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app)
        assert "stopped" in app.title_text
        await pilot.press("g")
        app.pane.look()
        await until(pilot, lambda: app.title_text == "wide ─ … starts ─ 40 trials")
        for words in ("starts: reads the images", "starts: waits for workers"):
            app.run_live(made(40))
            app.runner.swept = Live(starting=words)
            app.pane.look()
            await until(pilot, lambda words=words: f"… {words}" in app.title_text)
            assert app.words == words
        app.run_live(made(40))
        await until(pilot, lambda: "● running" in app.title_text)


async def test_a_new_study_that_starts_is_named_before_it_is_recorded() -> None:
    app = SweepsStage()
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: app.focused is app.studies)
        app.run_live(made(40))
        app.runner.swept = Live(starting="starts: reads the images")
        app.pane.look()
        title = "Sweeps ─ … wide starts: reads the images"
        await until(pilot, lambda: app.title_of(app.studies) == title)


async def test_the_keys_that_matter_are_in_the_footer_at_80_columns() -> None:
    app = SweepsStage(made(40))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        assert {"Sort", "Export", "Filter", "Take", "View", "Back"} <= shown_keys(app)
        await pilot.press("v")
        await until(pilot, lambda: "Axis" in shown_keys(app))


def shown_keys(app: SweepsStage) -> set[str]:
    return {place.key.words for place in app.query_one(KeyFooter).places}


async def test_the_table_is_sorted_by_key_and_by_heading() -> None:
    app = SweepsStage(made(40))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app)
        await pilot.press("s")
        assert app.table.order.column == "eta_max"
        rates = [row.settings["eta_max"] for row in app.table._rows]
        assert rates == sorted(rates, reverse=True)
        assert app.table.current is not None
        assert app.table.current.number == 5, "the cursor stays on its trial"
        await pilot.press("S")
        assert [row.settings["eta_max"] for row in app.table._rows] == sorted(rates)
        heading = app.table.query_one(HeaderRow)
        await pilot.click(heading, offset=(5, 0))
        assert numbers(app) == list(range(40))
        assert "trial▲" in app.heading
        await pilot.press("end")
        assert app.table.current.number == 39


async def test_the_filter_is_that_of_runs() -> None:
    app = SweepsStage(made(40))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app)
        await pilot.press("slash")
        line = app.query_one(FilterLine)
        line.value = "state:pruned eta_max>0.1"
        await until(pilot, lambda: 0 < app.table.count() < 10)
        assert {row.state for row in app.table._rows} == {TrialState.PRUNED}
        assert app.title_text.endswith(f"─ {app.table.count()} of 40 trials")
        line.value = "eta:1"
        await until(pilot, lambda: "did you mean 'eta_max'?" in str(line.border_subtitle))
        line.value = "state:finished best>99"
        await until(pilot, lambda: not app.table.count())
        assert "no trial fits; / changes the filter, Z the ranges" in screen_text(app)
        await pilot.press("escape")
        await until(pilot, lambda: app.table.count() == 40)
        assert app.focused is app.table


async def test_views_follow_each_other() -> None:
    app = SweepsStage(made(40))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app)
        seen = []
        for _ in range(6):
            seen.append(app.views.view)
            await pilot.press("v")
        assert seen == ["curves", "coordinates", "slice", "importance", "workers", "curves"]
        assert [box.id for box in app.views.children if box.display] == ["coordinates"]


async def test_brushing_the_coordinates_narrows_everything() -> None:
    app = SweepsStage(made(40))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app)
        await pilot.press("left_parenthesis")
        assert app.table.count() == 40, "there are no ranges in the curves"
        await pilot.press("v", "right", "right", "right_parenthesis")
        assert app.views.coordinates.axis == 2
        await until(pilot, lambda: app.table.count() < 40)
        assert {row.settings["batch_size"] for row in app.table._rows} == {50, 100}
        assert "batch size: 50 to 100" in str(app.views.coordinates.border_subtitle)
        await pilot.press("right_parenthesis")
        assert {row.settings["batch_size"] for row in app.table._rows} == {50}
        await pilot.press("right_curly_bracket")
        assert {row.settings["batch_size"] for row in app.table._rows} == {50, 100}
        await pilot.press("H", "left_parenthesis")
        both = app.table.count()
        await pilot.press("z")
        assert app.table.count() > both
        await pilot.press("Z")
        assert app.table.count() == 40
        assert app.pane.open is not None
        assert app.pane.open.axes[-1] == ACCURACY
        await pilot.press("H", "H", "H")
        assert app.views.coordinates.axis == 6
        await pilot.press("H")
        assert app.views.coordinates.axis == 0


async def test_coordinates_read_without_colour() -> None:
    app = SweepsStage(made(40))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app)
        await pilot.press("v")
        drawn = app.views.coordinates
        cells = drawn.picture(100, 20)
        text = "\n".join(cells.plain())
        assert "▸highest rate◂" in text
        for digit in "12345":
            assert digit in "".join(cells.plain()[2:-1])
        assert "┃" not in text
        await pilot.press("left_parenthesis")
        assert "┃" in "\n".join(drawn.picture(100, 20).plain())
        await pilot.press("plus")
        assert "6" in "".join(drawn.picture(100, 20).plain()[2:-1])
        await pilot.press("minus", "minus", "minus", "minus", "minus")
        assert "2" not in "".join(drawn.picture(100, 20).plain()[2:-1])


async def test_where_there_is_no_room_for_all_axes_they_move_with_the_chosen_one() -> None:
    app = SweepsStage(made(40))
    async with app.run_test(size=(60, 20)) as pilot:
        await opened(pilot, app)
        await pilot.press("v", "O")
        await until(pilot, lambda: "▸highe" in screen_text(app))
        first = screen_text(app)
        assert "augment" not in first
        assert "validat" in first
        await pilot.press("right", "right", "right", "right", "right")
        await until(pilot, lambda: "augme" in screen_text(app))
        assert "validat" in screen_text(app)
        assert "highe" not in "\n".join(app.views.coordinates.picture(58, 15).plain())


async def test_a_large_picture_has_the_keys() -> None:
    app = SweepsStage(made(40))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await pilot.press("O")
        await until(pilot, lambda: not app.table.is_on_screen)
        assert app.focused is app.views
        await pilot.press("v")
        assert app.views.view == "coordinates"
        await pilot.press("O")
        await until(pilot, lambda: app.focused is app.table)


async def test_a_table_that_is_not_shown_is_not_sorted() -> None:
    app = SweepsStage(made(40))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app)
        await pilot.press("O")
        await until(pilot, lambda: not app.table.is_on_screen)
        before = app.table.order
        await pilot.press("s", "R")
        await pilot.pause()
        assert app.table.order == before
        assert "has the room of the table" in (app.pane.refusal("sort", ()) or "")
        await pilot.press("O")
        await until(pilot, lambda: app.table.is_on_screen)
        await pilot.press("s")
        await until(pilot, lambda: app.table.order != before)


async def test_the_slice_shows_one_setting_after_the_other() -> None:
    app = SweepsStage(made(40))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app)
        await pilot.press("v", "v")
        assert "Validation over highest rate, log scale" in str(app.views.slice.border_title)
        cells = app.views.slice.picture(100, 20).plain()
        assert sum(line.count("●") for line in cells) > 3
        assert sum(line.count("○") for line in cells) > 10
        assert "0.003" in cells[-1]
        assert "0.3" in cells[-1]
        await pilot.press("H")
        assert "lambda" in str(app.views.slice.border_title)
        await pilot.press("left", "left")
        assert "augmentation" in str(app.views.slice.border_title)
        cells = app.views.slice.picture(100, 20).plain()
        assert cells[-1].split() == ["none", "fresh"]


async def test_the_best_that_were_cut_short_have_another_sign() -> None:
    study = made(40)
    left_out = {row.key for row in study.ranked[2:] if row.seeds}
    rows = tuple(row for row in study.rows if row.key not in left_out)
    app = SweepsStage(replace(study, rows=rows))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app)
        await pilot.press("v")
        drawn = app.views.coordinates
        assert "(3) (4) (5), dashed: judged at an earlier rung" in drawn.captions()
        assert "grey: the other trials, each at its last rung" in drawn.captions()
        text = "\n".join(drawn.picture(100, 30).plain()[2:-1])
        assert "(3)" in text
        assert "(1)" not in text
        await pilot.press("v")
        text = "\n".join(app.views.slice.picture(100, 30).plain())
        assert "(3)" in text
        assert "(1)" not in text
        assert "○ (3) (4) (5) judged at an earlier rung" in str(app.views.slice.border_subtitle)


async def test_a_study_without_pruning_does_not_speak_of_rungs() -> None:
    study = made(40, pruning={"kind": "none"})
    whole = tuple(row for row in study.rows if row.seeds)
    app = SweepsStage(replace(study, rows=whole))
    async with app.run_test(size=(200, 50)) as pilot:
        await opened(pilot, app)
        for _ in range(3):
            assert "rung" not in screen_text(app)
            await pilot.press("v")
            await pilot.pause()


async def test_a_picture_says_how_many_trials_do_not_have_the_setting() -> None:
    study = made(40)
    lacking = [study.ranked[0].number, study.ranked[2].number]
    rows = tuple(
        replace(row, settings={"batch_size": 50}) if row.number in lacking else row
        for row in study.rows
    )
    app = SweepsStage(replace(study, rows=rows))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app)
        await pilot.press("v")
        words = "a gap in a line: the setting does not exist for its trial"
        assert words in app.views.coordinates.captions()
        await pilot.press("v")
        await until(pilot, lambda: "2 trials for which the setting does" in screen_text(app))
        text = "".join(app.views.slice.picture(100, 20).plain()[:-2])
        assert [digit for digit in "12345" if digit in text.replace("│", "")[8:]][:1] != []
        await pilot.press("left")
        assert "points of a value: spread sideways for reading" in app.views.slice.captions()
        assert "┊" in "".join(app.views.slice.picture(100, 20).plain())


async def test_each_study_opens_with_its_best_first_unless_its_order_was_chosen() -> None:
    app = SweepsStage(*several())
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app)
        await pilot.press("down", "s", "backspace", "down", "enter")
        await until(pilot, lambda: app.title_text.startswith("narrow"))
        assert app.table.order.column == "mean"
        assert app.table.cursor == 0
        await pilot.press("backspace", "up", "enter")
        await until(pilot, lambda: app.title_text.startswith("wide"))
        assert app.table.order.column == "eta_max"


async def test_columns_that_do_not_fit_are_counted_and_scrolled_into_view() -> None:
    app = SweepsStage(made(40))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await until(pilot, lambda: "more columns  Shift" in screen_text(app))
        assert "worker" not in app.heading
        assert "highest rate" in app.heading
        await pilot.press(*["shift+right"] * 9)
        assert "trial" in app.heading
        assert "worker" in app.heading
        assert "highest rate" not in app.heading
        assert "columns before" in str(app.table.border_subtitle)
        assert app.table.refusal("scroll_columns", (1,)) == "the last column is in view"
        before = app.heading
        await pilot.press("shift+left")
        assert app.heading != before


async def test_where_all_columns_fit_the_keys_are_those_of_the_picture() -> None:
    app = SweepsStage(made(40))
    async with app.run_test(size=(149, 40)) as pilot:
        await opened(pilot, app)
        assert app.table.border_subtitle == ""
        assert app.table.refusal("scroll_columns", (1,)) is None


async def test_settings_taken_to_configure_are_named() -> None:
    app = SweepsStage(made(40))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app)
        await pilot.press("t")
        await until(pilot, lambda: app.notified)
        assert app.notified[0].startswith("trial 5 of wide: highest rate 0.046; ")


async def test_while_studies_are_read_none_is_said_to_be_missing() -> None:
    app = SweepsStage()
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: "No study yet" in screen_text(app))
        app.studies.instead = READS
        await pilot.pause()
        assert READS in screen_text(app)
        assert "No study yet" not in screen_text(app)
        assert app.pane.refusal("resume", ()) == READS
        assert app.pane.refusal("open", ()) == READS
        app.pane.look()
        await until(pilot, lambda: "No study yet" in screen_text(app))


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (StudyState.FINISHED, "the study has come to its end"),
        (StudyState.STOPPED, "g goes on with it"),
        (StudyState.RUNNING, "another one runs it"),
    ],
)
async def test_workers_of_a_study_that_nobody_here_works_on(state: StudyState, words: str) -> None:
    study = made(40, state)
    app = SweepsStage(replace(study, live=Live()))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app)
        await pilot.press("v", "v", "v", "v")
        await until(pilot, lambda: words in " ".join(screen_text(app).split()))


async def test_importance_is_shown_with_its_intervals_or_why_there_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = (Importance("eta_max", 0.6, 0.5, 0.7), Importance("momentum", 0.1, 0.0, 0.2))
    monkeypatch.setattr(export, "found", lambda snapshot: found)
    app = SweepsStage(made(40))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app)
        await pilot.press("v", "v", "v")
        await until(pilot, lambda: "60 % (50 to 70)" in screen_text(app))
        assert "momentum" in screen_text(app)

    def refuse(snapshot: object) -> tuple[Importance, ...]:
        raise UserError("importance needs 20 trials trained to the end; wide has 3 so far")

    monkeypatch.setattr(export, "found", refuse)
    app = SweepsStage(made(40))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app)
        await pilot.press("v", "v", "v")
        await until(pilot, lambda: "wide has 3 so far" in app.query_one(ImportanceBars).why)


async def test_who_works_where_while_this_program_runs_the_study() -> None:
    study = made(40)
    app = SweepsStage(replace(study, live=type(study.live)()))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app)
        await pilot.press("v", "v", "v", "v")
        await until(pilot, lambda: "nobody works on it in this program" in screen_text(app))
        app.run_live(study)
        words = "2 of 2 at work, 8,500 images/s, 22 m 05 s to go"
        await until(pilot, lambda: words in screen_text(app))
        assert "local-1" in screen_text(app)
        assert "trial 37, seed 0" in screen_text(app)
        assert app.words == "32 of 46 trainings · 8,500 images/s · 22 m 05 s to go"


async def test_a_study_that_this_program_goes_on_with_runs_before_its_record_says_so() -> None:
    study = made(40, StudyState.STOPPED)
    app = SweepsStage(study)
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app)
        assert "stopped" in screen_text(app)
        app.run_live(study)
        await until(pilot, lambda: "wide ─ ● running" in screen_text(app))


async def test_a_stopped_study_goes_on_by_key() -> None:
    app = SweepsStage(made(40, StudyState.STOPPED))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app)
        assert "g goes on" in app.words
        await pilot.press("g")
        [order] = app.runner.asked
        assert isinstance(order, SweepOrder)
        assert order.name == "wide"
        assert order.definition["space"] == SPACE
        await pilot.press("r")
        assert len(app.runner.asked) == 1


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (StudyState.FINISHED, "wide has come to its end"),
        (StudyState.RUNNING, "another program runs wide"),
    ],
)
async def test_what_cannot_go_on_says_why(state: StudyState, reason: str) -> None:
    app = SweepsStage(made(40, state))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app)
        assert app.pane.refusal("resume", ()) == reason
        await pilot.press("g")
        assert app.runner.asked == []


async def test_a_trial_goes_to_the_other_panes() -> None:
    app = SweepsStage(made(40))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app)
        kinds = [OpenRun, TakeSettings, LookInside, InspectRun, ShowInRuns]
        for count, key in enumerate(("enter", "t", "X", "i", "c"), 1):
            await pilot.press(key)
            await until(pilot, lambda count=count: len(app.sent) == count)
        assert [type(each) for each in app.sent] == kinds
        assert {each.run.id for each in app.sent} == {"wide-6"}


async def test_more_seeds_of_a_trial_are_added_and_the_study_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    added: list[tuple[str, int, int]] = []
    monkeypatch.setattr(
        "tui.sweeps.open_pane.add",
        lambda store, study, more, number: added.append((study.name, more, number)),
    )
    app = SweepsStage(made(12, StudyState.STOPPED))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app)
        number = app.table._rows[0].number
        await pilot.press("asterisk")
        await until(pilot, lambda: isinstance(app.screen, LineScreen))
        await pilot.press("backspace", "0", "enter")
        await until(pilot, lambda: "is not a whole number from 1 to 100" in screen_text(app))
        await pilot.press("backspace", "3", "enter")
        await until(pilot, lambda: app.runner.asked)
        assert added == [("wide", 3, number)]


async def test_more_seeds_that_cannot_be_are_refused_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*given: object) -> None:
        raise StoreError("trial 1 of wide was not trained to its end")

    monkeypatch.setattr("tui.sweeps.open_pane.add", refuse)
    app = SweepsStage(made(12, StudyState.STOPPED))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app)
        await pilot.press("asterisk")
        await until(pilot, lambda: isinstance(app.screen, LineScreen))
        await pilot.press("enter")
        await until(pilot, lambda: app.notified)
        assert app.runner.asked == []


async def test_a_trial_that_has_not_begun_goes_nowhere() -> None:
    app = SweepsStage(made(40))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app)
        row = next(row for row in app.table._rows if row.state is TrialState.WAITING)
        app.table.point_at(row)
        reason = f"trial {row.number} has not begun, and has no run yet"
        assert app.pane.refusal("take", ()) == reason
        await pilot.press("enter", "t", "X")
        await pilot.pause()
        assert app.sent == []


async def test_what_changes_in_the_store_comes_to_the_screen() -> None:
    app = SweepsStage(made(40))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app)
        await pilot.press("slash")
        app.query_one(FilterLine).value = "state:finished"
        await pilot.press("enter")
        before = app.table.count()
        app.book.given = (made(60),)
        app.pane.look()
        await until(pilot, lambda: app.table.count() != before)
        assert "of 60" in app.title_text
        app.book.given = ()
        app.pane.look()
        await until(pilot, lambda: app.studies.display)


async def test_everything_is_exported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "rendered", lambda *_: b"")
    monkeypatch.setattr(export, "found", lambda snapshot: (Importance("eta_max", 0.6, 0.5, 0.7),))
    app = SweepsStage(made(40))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app)
        await pilot.press("e")
        await until(pilot, lambda: bool(app.notified))
        assert app.notified[0].startswith("the pictures and the table of wide, to ")
        await until(pilot, lambda: bool(app.exports))
    assert not app.exports[0].failed, app.exports[0].text
    folder: Path = saved_models_folder() / "reports"
    names = {path.name for path in folder.iterdir()}
    kinds = ("curves", "coordinates", "importance", *SPACE)
    assert names == {"sweep-wide.csv", "sweep-wide.json"} | {
        f"sweep-wide-{kind}.{ending}" for kind in kinds for ending in ("png", "svg", "pdf")
    }
    assert len(json.loads((folder / "sweep-wide.json").read_text())["trials"]) == 40
    assert len((folder / "sweep-wide.csv").read_text().splitlines()) == 41


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("count", [0, 1, 3, 40])
async def test_any_size_can_be_drawn(size: tuple[int, int], count: int) -> None:
    app = SweepsStage(made(count))
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.studies.shown)
        await pilot.press("enter")
        await pilot.pause()
        for _ in range(5):
            await pilot.press("v", "O", "O")
        await pilot.pause()
        width = app.table.rows.size.width
        assert all(len(line) <= width for line in app.lines(app.table))


async def test_only_rows_in_view_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    app = SweepsStage(made(1000))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app)
        made_rows: list[int] = []
        row = type(app.table).row

        def counted(self, item: int, width: int):  # type: ignore[no-untyped-def]
            made_rows.append(item)
            return row(self, item, width)

        monkeypatch.setattr(type(app.table), "row", counted)
        await pilot.press("s", "end")
        await until(pilot, lambda: 999 in made_rows)
        await pilot.pause()
        assert len(set(made_rows)) < 100


# The form


async def form(pilot: Pilot[None], app: SweepsStage) -> FormRows:
    await until(pilot, lambda: app.focused is app.studies)
    await pilot.press("a")
    await until(pilot, lambda: isinstance(app.screen, StudyForm))
    return app.screen.query_one(FormRows)


def go_to(rows: FormRows, name: str) -> None:
    rows.cursor = next(at for at, row in enumerate(rows.rows) if row.name == name)


async def test_a_study_is_made_of_what_configure_shows() -> None:
    app = SweepsStage()
    async with app.run_test(size=WIDE) as pilot:
        rows = await form(pilot, app)
        words = "✓ 24 trials, 3 of them with 2 more seeds; varies highest rate; g starts it"
        assert words in screen_text(app)
        go_to(rows, "batch_size")
        await pilot.press("space")
        go_to(rows, "trials")
        await pilot.press("enter")
        await pilot.press("8", "enter")
        await until(pilot, lambda: "✓ 8 trials" in screen_text(app))
        await pilot.press("g")
        await until(pilot, lambda: app.runner.asked)
        [order] = app.runner.asked
        assert order.definition["trials"] == 8
        assert set(order.definition["space"]) == {"eta_max", "batch_size"}
        assert order.definition["base"]["dataset"] == "synthetic"
        assert order.name == "arch-2"
        assert app.runner.state is JobState.SWEEPING
        app.book.given = (replace(made(3), study=replace(made(3).study, name="arch-2")),)
        app.pane.look()
        await until(pilot, lambda: app.title_text.startswith("arch-2 ─"))


async def test_a_study_that_was_left_opens_again_as_it_was() -> None:
    app = SweepsStage()
    async with app.run_test(size=WIDE) as pilot:
        rows = await form(pilot, app)
        await pilot.press("escape")
        await pilot.pause()
        assert app.notified == [], "nothing was changed, so nothing is kept"
        rows = await form(pilot, app)
        go_to(rows, "batch_size")
        await pilot.press("space", "escape")
        await until(pilot, lambda: app.notified)
        assert app.notified[0].endswith("the draft is kept; a opens it again as it was left")
        rows = await form(pilot, app)
        assert set(rows.draft.state.varied) == {"eta_max", "batch_size"}
        assert "as it was left; Z starts anew" in screen_text(app)
        await pilot.press("Z")
        assert set(rows.draft.state.varied) == {"eta_max"}
        await pilot.press("u", "escape")
        rows = await form(pilot, app)
        assert set(rows.draft.state.varied) == {"eta_max", "batch_size"}
        await pilot.press("g")
        await until(pilot, lambda: app.runner.asked)
        app.state(JobState.IDLE)
        rows = await form(pilot, app)
        assert set(rows.draft.state.varied) == {"eta_max"}, "what was started is no draft"


async def test_a_draft_says_if_configure_has_changed_since() -> None:
    app = SweepsStage()
    async with app.run_test(size=WIDE) as pilot:
        rows = await form(pilot, app)
        go_to(rows, "momentum")
        await pilot.press("space", "escape")
        await until(pilot, lambda: not isinstance(app.screen, StudyForm))
        app.pane.experiment = presets.load("deep").changed(dataset="synthetic")
        rows = await form(pilot, app)
        assert rows.draft.experiment.name == "arch-2"
        assert "Z starts anew around what Configure shows now, deep" in screen_text(app)
        await pilot.press("Z")
        assert rows.draft.experiment.name == "deep"
        await until(pilot, lambda: "A study around deep ─" in screen_text(app).replace("──", "─"))


async def test_what_is_wrong_is_said_and_nothing_starts() -> None:
    app = SweepsStage()
    async with app.run_test(size=WIDE) as pilot:
        rows = await form(pilot, app)
        go_to(rows, "eta_max")
        await pilot.press("space")
        await until(pilot, lambda: "✗ space: nothing varies" in screen_text(app))
        await pilot.press("g")
        assert app.runner.asked == []
        await pilot.press("u")
        await until(pilot, lambda: "varies highest rate" in screen_text(app))
        await pilot.press("enter")
        await pilot.press(*"5", "enter")
        await until(pilot, lambda: "log takes a lower and an upper bound" in screen_text(app))
        await pilot.press("escape", "escape")
        await until(pilot, lambda: not isinstance(app.screen, StudyForm))
        assert app.runner.asked == []


async def test_the_form_shows_only_what_varies_and_writes_a_file() -> None:
    app = SweepsStage()
    async with app.run_test(size=(60, 20)) as pilot:
        rows = await form(pilot, app)
        whole = rows.count()
        await pilot.press("F")
        assert rows.count() == 13
        go_to(rows, "eta_max")
        await pilot.press("left")
        await until(pilot, lambda: "◂ linear ▸" in screen_text(app))
        await pilot.press("z", "F")
        assert rows.count() == whole
        await pilot.press("e")
        path = saved_models_folder() / "reports" / "arch-2.toml"
        await until(pilot, path.exists)
        assert "eta_max" in path.read_text()
        await pilot.press("q")
        await until(pilot, lambda: not isinstance(app.screen, StudyForm))


async def test_no_study_is_made_while_a_job_runs() -> None:
    app = SweepsStage()
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: app.focused is app.studies)
        app.state(JobState.RUNNING)
        await pilot.press("a")
        await pilot.pause()
        assert not isinstance(app.screen, StudyForm)
        assert app.pane.refusal("new", ()) == "a training runs; x stops it"

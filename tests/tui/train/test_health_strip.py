"""Tests of the strip in Train, and of the warnings that lead to it."""

from pathlib import Path

import pytest
from rich.color import Color
from textual.pilot import Pilot

from core.training.health_strip import QUANTITIES
from tests.training.health_made import Ill, value
from tests.tui.train.made import TrainStage, drawn
from tests.tui.waiting import screen_text, until
from tui.train.curves import HEALTH, Curves
from tui.train.health_strip import HealthStrip
from tui.train.log import RunLog
from tui.train.strip_paint import ABOVE, CURSOR, OUTSIDE
from tui.train.warning_list import WarningRows, WarningScreen
from tui.worker.messages import JobState

SIZES = [(60, 20), (80, 24), (120, 40), (200, 50)]


def dying(name: str, update: int) -> float | None:
    return 0.61 if name == "relu2/silent" and update >= 800 else None


def hot(name: str, update: int) -> float | None:
    return 0.25 if name == "conv1.weight/ratio" and update >= 1000 else dying(name, update)


async def on_strip(
    pilot: Pilot[None],
    app: TrainStage,
    updates: int = 1200,
    ill: Ill | None = None,
    **settings: str,
) -> None:
    """Begin a training and show its strip."""
    if ill is not None:
        app.ill = ill
    app.begin(updates=updates, **settings)
    app.pane.look()
    await drawn(pilot)
    while app.query_one(Curves).picked != HEALTH:
        await pilot.press("v")
    await until(pilot, lambda: app.focused is app.strip and app.strip.size.width > 0)
    await pilot.pause()


def box(app: TrainStage) -> list[str]:
    return [app.strip.render_line(y).text for y in range(app.strip.content_size.height)]


def cells(app: TrainStage, name: str) -> str:
    layout = app.strip._layout_now
    assert layout is not None
    [line] = [line for line in box(app) if name in line[: layout.left]]
    return line[layout.left :]


@pytest.mark.parametrize("size", SIZES)
async def test_the_view_after_the_rate_is_a_strip_of_all_tensors(size):
    app = TrainStage()
    async with app.run_test(size=size) as pilot:
        await on_strip(pilot, app)
        assert app.charts() == []
        assert "update-to-weight ratio" in app.strip_title()
        for name in ("conv1.weight", "conv1.bias", "linear1.weight"):
            assert any(name in line for line in box(app)), name
        assert " to 0.00" in app.strip_title()
        assert "!" in app.strip_foot()
        assert any("1,200" in line for line in box(app))
        await pilot.press("v")
        await until(pilot, lambda: app.focused is app.pane and "loss" not in app.charts()[1:])


async def test_nothing_done_while_it_is_hidden_leaves_it_empty():
    app = TrainStage()
    async with app.run_test(size=(120, 40)) as pilot:
        await on_strip(pilot, app)
        before = box(app)

        async def show_again() -> None:
            app.query_one(Curves).picked = HEALTH
            await until(pilot, lambda: bool(app.strip.content_size))
            await pilot.pause()

        for disturb in (lambda: app.strip.render_line(0), app.strip._paint):
            app.query_one(Curves).picked = "loss"
            await until(pilot, lambda: not app.strip.content_size)
            disturb()
            await show_again()
            assert box(app) == before


async def test_the_next_quantity_is_a_key_away():
    app = TrainStage()
    async with app.run_test(size=(120, 40)) as pilot:
        await on_strip(pilot, app)
        for label in [*list(QUANTITIES.values())[1:], *list(QUANTITIES.values())[:1]]:
            await pilot.press("Y")
            assert label in app.strip_title()


async def test_title_and_legend_name_least_largest_scale_and_unit():
    app = TrainStage()
    async with app.run_test(size=(120, 40)) as pilot:
        await on_strip(pilot, app, ill=dying)
        app.strip.quantity = "silent"
        title = "Health ─ units that never fire, % of units ─ 1.5 % to 61.0 %, scale 0 to 100 %"
        assert app.strip_title() == title
        assert app.strip_foot() == f"0 % {ABOVE} 100 %   ! above 40 %"
        app.strip.quantity = "mean"
        assert app.strip_title().endswith("signed scale")
        assert app.strip_foot().startswith("-0.5") or app.strip_foot().startswith("-0.")


async def test_arrows_read_the_value_of_a_layer_at_an_update():
    app = TrainStage()
    async with app.run_test(size=(120, 40)) as pilot:
        await on_strip(pilot, app)
        await pilot.press("left")
        ratio = value("conv1.weight/ratio", 1200)
        assert app.strip_foot() == f"conv1.weight at update 1,200: {ratio:.6g}"
        await pilot.press("left", "down")
        ratio = value("conv1.bias/ratio", 1100)
        assert app.strip_foot() == f"conv1.bias at update 1,100: {ratio:.6g}"
        assert sum(CURSOR in line for line in box(app)) == app.strip._layout_now.high
        await pilot.press("home", "up", "up", "left")
        assert app.strip_foot().startswith("conv1.weight at update 1:")
        await pilot.press("end")
        assert app.strip_foot().startswith("conv1.weight at update 1,200:")
        await pilot.press("Y")
        assert app.strip_foot().startswith("conv1.weight at update 1,200:")
        await pilot.press("escape")
        assert app.strip_foot().startswith(f"{value('conv1.bias/gradient', 1200):.3g} {ABOVE}")
        assert not any(CURSOR in line for line in box(app))


async def test_the_cursor_stays_on_its_update_while_rows_come():
    app = TrainStage()
    async with app.run_test(size=(80, 24)) as pilot:
        await on_strip(pilot, app)
        await pilot.press("left", "left")
        assert app.strip_foot().startswith("conv1.weight at update 1,100:")
        app.run_to(2600)
        app.pane.look()
        app.pane.draw()
        assert app.strip_foot().startswith("conv1.weight at update 1,100:")
        assert any("2,600" in line for line in box(app))


async def test_the_pointer_reads_and_a_click_stays():
    app = TrainStage()
    async with app.run_test(size=(120, 40)) as pilot:
        await on_strip(pilot, app)
        layout = app.strip._layout_now
        at = layout.left + layout.edges[2] + 1, layout.lines_of(2)[0] + 1
        await pilot.hover(HealthStrip, offset=at)
        await until(pilot, lambda: app.strip_foot().startswith("linear1.weight at update 4:"))
        await pilot.hover("RunLog")
        await until(pilot, lambda: ABOVE in app.strip_foot())
        await pilot.click(HealthStrip, offset=at)
        await pilot.hover("RunLog")
        await until(pilot, lambda: app.strip_foot().startswith("linear1.weight at update 4:"))
        await pilot.click(HealthStrip, offset=at, times=2)
        await until(pilot, lambda: app.explained == ["linear1"])


async def test_what_is_outside_of_a_threshold_is_marked():
    app = TrainStage()
    async with app.run_test(size=(120, 40)) as pilot:
        await on_strip(pilot, app, ill=hot)
        assert cells(app, "conv1.weight").count(OUTSIDE) == 3
        assert OUTSIDE not in cells(app, "conv1.bias")
        await pilot.press("left")
        beyond = "0.25 ! outside: weights above 0.1 or below 1e-5"
        assert app.strip_foot() == f"conv1.weight at update 1,200: {beyond}"


async def test_shades_do_without_colours(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    app = TrainStage()
    async with app.run_test(size=(120, 40)) as pilot:
        await on_strip(pilot, app, ill=dying)
        app.strip.quantity = "silent"
        layout = app.strip._layout_now
        later = app.strip.render_line(layout.lines_of(1)[1])
        assert "▓" in later.text[layout.left :]
        assert len({one.style.color for one in later if one.style is not None}) == 1
        app.strip.quantity = "mean"
        assert {"-", "░"} & set(cells(app, "relu1"))


async def test_colours_tell_what_shades_do_in_both_themes():
    app = TrainStage()
    async with app.run_test(size=(120, 40)) as pilot:
        await on_strip(pilot, app, ill=dying)
        app.strip.quantity = "silent"

        def grounds() -> set[Color | None]:
            layout = app.strip._layout_now
            line = list(app.strip.render_line(layout.lines_of(1)[1]))
            return {one.style.bgcolor for one in line[1:] if one.style is not None}

        dark = grounds()
        assert len(dark) > 1
        app.theme = "textual-light"
        await until(pilot, lambda: grounds() != dark)


async def test_more_layers_than_lines_scroll_with_the_cursor():
    app = TrainStage()
    async with app.run_test(size=(60, 20)) as pilot:
        await on_strip(pilot, app)
        assert any(line.startswith("↓") for line in box(app))
        assert not any("linear2.bias" in line for line in box(app))
        await pilot.press("left", *["down"] * 5)
        assert any("▸ linear2.bias" in line for line in box(app))
        assert any(line.startswith("↑") for line in box(app))
        assert app.strip_foot().startswith("linear2.bias at update 1,200")


@pytest.mark.parametrize("size", SIZES)
async def test_an_empty_strip_says_why(size):
    app = TrainStage()
    async with app.run_test(size=size) as pilot:
        await on_strip(pilot, app, updates=0, health="off")

        def text() -> str:
            return " ".join(line.strip() for line in box(app) if line.strip())

        assert text() == "This run records nothing about its health: its setting health is off."
        app.begin(updates=0)
        app.pane.look()
        app.pane.draw()
        first = "Nothing is recorded yet: the first row comes with the first update."
        await until(pilot, lambda: text() == first)
        app.end(stopped=True)
        await until(pilot, lambda: text().startswith("Nothing was recorded of this run"))


async def test_a_quantity_that_no_layer_has_is_said_to_be_missing():
    layers = (
        {"kind": "conv", "filter": 4, "filters": 4, "stride": 4},
        {"kind": "linear", "units": 10},
    )
    app = TrainStage()
    async with app.run_test(size=(80, 24)) as pilot:
        await on_strip(pilot, app, architecture=layers)  # type: ignore[arg-type]
        app.strip.quantity = "silent"
        assert "no layer of which units that never fire could be recorded; Y" in " ".join(
            line.strip() for line in box(app)
        )
        assert app.strip.refusal("move", (1, 0))


async def test_freezing_holds_the_strip():
    app = TrainStage()
    async with app.run_test(size=(120, 40)) as pilot:
        await on_strip(pilot, app)
        await pilot.press("P")
        await until(pilot, lambda: app.strip_title().startswith("FROZEN"))
        app.run_to(2600)
        app.pane.look()
        app.pane.draw()
        assert not any("2,600" in line for line in box(app))
        await pilot.press("P")
        await until(pilot, lambda: any("2,600" in line for line in box(app)))


def test_the_list_of_warnings_looks_as_it_should(snap_compare):
    app = TrainStage()

    async def show(pilot: Pilot[None]) -> None:
        await on_strip(pilot, app, updates=3120, ill=hot)
        app.state(JobState.PAUSED)
        app.pane.judge()
        await until(pilot, lambda: any("W lists all 2" in line for line in box(app)))
        await pilot.press("W")
        await until(pilot, lambda: isinstance(app.screen, WarningScreen))

    assert snap_compare(app, terminal_size=(80, 24), run_before=show)


async def test_nothing_is_drawn_before_there_is_a_new_row(monkeypatch):
    app = TrainStage()
    async with app.run_test(size=(80, 24)) as pilot:
        await on_strip(pilot, app)
        before = app.strip._picture
        app.run_to(1250)
        app.pane.look()
        app.pane.draw()
        assert app.strip._picture is before
        app.run_to(1300)
        app.pane.look()
        app.pane.draw()
        assert app.strip._picture is not before
        await pilot.press("v")
        before = app.strip._picture
        app.run_to(2000)
        app.pane.look()
        app.pane.draw()
        assert app.strip._picture is before


async def test_the_layer_under_the_cursor_is_explained():
    app = TrainStage()
    async with app.run_test(size=(120, 40)) as pilot:
        await on_strip(pilot, app)
        assert "no layer is under the cursor" in app.strip.refusal("explain", ())
        await pilot.press("left", "down", "down", "enter")
        await until(pilot, lambda: app.explained == ["linear1"])
        app.strip.quantity = "silent"
        await pilot.press("7")
        await until(pilot, lambda: app.explained == ["linear1", "relu1"])


async def test_another_run_takes_the_cursor_off():
    app = TrainStage()
    async with app.run_test(size=(120, 40)) as pilot:
        await on_strip(pilot, app, ill=hot)
        app.pane.judge()
        await until(pilot, lambda: any("W lists all 2" in line for line in box(app)))
        await pilot.press("left")
        app.end()
        app.ill = lambda name, update: None
        app.begin(updates=300)
        app.pane.look()
        app.pane.draw()
        assert app.strip.cell is None
        assert not any("W lists" in line for line in box(app))


async def test_warnings_come_up_in_the_log_once_with_threshold_and_source():
    app = TrainStage()
    async with app.run_test(size=(120, 40)) as pilot:
        app.ill = hot
        app.begin(updates=700)
        app.pane.look()
        app.pane.judge()
        await until(pilot, lambda: app.pane._health.log is not None)
        await app.workers.wait_for_complete()
        assert not any("!" in line for line in app.log_lines())
        assert "no warnings" in app.pane.refusal("warnings", ())
        for updates in (1000, 1100, 1200):
            app.run_to(updates)
            app.pane.judge()
            await app.workers.wait_for_complete()
            await pilot.pause()
        said = [line for line in app.log_lines() if "!" in line]
        assert len(said) == 2
        assert "relu2: 61 % of its units never fire since update 800, at rate" in said[0]
        assert said[0].endswith("(threshold silent: 40 %; cs231n, dead ReLUs); W leads to it")


async def test_the_list_of_warnings_leads_to_the_evidence():
    app = TrainStage()
    async with app.run_test(size=(80, 24)) as pilot:
        app.ill = hot
        app.begin(updates=1200)
        app.pane.look()
        await drawn(pilot)
        app.pane.judge()
        await until(pilot, lambda: app.pane.refusal("warnings", ()) == "")
        await pilot.press("W")
        await until(pilot, lambda: isinstance(app.screen, WarningScreen))
        rows = app.screen.query_one(WarningRows)
        await until(pilot, lambda: app.focused is rows)
        await pilot.press("home")
        text = screen_text(app)
        assert "Threshold" in text
        assert "https://cs231n.github.io/" in text
        at = next(i for i, each in enumerate(rows.warnings) if each.evidence == "relu2")
        await pilot.press(*["down"] * at, "enter")
        await until(pilot, lambda: app.focused is app.strip)
        await until(pilot, lambda: app.strip_foot().startswith("relu2 at update 800: 61.0 %"))
        assert app.strip.quantity == "silent"
        await pilot.press("enter")
        await until(pilot, lambda: app.explained == ["relu2"])


async def test_a_warning_that_is_over_is_still_listed():
    def passing(name: str, update: int) -> float | None:
        return 0.61 if name == "relu2/silent" and 200 <= update <= 600 else None

    app = TrainStage()
    async with app.run_test(size=(80, 24)) as pilot:
        await on_strip(pilot, app, updates=4700, ill=passing)
        app.pane.judge()
        await until(pilot, lambda: any(line.startswith("over: relu2") for line in box(app)))
        await pilot.press("W")
        await until(pilot, lambda: "This is over. relu2" in screen_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: app.focused is app.strip)


async def test_evidence_of_the_curves_is_the_accuracy():
    app = TrainStage()
    async with app.run_test(size=(80, 24)) as pilot:
        app.begin(updates=0)
        app.run_to(700, loss=2.67)
        app.state(JobState.PAUSED)
        app.pane.look()
        await drawn(pilot)
        app.pane.judge()
        await until(pilot, lambda: any("guessing has 10.0 %" in line for line in app.log_lines()))
        await pilot.press("W", "enter")
        await until(pilot, lambda: app.charts() == ["accuracy"])


async def test_evidence_is_at_the_worst_update_and_not_at_the_first():
    def worse(name: str, update: int) -> float | None:
        values = {1000: 0.12, 1100: 0.3}
        return values.get(update) if name == "conv1.weight/ratio" else None

    app = TrainStage()
    async with app.run_test(size=(120, 40)) as pilot:
        await on_strip(pilot, app, ill=worse)
        app.pane.judge()
        await until(pilot, lambda: any("30.0 %" in line for line in app.log_lines()))
        await pilot.press("W", "enter")
        await until(pilot, lambda: "conv1.weight at update 1,100: 0.3" in app.strip_foot())


async def test_thresholds_that_cannot_be_read_are_told_once(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("CONVSOLE_HOME", str(tmp_path))
    (tmp_path / "health.toml").write_text("silent = 7\n")
    app = TrainStage()
    async with app.run_test(size=(80, 24)) as pilot:
        app.begin(updates=300)
        app.pane.look()
        for _ in range(2):
            app.pane.judge()
            await app.workers.wait_for_complete()
            await pilot.pause()
        await until(pilot, lambda: sum("health.toml" in line for line in app.log_lines()) == 1)
        assert app.pane._health.log.thresholds.silent == 0.4


async def test_without_a_run_the_keys_say_so():
    app = TrainStage()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("W", "v")
        assert "no run is shown" in app.pane.refusal("warnings", ())


@pytest.mark.parametrize("updates", [0, 1, 150, 4800])
async def test_any_size_can_be_drawn(updates):
    app = TrainStage()
    async with app.run_test(size=(80, 24)) as pilot:
        await on_strip(pilot, app, updates=updates, ill=hot)
        app.pane.judge()
        for size in [(120, 40), (1, 1), (60, 20), (30, 8), (200, 60), (101, 12), (80, 40)]:
            await pilot.resize_terminal(*size)
            await pilot.press("left", "Y", "down")
            app.run_to(min(4800, updates + size[0]))
            app.state(JobState.RUNNING)
            await pilot.pause()
            assert len({len(line) for line in box(app)}) <= 1


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40)])
def test_a_strip_looks_as_it_should(snap_compare, size):
    app = TrainStage()

    async def show(pilot: Pilot[None]) -> None:
        await on_strip(pilot, app, updates=3120, ill=hot)
        app.state(JobState.PAUSED)
        app.pane.judge()
        await until(
            pilot,
            lambda: (
                str(app.log_lines()).count("leads to it") == 2
                and (size[1] < 24 or any("W lists all 2" in line for line in box(app)))
            ),
        )
        log = app.query_one(RunLog)
        await until(pilot, lambda: log.scroll_y == log.max_scroll_y)
        await pilot.pause(0.3)
        if size == (120, 40):
            await pilot.press("Y")
        else:
            await pilot.press("left", *["left"] * 8)

    assert snap_compare(app, terminal_size=size, run_before=show)

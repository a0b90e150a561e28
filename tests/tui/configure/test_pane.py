"""Tests of the Configure pane by keyboard, in an app with this pane alone."""

import random
import re

import pytest
from textual import events
from textual.content import Content
from textual.pilot import Pilot
from textual.widgets import Input

from core import format as fmt
from core import plan as planning
from core.config import presets
from core.config.experiment import FIELDS
from core.layers.conv import Conv
from core.layers.linear import Linear
from core.layers.pool import Pool
from core.layers.registry import kinds
from tests.tui.configure.made import ARCH_2, ConfigureStage, drawn
from tests.tui.waiting import screen_text, until
from tui.configure.layer_chooser import LayerChooser
from tui.configure.layer_editor import LayerEditor
from tui.configure.layer_table import STYLES
from tui.configure.pane import ConfigurePane
from tui.configure.preset_list import PresetList
from tui.configure.rate_curve import RateCurve
from tui.configure.start_line import StartLine
from tui.widgets.choice import ChoiceList
from tui.widgets.explanation import Explanation
from tui.widgets.field_list import FieldList
from tui.widgets.row_list import RowList
from tui.widgets.undo import NOTHING_DONE, NOTHING_UNDONE

KEYS = {
    " ": "space", "K": "K", "J": "J", "R": "R", "U": "U", ".": "full_stop", "-": "minus",
}  # fmt: skip


def other(name: str) -> object:
    """Return a valid other value of a setting of arch-2."""
    field = next(field for field in FIELDS if field.name == name)
    value = getattr(ARCH_2, name)
    return next(
        stepped
        for stepped in (field.stepped(value, 1), field.stepped(value, -1))
        if stepped != value
    )


# Initial state


async def test_the_first_thing_to_see_is_the_key_that_starts_and_the_data():
    app = ConfigureStage(dataset="synthetic")
    async with app.run_test(size=(120, 40)):
        line = str(app.query_one(StartLine).render())
        assert line.startswith(" g  starts the training of arch-2 on the built-in shapes")
        assert "10,000 training images" in line


async def test_titles_say_what_the_run_amounts_to():
    app = ConfigureStage()
    async with app.run_test(size=(120, 40)):
        assert app.table.border_title == (
            "Architecture ─ 33,050 parameters · 0.06 M multiply-adds an image"
        )
        curve = app.query_one(RateCurve)
        assert str(curve.border_title).endswith("4,800 updates · 9.8 epochs")
        assert re.fullmatch(
            r"about 4\d\d MB of memory with the app and the images", str(curve.border_subtitle)
        )


@pytest.mark.parametrize("width", [70, 80, 100, 120, 200])
async def test_the_memory_is_told_in_every_width_that_has_the_curve(width):
    app = ConfigureStage()
    async with app.run_test(size=(width, 40)):
        curve = app.query_one(RateCurve)
        assert re.search(r"about 4\d\d MB", str(curve.border_subtitle))
        assert "9.8 epochs" in f"{curve.border_title} {curve.border_subtitle}"


async def test_another_data_set_changes_the_epochs():
    app = ConfigureStage()
    async with app.run_test(size=(120, 40)):
        app.pane.dataset = "synthetic"
        assert "48.0 epochs" in app.query_one(RateCurve).border_title


async def test_the_curve_is_drawn_and_follows():
    app = ConfigureStage()
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        plot = app.query_one(RateCurve).query_one("Plot")
        assert list(plot._datasets[0].x) == [1, 801, 1601, 2401, 3201, 4001, 4800]
        await app.go(pilot, "cycles")
        await pilot.press("left")
        assert plot._datasets[0].x[-1] == 3200


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize("rate", [1e-7, 0.1, 0.03, 10.0])
async def test_a_constant_rate_can_be_seen(size, rate):
    app = ConfigureStage(ARCH_2.changed(schedule="constant", eta_max=rate, eta_min=0))
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        canvas = app.query_one("RateCurve #plot")
        dots = [row for row in canvas._buffer if any("\u2800" < char < "\u28ff" for char in row)]
        assert len(dots) == 1


async def test_tab_goes_from_box_to_box():
    app = ConfigureStage()
    async with app.run_test(size=(80, 24)) as pilot:
        boxes = []
        for _ in range(5):
            boxes.append(app.focused.id)
            await pilot.press("tab")
        assert boxes == ["presets", "layers", "settings", "rate", "presets"]
        await pilot.press("shift+tab", "shift+tab")
        assert app.focused.id == "rate"
        assert app.line.startswith("Learning rate: ← →")
        await pilot.press("shift+tab")
        assert app.focused.id == "settings"


async def test_the_rate_of_an_update_is_read_by_pointer_and_keys():
    app = ConfigureStage()
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        curve, schedule = app.query_one(RateCurve), planning.schedule(ARCH_2)

        def told() -> str:
            return Content.from_markup(str(curve.border_subtitle)).plain

        def check() -> None:
            words = told().split()
            update = int(words[1].replace(",", ""))
            rate = fmt.rate(schedule.rate(update - 1))
            assert told() == (
                f"update {update:,} (epoch {update / 490:.1f})   ⠒⠒⠒ learning rate {rate}"
            )

        memory = told()
        await pilot.hover("#rate #plot", offset=(20, 4))
        await until(pilot, lambda: "update" in told())
        check()
        await pilot.hover("#presets")
        await until(pilot, lambda: told() == memory)
        await app.go(pilot, "seed")
        await pilot.press("tab", "right")
        check()
        assert "update 1 " in told()
        await pilot.press("shift+right", "right")
        check()
        await pilot.press("escape")
        assert told() == memory


@pytest.mark.parametrize("box", ["#presets", "#layers", "#settings"])
async def test_single_letters_of_the_app_work_in_every_box(box):
    app = ConfigureStage()
    async with app.run_test() as pilot:
        app.query_one(box).focus()
        await pilot.press("g", "1", "2", "question_mark", "q")
        assert app.noted == "g12?q"
        assert app.told == []


@pytest.mark.parametrize("box", ["#presets", "#layers", "#settings"])
async def test_no_more_than_seven_keys_at_the_bottom_and_each_explains_itself(box):
    app = ConfigureStage()
    async with app.run_test() as pilot:
        app.query_one(box).focus()
        await pilot.pause()
        active = app.screen.active_bindings.values()
        own = [one.binding for one in active if isinstance(one.node, RowList | ConfigurePane)]
        assert 2 <= len({binding.action for binding in own if binding.show}) <= 4
        for binding in own:
            assert binding.id
            assert binding.tooltip
            assert 0 < len(binding.description) < 16


# Presets


async def test_moving_chooses_a_preset_and_undo_brings_the_first_back():
    app = ConfigureStage()
    async with app.run_test() as pilot:
        await pilot.press("down", "j", "end")
        assert app.told == [presets.load(name) for name in ("arch-3", "arch-4", presets.ORDER[-1])]
        assert app.kinds[0] == "conv"
        await pilot.press("u")
        assert app.pane.experiment == app.told[-1] == ARCH_2
        assert app.query_one(PresetList).cursor == 1
        await pilot.press("ctrl+y")
        assert app.pane.experiment.name == presets.ORDER[-1]


async def test_a_changed_experiment_says_so_and_enter_loads_it_afresh():
    app = ConfigureStage()
    async with app.run_test() as pilot:
        await app.go(pilot, "seed")
        await pilot.press("right")
        choice = app.query_one(PresetList)
        assert choice.border_title.endswith("arch-2, changed")
        assert "arch-2 (changed) on" in str(app.query_one(StartLine).render())
        choice.focus()
        await pilot.press("enter")
        assert app.pane.experiment == ARCH_2
        assert choice.border_title.endswith("arch-2")


async def test_an_experiment_of_ones_own_is_offered_and_taken_back():
    own = presets.load("final").changed(name="[b]mine", seed=3)
    app = ConfigureStage()
    async with app.run_test() as pilot:
        app.pane.experiment = own
        assert app.told == [], "what the app sets is no news to it"
        choice = app.query_one(PresetList)
        assert drawn(choice)[0].startswith("▸ [b]mine")
        assert "[b]mine" in choice._border_title.plain
        await pilot.press("down", "up")
        assert app.told == [presets.load("arch-1"), own]
        await pilot.press("u", "u")
        assert app.pane.experiment == ARCH_2


# Settings


async def test_every_setting_is_stepped_typed_reset_and_undone():
    app = ConfigureStage()
    async with app.run_test(size=(80, 24)) as pilot:
        for setting in FIELDS:
            name, wanted = setting.name, other(setting.name)
            up = setting.stepped(getattr(ARCH_2, name), 1) == wanted
            app.told.clear()
            await app.go(pilot, name)
            await pilot.press("right" if up else "left")
            assert getattr(app.pane.experiment, name) == wanted
            assert app.told == [ARCH_2.changed(**{name: wanted})]
            await pilot.press("u")
            assert app.pane.experiment == ARCH_2, name

            await pilot.press("enter")
            if setting.choices:
                chosen = app.screen.query_one(ChoiceList)
                chosen.cursor = setting.choices.index(str(wanted))
            else:
                field = app.settings.query_one(Input)
                assert field.has_focus, name
                field.value = str(wanted)
            await pilot.press("enter")
            assert getattr(app.pane.experiment, name) == wanted
            assert app.settings.has_focus, name
            await pilot.press("z")
            assert app.pane.experiment == ARCH_2, name
            await pilot.press("u")
            assert getattr(app.pane.experiment, name) == wanted
            await pilot.press("u")
            assert app.pane.experiment == ARCH_2, name


async def test_every_setting_has_its_row_under_its_heading():
    app = ConfigureStage()
    async with app.run_test() as pilot:
        for item, field in enumerate(FIELDS):
            app.settings.cursor = item
            lines = drawn(app.settings, 40)
            row = lines[app.settings.line_of(item)]
            assert row[2:].startswith(field.label)
            assert field.show(getattr(ARCH_2, field.name)) in row
            above = [line for line in lines[: app.settings.line_of(item)] if "──" in line]
            assert above[-1].startswith(field.group)
            assert len(row) == 40
        await pilot.pause()


async def test_the_row_with_the_focus_is_marked_by_more_than_colour():
    app = ConfigureStage()
    async with app.run_test() as pilot:
        assert not any("◂" in line for line in drawn(app.settings))
        await app.go(pilot, "eta_max")
        marked = [line for line in drawn(app.settings) if "◂ 0.1 ▸" in line]
        assert len(marked) == 1
        assert "highest rate" in marked[0]


async def test_the_line_below_explains_the_setting():
    app = ConfigureStage()
    async with app.run_test() as pilot:
        await app.go(pilot, "half_cycle")
        assert "Updates from the lowest to the highest rate (1 to 1,000,000, updates)" in app.line
        await pilot.press("down")
        assert app.line.startswith("Number of cycles")


async def test_letters_step_as_arrows_do():
    app = ConfigureStage()
    async with app.run_test() as pilot:
        await app.go(pilot, "half_cycle")
        await pilot.press("l", "l", "h")
        assert [told.half_cycle for told in app.told] == [900, 1000, 900]
        await pilot.press("j")
        assert app.settings.setting.name == "cycles"
        await pilot.press("k", "k")
        assert app.settings.setting.name == "warmup"


async def test_steps_on_one_setting_are_undone_as_one_and_redone():
    app = ConfigureStage()
    async with app.run_test() as pilot:
        await app.go(pilot, "cycles")
        await pilot.press("right", "right", "right", "down", "right")
        await pilot.press("u")
        assert (app.pane.experiment.cycles, app.pane.experiment.growth) == (6, 1.0)
        await pilot.press("u")
        assert app.pane.experiment == ARCH_2
        assert app.pane.refusal("undo", ()) == NOTHING_DONE
        await pilot.press("u")
        assert app.pane.experiment == ARCH_2
        await pilot.press("U", "U")
        assert app.pane.experiment.growth == 1.1
        assert app.pane.refusal("redo", ()) == NOTHING_UNDONE


async def test_keys_that_wait_find_the_value_of_those_before():
    app = ConfigureStage()
    async with app.run_test() as pilot:
        await app.go(pilot, "cycles")
        for key in ["right"] * 7 + ["left"]:
            app.post_message(events.Key(key, None))
        await pilot.pause()
        assert app.pane.experiment.cycles == 9


async def test_a_step_out_of_the_range_is_refused_with_its_reason():
    app = ConfigureStage(ARCH_2.changed(eta_min=0.1))
    async with app.run_test() as pilot:
        await app.go(pilot, "eta_min")
        await pilot.press("right")
        assert app.line.startswith("✗ lowest rate 0.15 is above highest rate 0.1")
        row = drawn(app.settings)[app.settings.line_of(0)]
        assert "✗" in row
        assert app.told == []
        await pilot.press("down")
        assert "✗" not in app.line
        await app.go(pilot, "largest_shift")
        await pilot.press(*["left"] * 4)
        assert app.line == "✗ 0 is the lowest value already"


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("eta_max", "20", "20 is above its range; it goes from 1e-7 to 10"),
        ("eta_max", "abc", "'abc' is not a number"),
        ("cycles", "2.5", "'2.5' is not a whole number"),
        ("eta_min", "0.5", "lowest rate 0.5 is above highest rate 0.1"),
        ("half_cycle", "1,000,001", "1000001 is above its range"),
    ],
)
async def test_a_wrong_value_is_told_beside_the_field_and_never_taken(name, text, reason):
    app = ConfigureStage()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.go(pilot, name)
        await pilot.press("enter")
        app.settings.query_one(Input).value = text
        await pilot.pause()
        at = app.settings.line_of(app.settings.cursor)
        lines = drawn(app.settings, 90)
        assert lines[at].rstrip().endswith("✗")
        assert f"✗ {reason}" in lines[at + 1]
        await pilot.press("enter")
        assert app.settings.typing, "it can be put right where it stands"
        await pilot.press("escape")
        assert not app.settings.typing
        assert app.settings.has_focus
        assert app.pane.experiment == ARCH_2
        assert app.told == []
        assert not any("✗" in line for line in drawn(app.settings, 90))


async def test_a_field_that_is_being_cleared_is_refused_only_when_it_is_taken():
    app = ConfigureStage()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.go(pilot, "shards")
        await pilot.press("enter", "backspace")
        assert not any("✗" in line for line in drawn(app.settings, 90))
        await pilot.press("enter")
        assert any("✗ '' is not a" in line for line in drawn(app.settings, 90))
        assert app.settings.typing


async def test_a_value_that_was_typed_and_left_is_said_to_be_dropped():
    app = ConfigureStage()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.go(pilot, "seed")
        await pilot.press("enter", "7", "escape")
        await pilot.pause()
        assert app.line == "seed stays 0: 7 was not taken"
        await pilot.press("enter", "escape")
        await pilot.pause()
        assert app.line.startswith("Everything random follows")
        assert app.pane.experiment == ARCH_2


async def test_choices_are_offered_as_a_list_and_escape_changes_nothing():
    app = ConfigureStage()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.go(pilot, "schedule")
        await pilot.press("enter", "down", "escape")
        assert app.pane.experiment == ARCH_2
        assert app.settings.has_focus
        await pilot.press("enter", "down", "enter")
        assert app.pane.experiment.schedule == "one-cycle"


async def test_letters_and_numbers_of_the_app_are_typed_into_the_field():
    app = ConfigureStage()
    async with app.run_test() as pilot:
        await app.go(pilot, "seed")
        await pilot.press("enter", "1", "2", "g", "q", "u", "question_mark", "a", "j")
        assert app.settings.query_one(Input).value == "12gqu?aj"
        assert app.noted == ""
        await pilot.press(*["backspace"] * 6, "enter")
        assert app.pane.experiment.seed == 12


async def test_up_and_down_do_not_leave_a_field_half_typed():
    app = ConfigureStage()
    async with app.run_test() as pilot:
        await app.go(pilot, "seed")
        await pilot.press("enter", "7", "down", "up", "pagedown", "enter")
        assert app.pane.experiment.seed == 7
        assert app.settings.setting.name == "seed"


async def test_going_elsewhere_leaves_the_field_as_it_was():
    app = ConfigureStage()
    async with app.run_test() as pilot:
        await app.go(pilot, "seed")
        await pilot.press("enter", "7", "tab")
        assert not app.settings.typing
        assert not app.settings.query_one(Input).display
        assert app.pane.experiment == ARCH_2
        assert app.focused.id == "rate"


async def test_reset_all_goes_back_to_the_preset_and_leaves_the_layers():
    app = ConfigureStage()
    async with app.run_test() as pilot:
        app.table.focus()
        await pilot.press("down", "d")
        layers = app.pane.experiment.architecture
        await app.go(pilot, "seed")
        await pilot.press("right", "up", "right", "Z")
        assert app.pane.experiment == ARCH_2.changed(architecture=layers)


async def test_what_differs_from_the_preset_is_marked():
    app = ConfigureStage()
    async with app.run_test() as pilot:
        await app.go(pilot, "cycles")
        await pilot.press("right")
        assert [line[2:8] for line in drawn(app.settings) if line[0] == "•"] == ["cycles"]


async def test_settings_without_effect_say_so():
    app = ConfigureStage()
    async with app.run_test() as pilot:
        await app.go(pilot, "copies")
        row = drawn(app.settings)[app.settings.line_of(app.settings.cursor)]
        assert row.rstrip().endswith("unused")
        assert app.line.endswith("no effect without augmentation · --set copies")
        await pilot.press("up", "right", "down")
        row = drawn(app.settings)[app.settings.line_of(app.settings.cursor)]
        assert row.rstrip().endswith("images")


async def test_a_click_takes_the_cursor_there():
    app = ConfigureStage()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.click("#settings Rows", offset=(5, app.settings.line_of(3)))
        assert app.settings.cursor == 3
        assert app.settings.has_focus


# Layers


async def test_the_table_shows_every_layer_and_dims_the_implied_one():
    app = ConfigureStage()
    async with app.run_test(size=(120, 40)):
        lines = [line.split() for line in drawn(app.table, 76)]
        assert lines[0][-3:] == ["10", "490", "30,720"]
        assert lines[2] == ["(flatten)", "640"]
        assert [line[0] for line in lines if len(line) > 2] == ["1", "2", "3", "4", "5"]
        implied, real = app.table.lines(76)[2], app.table.lines(76)[3]
        assert implied.spans != real.spans


@pytest.mark.parametrize("name", presets.ORDER)
async def test_the_table_fits_its_width_and_cuts_no_number(name):
    app = ConfigureStage(presets.load(name))
    async with app.run_test():
        for width in (120, 76, 54, 40, 34, 20):
            lines = [app.table.header(width).plain, *drawn(app.table, width)]
            assert {len(line) for line in lines} == {width}
            if width >= 54:
                assert not any("…" in line for line in lines), width
                assert "adds" in lines[0] or "params" in lines[0], width


async def test_the_widest_style_names_every_column():
    assert STYLES[0].heads == ("output", "parameters", "multiply-adds")
    app = ConfigureStage()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert app.table.header(app.table.content_size.width).plain.split() == [
            "#", "layer", "output", "params", "mult-adds",
        ]  # fmt: skip


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_pixels_that_no_patch_reaches_are_told_in_sight(size):
    app = ConfigureStage(ARCH_2.changed(architecture="5x5/10/50"))
    hint = "the last 2 rows and columns of its input are never seen"

    def seen() -> str:
        return " ".join(screen_text(app).replace("\n", "").replace("│", " ").split())

    async with app.run_test(size=size) as pilot:
        app.table.focus()
        await until(pilot, lambda: f"! {hint}" in seen())
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, LayerEditor) and hint in app.line)
        words = app.screen.query_one(Explanation)
        await until(pilot, lambda: words.region.height > 0)
        lines = words.content.plain.splitlines()
        needed = sum(-(-len(line) // words.content_size.width) for line in lines)
        assert needed <= words.content_size.height


async def test_a_layer_is_added_below_the_cursor_with_numbers_that_fit():
    app = ConfigureStage()
    async with app.run_test() as pilot:
        app.table.focus()
        await pilot.press("a")
        assert isinstance(app.screen, LayerChooser)
        await pilot.press(*["down"] * list(kinds()).index("pool"), "enter")
        assert app.kinds == ["conv", "pool", "relu", "linear", "relu", "linear"]
        assert app.pane.experiment.architecture[1] == Pool()
        assert app.table.cursor == 1
        assert len(app.told) == 1
        await pilot.press("u")
        assert app.pane.experiment == ARCH_2


async def test_adding_can_be_thought_better_of():
    app = ConfigureStage()
    async with app.run_test() as pilot:
        app.table.focus()
        await pilot.press("a", "escape")
        assert not isinstance(app.screen, LayerChooser)
        assert app.told == []
        assert app.table.has_focus


async def test_a_layer_is_deleted_and_brought_back():
    app = ConfigureStage()
    async with app.run_test() as pilot:
        app.table.focus()
        await pilot.press("down", "d")
        assert app.kinds == ["conv", "linear", "relu", "linear"]
        await pilot.press("u")
        assert app.pane.experiment == ARCH_2


async def test_a_layer_is_moved_and_the_cursor_goes_along():
    app = ConfigureStage()
    async with app.run_test() as pilot:
        app.table.focus()
        await pilot.press("J")
        assert app.kinds == ["relu", "conv", "linear", "relu", "linear"]
        assert app.table.cursor == 1
        await pilot.press("K")
        assert app.pane.experiment == ARCH_2
        assert app.table.cursor == 0
        await pilot.press("K")
        assert app.pane.experiment == ARCH_2
        assert len(app.told) == 2


async def test_the_cursor_steps_over_the_implied_layer():
    app = ConfigureStage()
    async with app.run_test() as pilot:
        app.table.focus()
        await pilot.press("down", "down")
        assert app.line.startswith("Layer 3, linear 50: fully connected")
        assert "32,050 parameters" in app.line
        assert drawn(app.table)[3].startswith("3▸linear 50")


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        (["end", "d"], "the last layer must be linear with 10 units"),
        (["end", "K"], "the last layer must be linear with 10 units"),
        (["down", "down", "a", "enter"], "layer 4 (conv 3x3, 16 filters, +1): "),
        (["end", "a", *["down"] * list(kinds()).index("relu"), "enter"], "layer 6 (relu)"),
    ],
)
async def test_an_impossible_network_is_refused_with_the_layer(keys, reason):
    app = ConfigureStage()
    async with app.run_test() as pilot:
        app.table.focus()
        await pilot.press(*keys)
        assert app.line.startswith("✗ layer")
        assert reason in app.line
        assert app.told == []
        assert app.pane.experiment == ARCH_2


async def test_the_last_layer_of_all_stays():
    app = ConfigureStage(ARCH_2.changed(architecture=(Linear(units=10),)))
    async with app.run_test() as pilot:
        app.table.focus()
        await pilot.press("d")
        assert app.line.startswith("✗ it has 0 ")
        assert app.kinds == ["linear"]


async def test_the_numbers_of_a_layer_are_edited_and_undone_as_one():
    app = ConfigureStage()
    async with app.run_test() as pilot:
        app.table.focus()
        await pilot.press("enter")
        assert isinstance(app.screen, LayerEditor)
        await pilot.press("right", "down", "enter", "2", "0", "enter")
        conv = app.pane.experiment.architecture[0]
        assert conv == Conv(filter=5, filters=20, stride=4)
        assert "Output 7 x 7 x 20; 1,520 parameters" in app.line
        await pilot.press("u")
        assert app.pane.experiment.architecture[0].filters == 10
        await pilot.press("U", "escape")
        assert app.pane.experiment.architecture[0] == conv
        assert app.table.has_focus
        await pilot.press("u")
        assert app.pane.experiment == ARCH_2


async def test_two_visits_to_a_layer_are_undone_apart():
    app = ConfigureStage()
    async with app.run_test() as pilot:
        app.table.focus()
        await pilot.press("enter", "right", "escape", "enter", "right", "escape", "u")
        assert app.pane.experiment.architecture[0].filter == 5


async def test_the_numbers_of_a_layer_are_reset_to_what_they_were():
    app = ConfigureStage()
    async with app.run_test() as pilot:
        app.table.focus()
        await pilot.press("enter", "right", "down", "right", "Z", "escape")
        assert app.pane.experiment == ARCH_2


async def test_the_only_number_of_a_layer_is_typed_at_once():
    app = ConfigureStage()
    async with app.run_test() as pilot:
        app.table.focus()
        await pilot.press("down", "down", "enter", "6", "0", "enter", "escape")
        assert app.pane.experiment.architecture[2].units == 60


async def test_numbers_that_do_not_fit_are_refused_in_the_editor():
    app = ConfigureStage()
    async with app.run_test() as pilot:
        app.table.focus()
        await pilot.press("enter", "enter", "4", "0")
        fields = app.screen.query_one(FieldList)
        assert "✗ layer 1 (conv 40x40" in drawn(fields, 90)[1]
        await pilot.press("enter", "escape", "escape")
        assert app.pane.experiment == ARCH_2
        await pilot.press("end", "enter", "escape", "right")
        assert "the last layer must be linear with 10 units" in app.line
        assert app.pane.experiment == ARCH_2


async def test_a_layer_without_numbers_says_so():
    app = ConfigureStage()
    async with app.run_test() as pilot:
        app.table.focus()
        await pilot.press("down", "enter")
        assert app.line == (
            "✗ a relu layer has no numbers of its own; each output is max(input, 0)"
        )
        assert not isinstance(app.screen, LayerEditor)


async def test_the_presets_layers_come_back():
    app = ConfigureStage(ARCH_2)
    async with app.run_test() as pilot:
        await app.go(pilot, "seed")
        await pilot.press("right")
        app.table.focus()
        await pilot.press("down", "d", "Z")
        assert app.pane.experiment == ARCH_2.changed(seed=1)


async def test_a_network_from_elsewhere_that_is_impossible_is_told():
    app = ConfigureStage()
    async with app.run_test() as pilot:
        broken = ARCH_2.changed(name="broken", architecture="40x40/3/5")
        app.pane.experiment = broken
        await pilot.pause()
        assert app.line.startswith("✗ layer 1 (conv 40x40")
        assert "impossible" in app.table.border_title
        await pilot.press("tab", "down", "d", "enter", "tab", "right", "u", "shift+tab", "u")


# Robustness


@pytest.mark.parametrize("seed", range(3))
async def test_a_hundred_keys_at_random_raise_nothing_and_leave_it_valid(seed):
    """`torture.keys` presses a thousand."""
    rng = random.Random(seed)
    names = [
        *["up", "down", "left", "right", "enter", "tab"] * 4,
        *["escape", "shift+tab", "pagedown", "pageup", "home", "end", "backspace", "delete"] * 2,
        *"adhjklrRuUKJ0123456789.e-",
        "ctrl+y",
    ]
    app = ConfigureStage()
    async with app.run_test(size=(80, 24)) as pilot:
        for press in range(100):
            name = rng.choice(names)
            character = name if len(name) == 1 else None
            app.post_message(events.Key(KEYS.get(name, name), character))
            if press % 7 == 0:
                await pilot.pause()
        await pilot.pause()
        planning.plan(app.pane.experiment)
        assert app.told
        assert app.told[-1] == app.pane.experiment


async def test_any_size_raises_nothing_and_cuts_no_row():
    app = ConfigureStage(presets.load("lenet"))
    async with app.run_test(size=(80, 24)) as pilot:
        assert len(app.query(RowList)) == 3
        for size in [(120, 40), (80, 24), (1, 1), (30, 5), (60, 20), (200, 60), (1, 40), (120, 1)]:
            await pilot.resize_terminal(*size)
            await pilot.pause()
            if size >= (60, 20) and size[1] >= 20:
                for rows in app.query(RowList):
                    width = rows.query_one("Rows").size.width
                    assert all(line.cell_length <= width for line in rows.lines(width))
                    assert app.screen.region.contains_region(rows.region)


async def test_the_last_row_can_be_reached_and_seen():
    app = ConfigureStage(presets.load("lenet"))
    async with app.run_test(size=(80, 24)) as pilot:
        for rows in app.query(RowList):
            rows.focus()
            await pilot.press("end")
            await pilot.pause()
            line = rows.line_of(rows.count() - 1)
            body = rows.query_one("Rows").region
            assert rows.content_region.contains(body.x, body.y + line)
            await pilot.press("home")
            await pilot.pause()
            assert rows.scroll_offset.y == 0


# Appearance


async def test_the_presets_are_never_cut_short():
    """A name cut short could denote another network: 4x4/10/100 and 4x4/10/10."""
    app = ConfigureStage()
    async with app.run_test(size=(80, 24)):
        listed = app.query_one(PresetList)
        for width in (22, 30, 42):
            for line, (name, short, length) in zip(
                drawn(listed, width), app.pane._draft.entries, strict=True
            ):
                told = [name, short, length] if width == 42 else [name, short]
                assert line.lstrip("▸").split() == " ".join(told).split()


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_first_sight(snap_compare, size):
    assert snap_compare(ConfigureStage(), terminal_size=size, run_before=settle)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_a_refusal(snap_compare, size):
    keys = ["tab", "down", "d", "tab", "down", "down", "right", "shift+tab", "end", "d"]
    assert snap_compare(ConfigureStage(), terminal_size=size, press=keys, run_before=settle)


async def settle(pilot: Pilot[None]) -> None:
    """Wait until the curve is drawn."""

    def drawn() -> bool:
        sheets = pilot.app.query("RateCurve #plot")
        return any(
            "\u2800" < char < "\u28ff" for sheet in sheets for row in sheet._buffer for char in row
        )

    await until(pilot, drawn)
    await pilot.pause()


async def test_an_app_that_ends_while_the_curve_is_fetched_ends_quietly():
    app = ConfigureStage()
    async with app.run_test(size=(120, 40)):
        from tui.widgets.plot import Plot

        app.query_one(RateCurve).mount(Plot())
        app.exit()
    assert app.return_code == 0
    assert not app.is_running


async def test_a_terminal_without_colours(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    app = ConfigureStage()
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("tab", "down", "tab", "right", "enter", "9", "9")
        await pilot.pause()
        assert app.settings.typing


@pytest.mark.parametrize("theme", ["textual-light", "textual-dark"])
async def test_the_curve_takes_the_colours_of_another_theme(theme):
    app = ConfigureStage()
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        app.theme = theme
        await pilot.pause()
        plot = app.query_one("RateCurve Plot")
        wanted = app.query_one(RateCurve).get_component_rich_style("chart--training")
        assert plot._datasets[0].line_style == str(wanted)
        assert len(plot._datasets) == 1


async def test_an_editor_without_a_change_says_that_there_is_nothing_to_take_back():
    app = ConfigureStage()
    async with app.run_test(size=(120, 40)) as pilot:
        app.query_one("#layers").focus()
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, LayerEditor))
        assert app.screen.refusal("undo", ()) == NOTHING_DONE
        await pilot.press("right")
        await until(pilot, lambda: app.screen.refusal("undo", ()) == "")
        await pilot.press("u")
        await until(pilot, lambda: app.screen.refusal("redo", ()) == "")
